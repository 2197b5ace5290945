/** Members of outputs that were renamed: their earlier names, and those of today. */
const RENAMED: Readonly<Record<string, string>> = {
  held: 'blockingPods',
  heldCount: 'blockingPodCount',
  blockers: 'blockingPods',
  blockerCount: 'blockingPodCount',
};

/** Evidence about a node that EKS replaces: earlier sentences, and the values of today. */
const RENAMED_EVIDENCE: Readonly<Record<string, string>> = {
  'its pods are being evicted': 'evictions',
  'it was cordoned': 'cordon',
  'its instance is terminating': 'termination',
  'presumed: nothing moves, and all pods left on it are held': 'inferred',
};

const HAS_EARLIER_NAME = new RegExp(`"(?:${Object.keys(RENAMED).join('|')})":`);

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      RENAMED[key] ?? key,
      key === 'evidence' ? (RENAMED_EVIDENCE[String(member)] ?? member) : renamed(member),
    ]),
  );
}

/**
 * Translate what a state of an earlier version returned into the names of today. No other file handles earlier names.
 *
 * @param output the value of `text`, which is JSON
 */
export const inTodaysNames = (output: unknown, text: string): unknown =>
  HAS_EARLIER_NAME.test(text) ? renamed(output) : output;
