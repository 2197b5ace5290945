import type { KubernetesObject } from './objects.ts';

/** A status condition, as nodes, pods and workloads carry it. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  /** RFC 3339 UTC, seconds. */
  readonly lastTransitionTime?: string;
  readonly [field: string]: unknown;
}

/** The condition of a type in an object's status, if it has one. */
export const conditionOf = (object: KubernetesObject, type: string): Condition | undefined =>
  (object.status?.conditions as readonly Condition[] | undefined)?.find((condition) => condition.type === type);

/**
 * Put a condition in place of the one of its type; `lastTransitionTime` moves only when the status does.
 *
 * @param at RFC 3339 UTC, seconds
 * @returns the same array when nothing changed
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  condition: Condition,
  at: string,
): readonly Condition[] {
  const existing = conditions?.find(({ type }) => type === condition.type);
  if (existing === undefined) return [...(conditions ?? []), { ...condition, lastTransitionTime: at }];
  const isSame =
    existing.status === condition.status &&
    existing.reason === condition.reason &&
    existing.message === condition.message &&
    existing.observedGeneration === condition.observedGeneration;
  if (isSame) return conditions as readonly Condition[];
  const changed = {
    ...condition,
    lastTransitionTime: existing.status === condition.status ? (existing.lastTransitionTime ?? at) : at,
  };
  return (conditions as readonly Condition[]).map((each) => (each === existing ? changed : each));
}
