/** Objects by key, listed in key order. Writes are O(1); the first `list` after a write is O(n). */
export interface SortedObjects<Kind> {
  get(key: string): Kind | undefined;
  set(key: string, object: Kind): void;
  delete(key: string): void;
  /** In key order; the array is never changed afterwards. */
  list(): readonly Kind[];
}

interface Entry<Kind> {
  readonly key: string;
  object: Kind;
  isGone: boolean;
}

/** Key of an object within its resource, ordered as etcd orders it. */
export const objectKey = (namespace: string | undefined, name: string): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

const byKey = (left: Entry<unknown>, right: Entry<unknown>) => (left.key < right.key ? -1 : 1);

/** Merge two sorted runs; entries that are gone are left out. */
function mergeLive<Kind>(left: readonly Entry<Kind>[], right: readonly Entry<Kind>[]): Entry<Kind>[] {
  const merged: Entry<Kind>[] = [];
  let leftIndex = 0;
  let rightIndex = 0;
  for (;;) {
    const leftEntry = left[leftIndex];
    const rightEntry = right[rightIndex];
    const takesLeft = rightEntry === undefined || (leftEntry !== undefined && leftEntry.key < rightEntry.key);
    const entry = takesLeft ? leftEntry : rightEntry;
    if (entry === undefined) return merged;
    if (takesLeft) leftIndex += 1;
    else rightIndex += 1;
    if (!entry.isGone) merged.push(entry);
  }
}

/** Create an empty collection. */
export function createSortedObjects<Kind>(): SortedObjects<Kind> {
  const entries = new Map<string, Entry<Kind>>();
  let sorted: Entry<Kind>[] = [];
  let added: Entry<Kind>[] = [];
  let gone = 0;
  let listed: readonly Kind[] | undefined = [];

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
      // Without a reader nothing else would free the entries that are gone.
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
