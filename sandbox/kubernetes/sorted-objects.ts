import type { KubernetesObject } from './objects.ts';

/** Objects by key, listed in key order. Writes are O(1); the first `list` after a write is O(n). */
export interface SortedObjects {
  get(key: string): KubernetesObject | undefined;
  set(key: string, object: KubernetesObject): void;
  delete(key: string): void;
  /** In key order; the array is never changed afterwards. */
  list(): readonly KubernetesObject[];
}

interface Entry {
  readonly key: string;
  object: KubernetesObject;
  isGone: boolean;
}

/** Key of an object within its resource, ordered as etcd orders it. */
export const objectKey = (namespace: string | undefined, name: string): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

const byKey = (left: Entry, right: Entry) => (left.key < right.key ? -1 : 1);

/** Merge two sorted runs; entries that are gone are left out. */
function mergeLive(left: readonly Entry[], right: readonly Entry[]): Entry[] {
  const merged: Entry[] = [];
  let leftIndex = 0;
  let rightIndex = 0;
  while (leftIndex < left.length || rightIndex < right.length) {
    const leftEntry = left[leftIndex];
    const rightEntry = right[rightIndex];
    const takesLeft = rightEntry === undefined || (leftEntry !== undefined && leftEntry.key < rightEntry.key);
    const entry = (takesLeft ? leftEntry : rightEntry) as Entry;
    if (takesLeft) leftIndex += 1;
    else rightIndex += 1;
    if (!entry.isGone) merged.push(entry);
  }
  return merged;
}

/** Create an empty collection. */
export function createSortedObjects(): SortedObjects {
  const entries = new Map<string, Entry>();
  let sorted: Entry[] = [];
  let added: Entry[] = [];
  let gone = 0;
  let listed: readonly KubernetesObject[] | undefined = [];

  const compact = () => {
    sorted = mergeLive(sorted, added.sort(byKey));
    added = [];
    gone = 0;
  };

  return {
    get: (key) => entries.get(key)?.object,
    set(key, object) {
      listed = undefined;
      const known = entries.get(key);
      if (known !== undefined) {
        known.object = object;
        return;
      }
      const entry = { key, object, isGone: false };
      entries.set(key, entry);
      added.push(entry);
    },
    delete(key) {
      const known = entries.get(key);
      if (known === undefined) return;
      entries.delete(key);
      known.isGone = true;
      gone += 1;
      listed = undefined;
      // Without a reader nobody else would let go of what is gone.
      if (gone > entries.size) compact();
    },
    list() {
      if (listed !== undefined) return listed;
      if (added.length > 0 || gone > 0) compact();
      listed = sorted.map((entry) => entry.object);
      return listed;
    },
  };
}
