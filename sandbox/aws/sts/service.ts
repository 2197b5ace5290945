import type { AwsService, CallContext } from '../aws-service.ts';
import { action, createService, validationRefusal } from '../service-from-actions.ts';

/** Who an access key is: a role's session for temporary keys (`ASIA…`), a user for all others. */
export interface CallerIdentity {
  readonly Account: string;
  readonly Arn: string;
  readonly UserId: string;
}

/**
 * Tell who calls. Nobody registers callers in a sandbox, so the access key itself names the user or session:
 * `ASIAWORKFLOW` is `assumed-role/eks-nodegroup-upgrade/workflow`, `AKIAALICE` is `user/alice`, any other key is
 * `user/sandbox`.
 */
export function identityOf({ caller, accountId }: Pick<CallContext, 'caller' | 'accountId'>): CallerIdentity {
  const [, kind, name = ''] = /^(AKIA|ASIA)(.+)$/.exec(caller) ?? [];
  const label = name.toLowerCase();
  if (kind === 'ASIA')
    return {
      Account: accountId,
      Arn: `arn:aws:sts::${accountId}:assumed-role/eks-nodegroup-upgrade/${label}`,
      UserId: `AROA${'SANDBOX'.padEnd(17, 'X')}:${label}`,
    };
  return {
    Account: accountId,
    Arn: `arn:aws:iam::${accountId}:user/${kind === 'AKIA' ? label : 'sandbox'}`,
    UserId: `AIDA${(name || 'SANDBOX').toUpperCase().slice(0, 17).padEnd(17, 'X')}`,
  };
}

/** AWS STS. */
export const createStsService = (): AwsService =>
  createService(
    'sts',
    { protocol: 'aws-query', version: '2011-06-15', xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
    validationRefusal('ValidationError'),
    { GetCallerIdentity: action({}, (_input, context) => ({ ...identityOf(context) })) },
  );
