/** A LabelSelector as it stands in a spec. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export type Labels = Readonly<Record<string, string>>;

/** Decide whether a label's value satisfies one requirement; shared by label selectors and node affinity. */
export function meetsRequirement(
  operator: string,
  value: string | undefined,
  wanted: readonly string[] | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && (wanted ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(wanted ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(wanted?.[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(wanted?.[0]);
    default:
      return false;
  }
}

/**
 * Turn a selector into a predicate over labels.
 *
 * An absent selector matches nothing; an empty one matches everything (policy/v1).
 */
export function compileSelector(selector: LabelSelector | undefined): (labels: Labels | undefined) => boolean {
  if (selector === undefined || selector === null) return () => false;
  const pairs = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  return (labels) => {
    for (const [key, value] of pairs) if (labels?.[key] !== value) return false;
    for (const { key, operator, values } of expressions)
      if (!meetsRequirement(operator, labels?.[key], values)) return false;
    return true;
  };
}
