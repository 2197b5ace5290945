import { awsError } from '../../aws-error.ts';
import { integer, string, within } from '../../input-shapes.ts';
import { type Page, pageOf } from '../../pages.ts';

/** Members of every paged action. */
export const pagingMembers = { maxResults: within(integer, 1, 100), nextToken: string };

/** One page of an answer. @throws InvalidParameterException */
export const eksPage = <T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { maxResults = 100, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): Page<T> =>
  pageOf(all, keyOf, { token: nextToken, size: maxResults }, () =>
    awsError('InvalidParameterException', 'The nextToken is invalid.'),
  );

/** One page of names. @throws InvalidParameterException */
export const namesPage = (names: readonly string[], paging: Parameters<typeof eksPage>[2]): Page<string> =>
  eksPage(names, (name) => name, paging);
