import { LEASE_NAMESPACE } from '../admission/record.ts';
import { AccessDenied } from '../errors.ts';
import type { UpgradeInput } from '../input/input.ts';
import type { Run } from '../state.ts';

/**
 * Kubernetes groups of the functions' roles, as kubernetes/rbac.yaml binds them: those that only read, the conductor and
 * the steps around it, and the steps of a node's execution.
 */
export const KUBERNETES_GROUPS = {
  readers: 'eks-nodegroup-upgrade-readers',
  conductor: 'eks-nodegroup-upgrade-conductor',
  drain: 'eks-nodegroup-upgrade-drain',
} as const;

/** A right in the cluster, as a SubjectAccessReview asks for it. */
export interface Right {
  /** The group that needs it. */
  readonly subject: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
}

const { readers, conductor, drain } = KUBERNETES_GROUPS;

const LEASES: Right = {
  subject: conductor,
  verb: 'update',
  group: 'coordination.k8s.io',
  resource: 'leases',
  namespace: LEASE_NAMESPACE,
};

/** Lets the plan try evictions; RBAC cannot allow dry runs alone. */
export const DRY_RUNS: Right = {
  subject: readers,
  verb: 'create',
  group: '',
  resource: 'pods',
  subresource: 'eviction',
};

/** List the rights without which a run would stop half-way. */
export function requiredRights({ force }: Pick<UpgradeInput, 'force'>, engine: Run['engine']): Right[] {
  // EKS evicts and deletes pods itself.
  if (engine === 'eks') return [{ subject: readers, verb: 'watch', group: '', resource: 'pods' }, LEASES];
  return [
    { subject: conductor, verb: 'patch', group: '', resource: 'nodes' },
    { subject: drain, verb: 'patch', group: '', resource: 'nodes' },
    { subject: drain, verb: 'create', group: '', resource: 'pods', subresource: 'eviction' },
    LEASES,
    { subject: drain, verb: 'get', group: '', resource: 'persistentvolumes' },
    ...(force ? [{ subject: drain, verb: 'delete', group: '', resource: 'pods' }] : []),
  ];
}

/** Say which right is missing, and which manifest grants it. */
export function missingRight(
  { subject, verb, resource, subresource, namespace }: Right,
  { clusterName }: Pick<UpgradeInput, 'clusterName'>,
): AccessDenied {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  const manifest = resource === 'pods' && verb === 'delete' ? 'rbac-force.yaml' : 'rbac.yaml';
  return new AccessDenied(
    `the group ${subject} is not allowed to ${verb} ${what}${where} in cluster ${clusterName}: apply kubernetes/${manifest}`,
  );
}
