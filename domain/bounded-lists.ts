/*
 * The state of an execution may have 256 KiB as UTF-8, and whatever the lists in it hold, names and texts of others among
 * them, must fit. Every list has its share of it; counts are never cut.
 */

const KIB = 1024;

/** The share of each list in the state of an execution, in bytes. */
export const SHARES = {
  outdatedNodes: 12 * KIB,
  plannedBlockingPods: 24 * KIB,
  warnings: 8 * KIB,
  startedNodes: 24 * KIB,
  adoptedNodes: 24 * KIB,
  updateNodes: 20 * KIB,
  updateChanges: 36 * KIB,
  updateBlockingPods: 36 * KIB,
  drainBlockingPods: 36 * KIB,
  selectedNodegroups: 24 * KIB,
  clusterPlan: 76 * KIB,
  nodegroupEnds: 62 * KIB,
} as const;

const encoder = new TextEncoder();

/** Bytes of a value as JSON. */
export const bytesOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;

/** The first of several versions, each shorter than the one before, that fits into so many bytes; else the shortest. */
export function firstWithin<Version>(versions: readonly (() => Version)[], most: number): Version {
  for (const make of versions) {
    const version = make();
    if (bytesOf(version) <= most) return version;
  }
  return (versions.at(-1) as () => Version)();
}

/** The first items of a list that fit into so many bytes together. */
export function withinBytes<Item>(items: readonly Item[], most: number): Item[] {
  let left = most;
  const end = items.findIndex((item) => {
    left -= bytesOf(item) + 1;
    return left < 0;
  });
  return end < 0 ? [...items] : items.slice(0, end);
}
