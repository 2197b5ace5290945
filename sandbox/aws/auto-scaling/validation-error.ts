import { type AwsError, awsError } from '../aws-error.ts';

/** The refusal of anything that Auto Scaling does not accept. */
export const invalid = (message: string): AwsError => awsError('ValidationError', message);
