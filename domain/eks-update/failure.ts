import { describeBlockingPods } from '../drain/blocking-pods.ts';
import type { ErrorName } from '../errors.ts';
import type { EksUpdate, EksUpdateError } from '../types.ts';
import type { BlockedNodePods } from './eks-update.ts';

const MOST_PODS_DESCRIBED = 20;

/**
 * Our names for the codes of EKS; where it has the same name as we, the same.
 *
 * @see https://docs.aws.amazon.com/eks/latest/APIReference/API_ErrorDetail.html
 */
const NAMES: Readonly<Record<string, ErrorName>> = {
  PodEvictionFailure: 'PodEvictionFailure',
  NodeCreationFailure: 'NodeCreationFailure',
  // No node without an address, a subnet and a security group.
  InsufficientFreeAddresses: 'NodeCreationFailure',
  IpNotAvailable: 'NodeCreationFailure',
  EniLimitReached: 'NodeCreationFailure',
  SubnetNotFound: 'NodeCreationFailure',
  SecurityGroupNotFound: 'NodeCreationFailure',
  VpcIdNotFound: 'NodeCreationFailure',
  AccessDenied: 'AccessDenied',
  OperationNotPermitted: 'AccessDenied',
  AdmissionRequestDenied: 'AccessDenied',
  ClusterUnreachable: 'ClusterUnreachable',
};

/** The name under which a run fails with an update that ended badly; a code that is not listed says no more than that. */
export const nameOfFailure = ({ status, errors }: EksUpdate): ErrorName =>
  status === 'Cancelled'
    ? 'UpgradeCancelled'
    : (errors.map(({ code }) => NAMES[code]).find((name) => name !== undefined) ?? 'NotConverging');

const inWords = ({ code, message, resourceIds }: EksUpdateError): string => {
  const sentence = message.replace(/[.\s]+$/, '');
  return `${code}: ${sentence}${resourceIds.length === 0 ? '' : ` (${resourceIds.slice(0, 20).join(', ')})`}`;
};

/**
 * What to look at where EKS's words do not say it.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html (fixing AccessDenied errors for managed node groups)
 */
const DIAGNOSES: Readonly<Record<string, string>> = {
  AccessDenied:
    'EKS drains nodes by the rights of ClusterRole eks:node-manager: see with kubectl describe that it and its ClusterRoleBinding exist and are as EKS made them.',
  AdmissionRequestDenied: 'An admission webhook or policy of the cluster refused what EKS asked for: let it pass.',
};

/** What can be said of the causes of a failure from its codes alone. */
export const diagnosesOf = ({ errors }: Pick<EksUpdate, 'errors'>): string[] => [
  ...new Set(errors.flatMap(({ code }) => DIAGNOSES[code] ?? [])),
];

/** How an update ended, in EKS's own words. */
export function describeEnd({ id, status, errors }: EksUpdate): string {
  const said = errors.length === 0 ? 'EKS gives no reason' : `EKS says: ${errors.map(inWords).join('; ')}`;
  return `EKS update ${id} ended as ${status}. ${said}.`;
}

/** Does the cause of a failure say that the update is over? Without that EKS works on, for nothing stops an update. */
export const tellsOfEnd = (cause: string): boolean => /\bEKS update \S+ ended as /.test(cause);

/** What is left on a node that EKS could not drain, which EKS does not say. */
export function describeNodeLeft(
  nodeName: string,
  pods: { readonly blockingPods: readonly BlockedNodePods[]; readonly free: readonly string[] },
  nowAt: string,
): string {
  const blockingPods = describeBlockingPods(pods.blockingPods, nowAt, MOST_PODS_DESCRIBED);
  const others =
    pods.free.length === 0
      ? ''
      : `Also left, and held by nothing now: ${pods.free.slice(0, MOST_PODS_DESCRIBED).join(', ')}.`;
  return `${nodeName}: ${[blockingPods, others].filter((part) => part !== '').join(' ') || 'no pod is left on it by now.'}`;
}
