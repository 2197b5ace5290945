import type { ScenarioInput } from 'eks-sandbox/scenario';
import { type CaseRun, caseSchema, type SimulationCase } from '../case.ts';
import { deeds } from './actors.ts';
import { type Choices, createChoices } from './choices.ts';
import { faults } from './faults.ts';
import { clusterInput, eksInput, groupInput } from './input.ts';
import { interventions } from './interventions.ts';
import { PROFILE_NAMES, PROFILES, type Profile, type ProfileName } from './profiles.ts';
import { REFERENCE_NAMES, type ReferenceName, struckReference } from './references.ts';
import { type Group, scenario } from './scenario.ts';
import { situation } from './situations.ts';
import { strikes } from './strikes.ts';
import { spell, type TroubledWorld } from './troubled-world.ts';

/** How long a world in which something goes wrong stays troubled: about as long as a run of it takes. */
const troubledSeconds = (nodes: number): number => Math.min(900, 240 + 90 * nodes);
const ALARM = 'errors';
const MOST_SKEW_SECONDS = 300;

function inputOf(choices: Choices, { machine, engine }: Profile, group: Group): CaseRun['input'] {
  if (machine === 'cluster') return clusterInput(choices);
  return engine === 'eks' ? eksInput(choices, group) : groupInput(choices, group);
}

/** One run; or two, in the same millisecond or one after the other. */
function runs(choices: Choices, profile: Profile, groups: readonly Group[]): CaseRun[] {
  const { machine } = profile;
  const input = inputOf(choices.of('input'), profile, groups[0] as Group);
  const first: CaseRun = { atSeconds: 1, machine, input, name: 'first' };
  if (!choices.chance(profile.secondRun)) return [first];
  const other = choices.chance(0.5) ? input : inputOf(choices.of('second input'), profile, groups[0] as Group);
  return [
    first,
    { ...first, atSeconds: choices.chance(0.5) ? 1 : choices.between(2, 600), input: other, name: 'second' },
  ];
}

/** An alarm that rings for a while. */
const alarm = (choices: Choices, world: TroubledWorld) => {
  const { fromSeconds, untilSeconds } = spell(choices, world);
  return {
    name: ALARM,
    changes: [
      { atSeconds: fromSeconds, state: 'ALARM' as const },
      { atSeconds: untilSeconds, state: 'OK' as const },
    ],
  };
};

/** From the moment at which the slowest pod has stopped until a drain may be over. */
const SPARE_SECONDS = 30;

/** Give drains the time that the slowest pod of a world takes to stop: with less no run can ever succeed. */
function withTime(input: CaseRun['input'], { clusters }: ScenarioInput): CaseRun['input'] {
  const { drainTimeoutSeconds } = input;
  if (typeof drainTimeoutSeconds !== 'number') return input;
  const slowest = clusters.flatMap(({ workloads = [] }) =>
    workloads.map((each) => ('terminationSeconds' in each ? (each.terminationSeconds ?? 0) : 0)),
  );
  return {
    ...input,
    drainTimeoutSeconds: Math.max(drainTimeoutSeconds, ...slowest.map((each) => each + SPARE_SECONDS)),
  };
}

/** The kinds of cases that there are; those of random worlds come first. */
export const CASE_KINDS = [...PROFILE_NAMES, ...REFERENCE_NAMES] as const;
export type CaseKind = (typeof CASE_KINDS)[number];

const isReference = (kind: CaseKind): kind is ReferenceName => REFERENCE_NAMES.some((name) => name === kind);

/** Make the case of a seed: the same for the same seed and kind. */
export const generateCase = (seed: number, kind: CaseKind): SimulationCase =>
  isReference(kind) ? struckReference(kind, seed) : randomCase(seed, kind);

/** Make a random world, and what happens to it. */
function randomCase(seed: number, profileName: ProfileName): SimulationCase {
  const profile: Profile = PROFILES[profileName];
  const choices = createChoices(seed).of(profileName);
  const calm = scenario(choices.of('world'), seed, profile.world);
  const groups = calm.clusters[0]?.groups ?? [];
  const nodes = groups.reduce((sum, { desiredCapacity }) => sum + desiredCapacity, 0);
  const isTroubled = profile !== PROFILES.calm && !profile.isPointed;
  const healthyAfterSeconds = isTroubled ? troubledSeconds(nodes) : 0;
  const world = { groups, healthyAfterSeconds };
  const done = deeds(choices.of('deeds'), profile.actors, world);
  const skew = choices.of('skew');
  const ofAlarm = choices.of('alarm');
  const alarms = profile.operators[1] > 0 && ofAlarm.chance(0.15) ? [alarm(ofAlarm, world)] : [];
  const watched = alarms.length > 0 ? { alarms: [ALARM] } : {};
  const started = runs(choices.of('runs'), profile, groups);
  const pointed = profile.isPointed
    ? situation(choices.of('pointed'), groups[0] as Group, started[0] as CaseRun)
    : undefined;
  return caseSchema.parse({
    seed,
    profile: profileName,
    scenario: {
      ...calm,
      faults: [...faults(choices.of('faults'), profile.faults, world), ...done.faults, ...(pointed?.faults ?? [])],
      actors: done.actors,
      alarms,
    },
    runs: (pointed?.runs ?? started).map((run) => ({ ...run, input: withTime({ ...run.input, ...watched }, calm) })),
    strikes: pointed?.strikes ?? strikes(choices.of('strikes'), profile.strikes),
    interventions: pointed?.interventions ?? interventions(choices.of('interventions'), profile.operators, world),
    lambdaClockBehindSeconds: skew.chance(profile.skew) ? skew.between(-MOST_SKEW_SECONDS, MOST_SKEW_SECONDS) : 0,
    healthyAfterSeconds: pointed?.healthyAfterSeconds ?? healthyAfterSeconds,
  });
}
