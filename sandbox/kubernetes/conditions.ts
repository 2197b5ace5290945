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

/** An object whose status has conditions. */
export interface Conditioned {
  readonly status?: { readonly conditions?: readonly Condition[] } | undefined;
}

/** The condition of a type in an object's status, if it has one. */
export const conditionOf = ({ status }: Conditioned, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

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
  const given = conditions ?? [];
  const existing = given.find(({ type }) => type === condition.type);
  if (existing === undefined) return [...given, { ...condition, lastTransitionTime: at }];
  const isSame =
    existing.status === condition.status &&
    existing.reason === condition.reason &&
    existing.message === condition.message &&
    existing.observedGeneration === condition.observedGeneration;
  if (isSame) return given;
  const changed = {
    ...condition,
    lastTransitionTime: existing.status === condition.status ? (existing.lastTransitionTime ?? at) : at,
  };
  return given.map((each) => (each === existing ? changed : each));
}
