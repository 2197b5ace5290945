import type { StoreEvent } from './store.ts';

/** The recent changes of one resource, for watches that start from a version. */
export interface EventLog {
  append(event: StoreEvent): void;
  /** Changes after a version, oldest first; `undefined` when some of them are no longer kept. */
  since(resourceVersion: number): readonly StoreEvent[] | undefined;
}

/** Create a log that keeps at least the last `capacity` changes. */
export function createEventLog(capacity: number): EventLog {
  let events: StoreEvent[] = [];
  let droppedThrough = 0;

  const indexAfter = (resourceVersion: number) => {
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((events[middle]?.resourceVersion ?? 0) <= resourceVersion) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    append(event) {
      events.push(event);
      // Dropping a quarter at a time keeps appending O(1).
      if (events.length < capacity * 1.25) return;
      const dropped = events.length - capacity;
      droppedThrough = events[dropped - 1]?.resourceVersion ?? droppedThrough;
      events = events.slice(dropped);
    },
    since: (resourceVersion) =>
      resourceVersion < droppedThrough ? undefined : events.slice(indexAfter(resourceVersion)),
  };
}
