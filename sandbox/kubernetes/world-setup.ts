import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import { createEventRecorder, type EventRecorder } from './event-recorder.ts';
import type { ObjectStore } from './store.ts';

/** Clock, store and events of a cluster whose world can be set up in the past. */
export interface WorldSetup {
  readonly clock: SandboxClock;
  readonly store: ObjectStore;
  readonly events: EventRecorder;
  /** True while the world is set up: nothing takes time, and nothing is recorded. */
  isInstant(): boolean;
  /** Do something as if it were so many seconds ago. */
  inThePast(seconds: number, work: () => void): void;
}

export function createWorldSetup(
  { clock: worldClock, store: worldStore }: { clock: SandboxClock; store: ObjectStore },
  random: Random,
): WorldSetup {
  /** While the world is set up the loops live in the past and nothing takes time; 0 afterwards. */
  let ageSeconds = 0;
  const isInstant = () => ageSeconds > 0;
  const clock: SandboxClock = { ...worldClock, now: () => worldClock.now() - ageSeconds * 1000 };
  const store: ObjectStore = {
    ...worldStore,
    create: (resource, object) =>
      worldStore.create(
        resource,
        isInstant()
          ? { ...object, metadata: { ...object.metadata, creationTimestamp: isoSeconds(clock.now()) } }
          : object,
      ),
  };
  const recorder = createEventRecorder({ clock, store, random });

  return {
    clock,
    store,
    events: {
      record: (object, event) => {
        if (!isInstant()) recorder.record(object, event);
      },
    },
    isInstant,
    inThePast(seconds, work) {
      ageSeconds = seconds;
      try {
        work();
      } finally {
        ageSeconds = 0;
      }
    },
  };
}
