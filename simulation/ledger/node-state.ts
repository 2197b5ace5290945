import type { Node, Pod } from 'eks-sandbox/kubernetes';
import { IN_HAND_ANNOTATION, IN_HAND_LABEL } from '../../domain/drain/in-hand.ts';
import { OWNERSHIP_ANNOTATIONS } from '../../domain/nodegroup/node-ownership.ts';

const STARTUP_TAINTS = new Set([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/network-unavailable',
  'node.cloudprovider.kubernetes.io/uninitialized',
]);

export const instanceIdOf = ({ spec }: Node): string | undefined => spec?.providerID?.split('/').at(-1);

const isTrue = (object: Node | Pod, type: string): boolean =>
  (object.status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');

/** Ready, and open for pods as far as its own health goes. */
export const isNodeReady = (node: Node): boolean =>
  isTrue(node, 'Ready') && !(node.spec?.taints ?? []).some(({ key }) => STARTUP_TAINTS.has(key));

/** Reopened after its drain was blocked; the conductor has not written it down yet. */
const isReopened = ({ metadata }: Node): boolean =>
  metadata.annotations?.[IN_HAND_ANNOTATION]?.includes('"phase":"blocked"') === true;

/** Whether the workflow has taken a node. */
export const isInHand = (node: Node): boolean => {
  const { labels = {}, annotations = {} } = node.metadata;
  if (annotations[OWNERSHIP_ANNOTATIONS.excluded] !== undefined) return true;
  // A blocked node that is left cordoned, as the input asks for, keeps its pods.
  return labels[IN_HAND_LABEL] !== undefined && !isReopened(node);
};

/** Whether a node was launched only to cover a zone, and takes no pods yet. */
export const isKeptFree = ({ metadata }: Node): boolean =>
  metadata.annotations?.[OWNERSHIP_ANNOTATIONS.keptFree] !== undefined;

const isOfDaemonSet = ({ metadata }: Pod): boolean =>
  (metadata.ownerReferences ?? []).some(({ kind }) => kind === 'DaemonSet');

/** A pod that a drain leaves alone. */
export const isLeftAlone = (pod: Pod): boolean =>
  isOfDaemonSet(pod) ||
  pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined ||
  pod.status?.phase === 'Succeeded' ||
  pod.status?.phase === 'Failed';

export const isHealthy = (pod: Pod): boolean => isTrue(pod, 'Ready') && pod.metadata.deletionTimestamp === undefined;

/** Uid of the controller of a pod; its own for a bare one. */
export const ownerOf = ({ metadata }: Pod): string =>
  (metadata.ownerReferences ?? []).find(({ controller }) => controller === true)?.uid ??
  `${metadata.namespace}/${metadata.name}`;
