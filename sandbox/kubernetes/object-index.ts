import type { KubernetesObject } from './objects.ts';
import { createSortedObjects, type SortedObjects } from './sorted-objects.ts';

/** Objects grouped by a value taken from each of them. */
export interface ObjectIndex {
  /** Follow one change; `before` and `after` are absent when the object is new or gone. */
  move(key: string, before: KubernetesObject | undefined, after: KubernetesObject | undefined): void;
  list(value: string): readonly KubernetesObject[];
}

/**
 * Create an index.
 *
 * @param filedUnder what an object is filed under; `undefined` = not at all
 */
export function createObjectIndex(filedUnder: (object: KubernetesObject) => string | undefined): ObjectIndex {
  const groups = new Map<string, SortedObjects>();

  const group = (value: string): SortedObjects => {
    const known = groups.get(value);
    if (known !== undefined) return known;
    const created = createSortedObjects();
    groups.set(value, created);
    return created;
  };

  return {
    move(key, before, after) {
      const oldValue = before && filedUnder(before);
      const newValue = after && filedUnder(after);
      if (oldValue !== undefined && oldValue !== newValue) groups.get(oldValue)?.delete(key);
      if (newValue !== undefined && after !== undefined) group(newValue).set(key, after);
    },
    list: (value) => groups.get(value)?.list() ?? [],
  };
}
