import type { CaseRun } from '../case.ts';
import type { WorldKind } from './scenario.ts';

/** What kind of cases a profile has. */
export interface Profile {
  readonly world: WorldKind;
  readonly machine: CaseRun['machine'];
  readonly engine: 'workflow' | 'eks';
}

const ONE_GROUP: WorldKind = { groups: 1, mostNodes: 9, managed: 0.15, blocking: 0 };

/** The profiles by name. */
export const PROFILES = {
  calm: { world: ONE_GROUP, machine: 'nodegroup', engine: 'workflow' },
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];
