import { awsError } from '../../aws-error.ts';
import { integer, string, within } from '../../input-shapes.ts';
import { type Page, pageOf } from '../../pages.ts';
import { invalid } from '../validation-error.ts';

/** Members of every paged action. */
export const pagingMembers = { NextToken: string, MaxRecords: within(integer, 0) };

/**
 * One page of an answer.
 *
 * @param preset size of a page when none is asked for
 * @throws ValidationError, InvalidNextToken
 */
export function autoScalingPage<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { NextToken, MaxRecords }: { NextToken?: string | undefined; MaxRecords?: number | undefined },
  { preset = 50, most = 100 }: { preset?: number; most?: number } = {},
): Page<T> {
  if (MaxRecords !== undefined && MaxRecords > most) throw invalid(`MaxRecords must be less than or equal to ${most}`);
  return pageOf(all, keyOf, { token: NextToken, size: MaxRecords || preset }, () =>
    awsError('InvalidNextToken', 'The token is invalid'),
  );
}
