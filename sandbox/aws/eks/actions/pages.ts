import { type AwsError, awsError } from '../../aws-error.ts';
import { integer, string, within } from '../../input-shapes.ts';

/** How EKS's lists are asked for. */
export const paging = { maxResults: within(integer, 1, 100), nextToken: string };

export const invalidToken = (): AwsError => awsError('InvalidParameterException', 'The nextToken is invalid.');
