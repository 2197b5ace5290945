import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { caseSchema, type SimulationCase } from '../../simulation/case.ts';
import { generateCase } from '../../simulation/generate/generate.ts';
import { shrink } from '../../simulation/shrink/shrink.ts';

/** A case with something of everything, of which a property decides whether it fails. */
const SEEDS = [3, 4, 5, 6, 7, 8];
const groupOf = ({ scenario }: SimulationCase) => scenario.clusters[0]?.groups[0];

const smallest = (
  given: SimulationCase,
  fails: (given: SimulationCase) => boolean,
  most = Number.POSITIVE_INFINITY,
) => {
  let tried = 0;
  return shrink(given, {
    isBroken: async (each) => {
      tried += 1;
      return fails(caseSchema.parse(each));
    },
    atATime: 2,
    isOver: () => tried >= most,
  });
};

describe('a case that fails, shrunk', () => {
  for (const seed of SEEDS) {
    const given = {
      ...generateCase(seed, 'chaos'),
      strikes: [
        { seam: 'aws' as const, number: 1, mode: 'late' as const },
        { seam: 'aws' as const, number: 2, mode: 'twice' as const },
      ],
    };

    it(`is a world of one node in one zone when nothing else is needed: seed ${seed}`, async () => {
      const small = await smallest(given, () => true);
      assert.deepEqual(
        [small.strikes, small.interventions, small.scenario.faults, small.scenario.actors],
        [[], [], [], []],
      );
      assert.equal(small.lambdaClockBehindSeconds, 0);
      assert.equal(small.runs.length, 1);
      assert.deepEqual(small.scenario.clusters[0]?.workloads, []);
      assert.deepEqual([groupOf(small)?.desiredCapacity, groupOf(small)?.zones], [1, ['eu-west-1a']]);
    });

    it(`keeps what it needs to fail, and nothing else: seed ${seed}`, async () => {
      const small = await smallest(
        given,
        ({ strikes, scenario }) =>
          strikes.some(({ mode }) => mode === 'twice') && (scenario.clusters[0]?.workloads ?? []).length > 0,
      );
      assert.deepEqual(small.strikes, [{ seam: 'aws', number: 2, mode: 'twice' }]);
      assert.equal(small.scenario.clusters[0]?.workloads?.length, 1);
    });
  }

  it('stays as it is when nothing simpler fails', async () => {
    const given = generateCase(9, 'chaos');
    assert.deepEqual(await smallest(given, () => false), given);
  });

  it('is what was found so far when the time is over', async () => {
    const given = generateCase(9, 'chaos');
    const tried: SimulationCase[] = [];
    const small = await smallest(given, (each) => tried.push(each) > 0, 1);
    assert.notDeepEqual(small, given);
    assert.ok(tried.length <= 4, `${tried.length}`);
  });
});
