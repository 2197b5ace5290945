import type { AntiAffinityTerm, NodeSelectorTerm, Pod, SpreadConstraint } from '../kinds/pod.ts';
import { controllerOf } from '../object-keys.ts';
import { claimNamesOf, type Requests, requestsOf } from '../pod-state.ts';
import type { Toleration } from '../taints.ts';

/** What a pod requires of its node. */
export interface Requirements {
  readonly requests: Requests;
  readonly tolerations: readonly Toleration[];
  readonly nodeSelector: readonly (readonly [key: string, value: string])[];
  /** Any of these must match; absent: no node affinity. */
  readonly affinityTerms?: readonly NodeSelectorTerm[];
  /** The only node in question: how a DaemonSet's pods are pinned. */
  readonly onlyNode?: string;
  readonly antiAffinity: readonly AntiAffinityTerm[];
  readonly spread: readonly SpreadConstraint[];
  /** Spread over hosts and zones by default, as pods of a ReplicaSet or StatefulSet are. */
  readonly defaultSpreadOwner?: string;
  readonly claimNames: readonly string[];
}

/** The one node that affinity terms name, when they name exactly one. */
function onlyNodeOf(terms: readonly NodeSelectorTerm[] | undefined): string | undefined {
  const field = terms?.length === 1 ? terms[0]?.matchFields?.[0] : undefined;
  const isPinned = field?.key === 'metadata.name' && field.operator === 'In' && field.values?.length === 1;
  return isPinned ? field?.values?.[0] : undefined;
}

/** Read what a pod requires of its node. */
export function requirementsOf(pod: Pod): Requirements {
  const { spec } = pod;
  const affinityTerms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const onlyNode = onlyNodeOf(affinityTerms);
  const owner = controllerOf(pod);
  const spread = spec.topologySpreadConstraints ?? [];
  const isSpreadByDefault = spread.length === 0 && (owner?.kind === 'ReplicaSet' || owner?.kind === 'StatefulSet');
  return {
    requests: requestsOf(pod),
    tolerations: spec.tolerations ?? [],
    nodeSelector: Object.entries(spec.nodeSelector ?? {}),
    ...(affinityTerms === undefined ? {} : { affinityTerms }),
    ...(onlyNode === undefined ? {} : { onlyNode }),
    antiAffinity: spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    spread,
    ...(isSpreadByDefault && owner !== undefined ? { defaultSpreadOwner: owner.uid } : {}),
    claimNames: claimNamesOf(pod),
  };
}
