import type { Condition } from '../kubernetes/conditions.ts';
import { cloudLabelsOf, kubeletConditions, nodeObjectOf, providerIdOf } from '../kubernetes/nodes/node-object.ts';
import type { KubernetesObject } from '../kubernetes/objects.ts';
import type { NewObject } from '../kubernetes/store.ts';
import { type Taint, UNINITIALIZED } from '../kubernetes/taints.ts';
import type { Machine } from '../world/machines.ts';

/** On each Node that a sandbox registered; its value is the instance id. */
export const MACHINE_LABEL = 'sandbox.eks-nodegroup-upgrade/instance';

/** By this annotation kwok knows the nodes whose kubelets it plays: https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/ */
const KWOK_ANNOTATION = 'kwok.x-k8s.io/node';

/**
 * Build the Node of a machine for a cluster whose kubelets kwok plays.
 *
 * It is never Ready by itself: only a kubelet makes it so.
 *
 * @param stage `settled`: its kubelet lives from the start; `registered`: known to no cloud controller yet, no kubelet
 * @param at    RFC 3339 UTC, seconds
 */
export function bridgedNode(machine: Machine, region: string, stage: 'registered' | 'settled', at: string): NewObject {
  const node = nodeObjectOf(machine, region, stage, at);
  return {
    ...node,
    metadata: {
      ...node.metadata,
      labels: { ...(node.metadata.labels as object), [MACHINE_LABEL]: machine.instanceId },
      annotations: {
        ...(node.metadata.annotations as object),
        ...(stage === 'settled' && { [KWOK_ANNOTATION]: 'fake' }),
      },
    },
    status: { ...node.status, conditions: kubeletConditions(false, at) },
  };
}

/** What the cloud controller patches once it has found the instance of a new node; the list of taints is one value. */
export const cloudPatch = (machine: Machine, region: string, { metadata, spec }: KubernetesObject) => ({
  metadata: { labels: cloudLabelsOf(machine, region), resourceVersion: metadata.resourceVersion },
  spec: {
    providerID: providerIdOf(machine),
    taints: ((spec?.taints ?? []) as Taint[]).filter(({ key }) => key !== UNINITIALIZED),
  },
});

/** Let kwok play a node's kubelet, or let that kubelet die. */
export const kubeletPatch = (isAlive: boolean) => ({
  metadata: { annotations: { [KWOK_ANNOTATION]: isAlive ? 'fake' : null } },
});

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
