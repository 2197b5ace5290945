import { createSortedObjects, type SortedObjects } from './sorted-objects.ts';

/** Objects grouped by a value taken from each of them. */
export interface ObjectIndex<Kind> {
  /** Follow one change; `before` and `after` are absent when the object is new or gone. */
  move(key: string, before: Kind | undefined, after: Kind | undefined): void;
  list(value: string): readonly Kind[];
}

/**
 * Create an index.
 *
 * @param filedUnder what an object is filed under; `undefined` = not at all
 */
export function createObjectIndex<Kind>(filedUnder: (object: Kind) => string | undefined): ObjectIndex<Kind> {
  const groups = new Map<string, SortedObjects<Kind>>();

  const group = (value: string): SortedObjects<Kind> => {
    const known = groups.get(value);
    if (known !== undefined) return known;
    const created = createSortedObjects<Kind>();
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
