import type { CallerIdentity } from './state.ts';

/** An identity as GetCallerIdentity shows it. */
export const callerIdentityShape = ({ accountId, arn, userId }: CallerIdentity) => ({
  Account: accountId,
  Arn: arn,
  UserId: userId,
});
