import { AccessDenied } from '../errors.ts';
import type { UpgradeInput } from '../input/input.ts';
import type { Run } from '../state.ts';

/** A right in the cluster, as a SelfSubjectAccessReview asks for it. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
}

const LEASES: Right = {
  verb: 'update',
  group: 'coordination.k8s.io',
  resource: 'leases',
  namespace: 'kube-system',
};

/** List the rights without which a run would stop half-way. */
export function requiredRights({ force }: Pick<UpgradeInput, 'force'>, engine: Run['engine']): Right[] {
  // EKS evicts and deletes pods itself.
  if (engine === 'eks') return [{ verb: 'watch', group: '', resource: 'pods' }, LEASES];
  return [
    { verb: 'patch', group: '', resource: 'nodes' },
    { verb: 'create', group: '', resource: 'pods', subresource: 'eviction' },
    LEASES,
    ...(force ? [{ verb: 'delete', group: '', resource: 'pods' }] : []),
  ];
}

/** Say which right is missing, and where it comes from. */
export function missingRight({ verb, resource, subresource }: Right, input: UpgradeInput): AccessDenied {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return new AccessDenied(
    `the workflow is not allowed to ${verb} ${what} in cluster ${input.clusterName}: apply kubernetes/rbac${input.force ? '-force' : ''}.yaml and give its role the access entry`,
  );
}
