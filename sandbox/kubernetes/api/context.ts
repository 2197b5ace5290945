import type { SandboxClock } from '../../world/clock.ts';
import type { Random } from '../../world/random.ts';
import type { ObjectStore } from '../store.ts';
import type { AdmitEviction } from './eviction-admission.ts';
import type { WatchCache } from './watch-cache.ts';

/** What the handlers of the API server share. */
export interface ApiContext {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  readonly random: Random;
  /** Answers lists with `resourceVersion=0`; absent: it is as fresh as the store. */
  readonly watchCache?: WatchCache | undefined;
  /** Absent: nobody objects to an eviction. */
  readonly admitEviction?: AdmitEviction | undefined;
}
