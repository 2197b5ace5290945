import type { BlockingPod } from '../state.ts';
import type { Pod } from '../types.ts';
import type { SortedPods } from './pod-filters.ts';
import { podName } from './pods.ts';

/** Pods by the claims of their persistent volumes, both as namespace/name. */
export type VolumeClaims = Readonly<Record<string, string>>;

/** A volume that is still attached to the node, although the pod that used it has left. */
export interface AttachedVolume {
  /** Name of the PersistentVolume. */
  readonly volume: string;
  /** namespace/name of its claim. */
  readonly claim: string;
  /** namespace/name of the pod. */
  readonly pod: string;
}

/** Claims whose volumes are waited for: a node has no more volumes than this, and the rest is detached meanwhile. */
const MOST_CLAIMS = 64;

const claimsOf = (pod: Pod): string[] => pod.volumeClaims.map((name) => `${pod.namespace}/${name}`);

/** Remember the claims of the pods that leave the node. */
export function rememberClaims(known: VolumeClaims, { evict, terminating }: SortedPods): VolumeClaims {
  const seen = [...evict, ...terminating].flatMap((pod) =>
    claimsOf(pod).map((claim) => [claim, podName(pod)] as const),
  );
  return Object.fromEntries([...Object.entries(known), ...seen].slice(0, MOST_CLAIMS));
}

/**
 * Choose the volumes that are waited for: those of pods that have left the node for another one. Others may stay attached for
 * ever: those of pods that a drain leaves alone, or what an earlier fault of the driver has left.
 *
 * @param attached names of the volumes attached to the node, with the claim of each; `undefined` for a volume without one
 * @param staying  pods that stay on the node
 */
export function volumesToDetach(
  attached: readonly (readonly [volume: string, claim: string | undefined])[],
  claims: VolumeClaims,
  staying: readonly Pod[],
): AttachedVolume[] {
  const inUse = new Set(staying.flatMap(claimsOf));
  return attached.flatMap(([volume, claim]) => {
    const pod = claim === undefined || inUse.has(claim) ? undefined : claims[claim];
    return claim === undefined || pod === undefined ? [] : [{ volume, claim, pod }];
  });
}

/** Say that the volume of a pod that has left is still attached, so that the pod cannot start elsewhere. */
export function blockedByVolume({ volume, claim, pod }: AttachedVolume, nodeName: string): BlockingPod {
  const [namespace = '', name = ''] = pod.split('/');
  return {
    namespace,
    name,
    reason: 'volume',
    detail: `it has left, but its volume ${volume} (claim ${claim}) is still attached to ${nodeName}, so it cannot start elsewhere`,
    advice: `see what its driver says (kubectl get volumeattachments, and the events of pod ${pod}); the drain ends at its deadline all the same`,
  };
}
