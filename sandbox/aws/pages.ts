import { type AwsError, awsError } from './aws-error.ts';

const TOKEN_PREFIX = 'sandbox-page:';

/** One page of a list, and the token of the next one. */
export interface Page<T> {
  readonly items: T[];
  readonly nextToken: string | undefined;
}

/**
 * Cut one page out of a list. The token says after which item the next page starts, so that items that come or go
 * meanwhile do not shift it.
 *
 * @param keyOf what identifies an item
 * @throws the error of `invalidToken` for a token that this list never gave
 */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { token, size }: { token?: string | undefined; size: number },
  invalidToken: () => AwsError = () => awsError('ValidationError', 'Invalid next token'),
): Page<T> {
  let start = 0;
  if (token !== undefined && token !== '') {
    const [index, key] = readToken(token) ?? [];
    if (index === undefined) throw invalidToken();
    const found = all.findIndex((item) => keyOf(item) === key);
    start = found === -1 ? Math.min(index, all.length) : found + 1;
  }
  const items = all.slice(start, start + size);
  const last = items.at(-1);
  const hasMore = last !== undefined && start + size < all.length;
  return { items, nextToken: hasMore ? writeToken(start + size, keyOf(last)) : undefined };
}

const writeToken = (index: number, key: string) => Buffer.from(`${TOKEN_PREFIX}${index}:${key}`).toString('base64url');

const readToken = (token: string): [number, string] | undefined => {
  const found = /^sandbox-page:(\d+):(.*)$/s.exec(Buffer.from(token, 'base64url').toString());
  return found === null ? undefined : [Number(found[1]), found[2] as string];
};
