import type { CaseRun } from '../case.ts';
import type { WorldKind } from './scenario.ts';

/** Least and most. */
export type Range = readonly [least: number, most: number];

/** What kind of cases a profile has: what happens to the world, and how often. */
export interface Profile {
  readonly world: WorldKind;
  readonly machine: CaseRun['machine'];
  readonly engine: 'workflow' | 'eks';
  /** Spells and single faults of AWS, of Kubernetes and of functions. */
  readonly faults: Range;
  /** Calls and requests that are struck. */
  readonly strikes: Range;
  /** What other people and programs do. */
  readonly actors: Range;
  /** What operators do to the run and to executions of nodes. */
  readonly operators: Range;
  /** Probability of a second run on the same group. */
  readonly secondRun: number;
  /** Probability that the clocks of functions and cluster differ. */
  readonly skew: number;
  /** One situation that chance rarely makes, and nothing else. */
  readonly isPointed?: boolean;
}

const ONE_GROUP: WorldKind = { groups: 1, mostNodes: 9, managed: 0.15, blocking: 0.15 };
const NOTHING: Range = [0, 0];

const CALM: Profile = {
  world: { ...ONE_GROUP, blocking: 0 },
  machine: 'nodegroup',
  engine: 'workflow',
  faults: NOTHING,
  strikes: NOTHING,
  actors: NOTHING,
  operators: NOTHING,
  secondRun: 0,
  skew: 0,
};

/** The profiles by name. */
export const PROFILES = {
  calm: CALM,
  faults: { ...CALM, world: ONE_GROUP, faults: [1, 3], strikes: [0, 3], skew: 0.3 },
  others: { ...CALM, world: ONE_GROUP, actors: [1, 4] },
  operators: { ...CALM, world: ONE_GROUP, operators: [1, 3], secondRun: 0.3, strikes: [0, 1] },
  eks: {
    ...CALM,
    world: { groups: 1, mostNodes: 5, managed: 1, blocking: 0.3 },
    engine: 'eks',
    faults: [0, 2],
    strikes: [0, 2],
    actors: [0, 1],
    operators: [0, 1],
    skew: 0.2,
  },
  cluster: {
    ...CALM,
    world: { groups: 3, mostNodes: 3, managed: 0.3, blocking: 0.1 },
    machine: 'cluster',
    faults: [0, 2],
    strikes: [0, 2],
    actors: [0, 1],
    operators: [0, 1],
  },
  chaos: {
    ...CALM,
    world: ONE_GROUP,
    faults: [0, 3],
    strikes: [0, 3],
    actors: [0, 3],
    operators: [0, 2],
    secondRun: 0.2,
    skew: 0.3,
  },
  pointed: { ...CALM, isPointed: true },
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];
