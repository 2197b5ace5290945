import type { Condition } from '../kubernetes/conditions.ts';
import type { Node } from '../kubernetes/kinds/node.ts';
import { kubeletConditions, nodeObjectOf } from '../kubernetes/nodes/node-object.ts';
import type { NewObject } from '../kubernetes/objects.ts';
import type { Machine } from '../world/machines.ts';

/** On each Node that a sandbox registered; its value is the instance id. */
export const MACHINE_LABEL = 'sandbox.eks-nodegroup-upgrade/instance';

/** The annotation of nodes whose kubelets kwok simulates: https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/ */
const KWOK_ANNOTATION = 'kwok.x-k8s.io/node';

/**
 * Build the Node of a machine for a cluster whose kubelets kwok plays.
 *
 * It is never Ready by itself: only a kubelet makes it so. kwok reads its annotation only when a node appears,
 * so it is there from the start or never.
 *
 * @param at RFC 3339 UTC, seconds
 */
export function bridgedNode(machine: Machine, region: string, at: string): NewObject<Node> {
  const node = nodeObjectOf(machine, region, 'settled', at);
  return {
    ...node,
    metadata: {
      ...node.metadata,
      labels: { ...node.metadata.labels, [MACHINE_LABEL]: machine.instanceId },
      annotations: {
        ...node.metadata.annotations,
        ...(machine.boots === 'ready' && { [KWOK_ANNOTATION]: 'fake' }),
      },
    },
    status: { ...node.status, conditions: kubeletConditions(false, at) },
  };
}

/** Let the kubelet that kwok plays die. */
export const DEATH_PATCH = { metadata: { annotations: { [KWOK_ANNOTATION]: null } } };

/** What the node lifecycle controller writes when a kubelet has been silent for the grace period. */
export const silentStatus = (at: string): { status: { conditions: Condition[] } } => ({
  status: {
    conditions: kubeletConditions(false, at).map(({ type }) => ({
      type,
      status: 'Unknown' as const,
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: at,
    })),
  },
});
