import type { SandboxClock } from '../../world/clock.ts';
import type { Random } from '../../world/random.ts';
import type { ObjectStore } from '../store.ts';

/** What the handlers of the API server share. */
export interface ApiContext {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  readonly random: Random;
}
