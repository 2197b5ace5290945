import { describeBlockingPods } from '../drain/blocking-sentences.ts';
import type { ErrorName } from '../errors.ts';
import { withoutFullStop } from '../text.ts';
import type { EksUpdate, EksUpdateError } from '../types.ts';
import type { PodsLeft } from './blocking-pods.ts';

const MOST_PODS_DESCRIBED = 20;
const MOST_NAMES_IN_SENTENCE = 20;
const MOST_FAILED_NODES = 100;

/**
 * Our error names for the codes of EKS; the same name where both have it.
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

/** The error of a run whose update failed. A code that is not listed says only that it failed. */
export const nameOfFailure = ({ status, errors }: EksUpdate): ErrorName =>
  status === 'Cancelled'
    ? 'UpgradeCancelled'
    : (errors.map(({ code }) => NAMES[code]).find((name) => name !== undefined) ?? 'NotConverging');

const inWords = ({ code, message, resourceIds }: EksUpdateError): string => {
  const sentence = withoutFullStop(message);
  return `${code}: ${sentence}${resourceIds.length === 0 ? '' : ` (${resourceIds.slice(0, MOST_NAMES_IN_SENTENCE).join(', ')})`}`;
};

/**
 * What to check where EKS's words do not say it.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html (fixing AccessDenied errors for managed node groups)
 */
const DIAGNOSES: Readonly<Record<string, string>> = {
  AccessDenied:
    'EKS drains nodes by the rights of ClusterRole eks:node-manager: check with kubectl describe that it and its ClusterRoleBinding exist and are as EKS made them.',
  AdmissionRequestDenied:
    'An admission webhook or policy of the cluster refused what EKS asked for: change the webhook or policy to allow it.',
};

/** What the codes of a failed update say about its cause, one sentence each. */
export const diagnosesOf = ({ errors }: Pick<EksUpdate, 'errors'>): string[] => [
  ...new Set(errors.flatMap(({ code }) => DIAGNOSES[code] ?? [])),
];

/** How an update ended, in EKS's own words. */
export function describeEnd({ id, status, errors }: EksUpdate): string {
  const reasons = errors.length === 0 ? 'EKS gives no reason' : `EKS says: ${errors.map(inWords).join('; ')}`;
  return `EKS update ${id} ended as ${status}. ${reasons}.`;
}

/** Nodes that EKS names in the errors of an update: by node name, or by instance id for one that did not join. */
export const failedNodesOf = ({ errors }: Pick<EksUpdate, 'errors'>): string[] =>
  [...new Set(errors.flatMap(({ resourceIds }) => resourceIds))].slice(0, MOST_FAILED_NODES);

/** What is left on a node that EKS could not drain, which EKS does not say. */
export function describeNodeLeft(
  nodeName: string,
  { blockingPods, free }: Pick<PodsLeft, 'blockingPods' | 'free'>,
  nowAt: string,
): string {
  const blocking = describeBlockingPods(blockingPods, nowAt, MOST_PODS_DESCRIBED);
  const others =
    free.length === 0 ? '' : `Also left, but not blocked now: ${free.slice(0, MOST_PODS_DESCRIBED).join(', ')}.`;
  return `${nodeName}: ${[blocking, others].filter((part) => part !== '').join(' ') || 'no pod is left on it now.'}`;
}
