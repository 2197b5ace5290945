import type { NodeSelectorTerm } from '../kinds/pod.ts';
import { meetsRequirement } from '../selector-match.ts';

/** Decide whether a node satisfies one of the terms; a term without any requirement matches nothing. */
export const matchesTerms = (
  terms: readonly NodeSelectorTerm[],
  node: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): boolean =>
  terms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchExpressions.every(({ key, operator, values }) => meetsRequirement(operator, node.labels[key], values)) &&
      matchFields.every(
        ({ key, operator, values }) => key === 'metadata.name' && meetsRequirement(operator, node.name, values),
      )
    );
  });
