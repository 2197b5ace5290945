import { awsError } from '../../aws-error.ts';
import { integer, string } from '../../input-shapes.ts';
import { pageOf } from '../../pages.ts';

/** Members of every paged EC2 action. */
export const pagingMembers = { NextToken: string, MaxResults: integer };

/**
 * One page of an EC2 answer; without MaxResults, up to a thousand items.
 *
 * @param named what else the caller chose the items by: ids cannot be combined with MaxResults
 * @throws InvalidParameterCombination, InvalidParameterValue, InvalidNextToken
 */
export function ec2Page<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { NextToken, MaxResults }: { NextToken?: string | undefined; MaxResults?: number | undefined },
  { idsParameter, least = 5 }: { idsParameter?: string | undefined; least?: number } = {},
): { items: T[]; nextToken: string | undefined } {
  if (MaxResults !== undefined && idsParameter !== undefined)
    throw awsError(
      'InvalidParameterCombination',
      `The parameter ${idsParameter} cannot be used with the parameter maxResults`,
    );
  if (MaxResults !== undefined && (MaxResults < least || MaxResults > 1000))
    throw awsError(
      'InvalidParameterValue',
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between ${least} and 1000.`,
    );
  const size = MaxResults ?? (idsParameter === undefined ? 1000 : all.length || 1);
  return pageOf(all, keyOf, { token: NextToken, size }, () =>
    awsError('InvalidNextToken', 'The token for requesting the next page is invalid'),
  );
}
