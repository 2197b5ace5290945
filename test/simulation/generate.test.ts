import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { caseSchema, INTERVENTION_KINDS, type SimulationCase, STRIKE_MODES } from '../../simulation/case.ts';
import { generateCase } from '../../simulation/generate/generate.ts';
import { PROFILE_NAMES } from '../../simulation/generate/profiles.ts';

const SEEDS = 40;
const casesOf = (profile: (typeof PROFILE_NAMES)[number]) =>
  Array.from({ length: SEEDS }, (_, index) => generateCase(index, profile));
const kinds = (cases: readonly SimulationCase[], key: 'faults' | 'actors') =>
  cases.flatMap(({ scenario }) => (scenario[key] ?? []).map(({ kind }) => kind));

describe('a case of the simulator', () => {
  for (const profile of PROFILE_NAMES)
    it(`is plain JSON, the same for the same seed, and another one for another: ${profile}`, () => {
      const cases = casesOf(profile);
      for (const [seed, given] of cases.entries()) {
        assert.deepEqual(caseSchema.parse(JSON.parse(JSON.stringify(given))), given);
        assert.deepEqual(generateCase(seed, profile), given);
      }
      assert.equal(new Set(cases.map((given) => JSON.stringify(given.scenario.clusters))).size, SEEDS);
    });

  it('has nothing go wrong in a calm world', () => {
    for (const { scenario, strikes, interventions, runs } of casesOf('calm'))
      assert.deepEqual([scenario.faults, scenario.actors, strikes, interventions, runs.length], [[], [], [], [], 1]);
  });

  it('has every way to strike, and everything that operators do, in some world', () => {
    const cases = PROFILE_NAMES.flatMap(casesOf);
    const strikes = new Set(cases.flatMap(({ strikes: each }) => each.map(({ mode }) => mode)));
    const interventions = new Set(cases.flatMap(({ interventions: each }) => each.map(({ kind }) => kind)));
    assert.deepEqual([...strikes].sort(), [...STRIKE_MODES].sort());
    assert.deepEqual([...interventions].sort(), [...INTERVENTION_KINDS].sort());
  });

  it('has faults and other people of at least 30 kinds in some world', () => {
    const cases = PROFILE_NAMES.flatMap(casesOf);
    const found = new Set([...kinds(cases, 'faults'), ...kinds(cases, 'actors')]);
    assert.ok(found.size >= 30, [...found].sort().join(', '));
  });

  it('heals every world within a day, and no spell outlasts that', () => {
    for (const { healthyAfterSeconds, scenario } of PROFILE_NAMES.flatMap(casesOf)) {
      assert.ok(healthyAfterSeconds <= 86_400);
      for (const fault of scenario.faults ?? []) {
        const { untilSeconds = 0 } = fault as { untilSeconds?: number };
        assert.ok(untilSeconds <= healthyAfterSeconds, JSON.stringify(fault));
      }
    }
  });
});
