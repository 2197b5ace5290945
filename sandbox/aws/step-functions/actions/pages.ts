import { awsError } from '../../aws-error.ts';
import { integer, string, within } from '../../input-shapes.ts';
import { type Page, pageOf } from '../../pages.ts';

export const DEFAULT_PAGE_SIZE = 100;

/** Members of every paged action. */
export const pagingMembers = { maxResults: within(integer, 0, 1000), nextToken: within(string, 1, 3096) };

/** One page of an answer. @throws InvalidToken */
export const statesPage = <T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): Page<T> =>
  pageOf(items, keyOf, { token: nextToken, size: maxResults || DEFAULT_PAGE_SIZE }, () =>
    awsError('InvalidToken', "Invalid Token: 'Invalid token'"),
  );

/** The token of the next page as a member of the answer, absent on the last one. */
export const nextTokenShape = ({ nextToken }: Page<unknown>) => (nextToken === undefined ? {} : { nextToken });
