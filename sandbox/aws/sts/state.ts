import type { CallContext } from '../aws-service.ts';

/** Who an access key is: a role's session for temporary keys (`ASIA…`), a user for all others. */
export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
}

/**
 * Identify the caller. Nobody registers callers in a sandbox, so the access key itself names the user or session:
 * `ASIAWORKFLOW` is `assumed-role/eks-nodegroup-upgrade/workflow`, `AKIAALICE` is `user/alice`, any other key is
 * `user/sandbox`.
 */
export function identityOf({ caller, accountId }: Pick<CallContext, 'caller' | 'accountId'>): CallerIdentity {
  const [, kind, name = ''] = /^(AKIA|ASIA)(.+)$/.exec(caller) ?? [];
  const label = name.toLowerCase();
  if (kind === 'ASIA')
    return {
      accountId,
      arn: `arn:aws:sts::${accountId}:assumed-role/eks-nodegroup-upgrade/${label}`,
      userId: `AROA${'SANDBOX'.padEnd(17, 'X')}:${label}`,
    };
  return {
    accountId,
    arn: `arn:aws:iam::${accountId}:user/${kind === 'AKIA' ? label : 'sandbox'}`,
    userId: `AIDA${(name || 'SANDBOX').toUpperCase().slice(0, 17).padEnd(17, 'X')}`,
  };
}
