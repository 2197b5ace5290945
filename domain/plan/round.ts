/** Time from the launch of an instance to a Ready node, until a run has measured it. */
export const ASSUMED_BOOT_SECONDS = 120;
const TYPICAL_TERMINATION_SECONDS = 30;

/**
 * Predict how long the pods of a node take to leave it: most need far less than their grace periods, and none may take
 * longer than the drain.
 *
 * @param longestGraceSeconds longest grace period of a pod on an outdated node
 */
export const terminationSeconds = (longestGraceSeconds: number, drainTimeoutSeconds: number): number =>
  Math.min(drainTimeoutSeconds, Math.max(TYPICAL_TERMINATION_SECONDS, Math.round(longestGraceSeconds / 2)));

/** Predict how long one set of nodes takes from its first eviction to its terminations, when nothing blocks. */
export const roundSeconds = (facts: {
  longestGraceSeconds: number;
  drainTimeoutSeconds: number;
  cordonWaitSeconds: number;
}): number => terminationSeconds(facts.longestGraceSeconds, facts.drainTimeoutSeconds) + facts.cordonWaitSeconds;
