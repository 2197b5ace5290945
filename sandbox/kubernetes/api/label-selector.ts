import type { LabelSelector, Labels } from '../selector-match.ts';
import { failures } from './failures.ts';

/** Tell whether labels are selected. */
export type LabelPredicate = (labels: Labels | undefined) => boolean;

const SET_TERM = /^(!?)\s*([^\s!=(),<>]+)\s*(?:(==|=|!=)\s*([\w.-]*)|\s(in|notin)\s*\(([^)]*)\)|([<>])\s*(\d+))?$/;

/** Split at commas that are not within parentheses. */
const splitTerms = (text: string): string[] => text.split(/,(?![^(]*\))/).map((term) => term.trim());

function parseTerm(term: string, text: string): LabelPredicate {
  const match = SET_TERM.exec(term);
  const [, negation, key, equality, value, membership, members, comparison, bound] = match ?? [];
  if (key === undefined || (negation === '!' && (equality || membership || comparison)))
    throw failures.badRequest(
      `unable to parse requirement: found '${term}', expected: identifier, in selector '${text}'`,
    );
  if (equality === '!=') return (labels) => labels?.[key] !== value;
  if (equality !== undefined) return (labels) => labels?.[key] === value;
  if (membership !== undefined) {
    const values = new Set((members ?? '').split(',').map((member) => member.trim()));
    return membership === 'in'
      ? (labels) => labels?.[key] !== undefined && values.has(labels[key])
      : (labels) => labels?.[key] === undefined || !values.has(labels[key]);
  }
  if (comparison !== undefined) {
    const limit = Number(bound);
    return (labels) => {
      const number = Number(labels?.[key] ?? Number.NaN);
      return comparison === '>' ? number > limit : number < limit;
    };
  }
  return negation === '!' ? (labels) => labels?.[key] === undefined : (labels) => labels?.[key] !== undefined;
}

/**
 * Read the `labelSelector` query parameter: equality, sets, existence.
 *
 * @returns `undefined` when it selects everything
 * @throws ApiFailure 400
 */
export function parseLabelSelector(text: string | null): LabelPredicate | undefined {
  if (text === null || text.trim() === '') return undefined;
  const predicates = splitTerms(text).map((term) => parseTerm(term, text));
  return (labels) => predicates.every((predicate) => predicate(labels));
}

/** Write a `LabelSelector` as kubectl and the scale subresource print it. */
export function formatSelector(selector: LabelSelector | undefined): string {
  const equalities = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator.toLowerCase()} (${[...values].sort().join(',')})`;
  });
  return [...equalities, ...expressions].sort().join(',');
}
