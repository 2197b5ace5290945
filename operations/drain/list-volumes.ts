import type { Cluster } from '../../clients/ports.ts';
import type { SortedPods } from '../../domain/drain/pod-filters.ts';
import { type AttachedVolume, type VolumeClaims, volumesToDetach } from '../../domain/drain/volumes.ts';

/** List the volumes of pods that have left a node which are still attached to it. */
export async function listVolumesToDetach(
  { cluster, claimOfVolume }: { readonly cluster: Cluster; readonly claimOfVolume: Map<string, string | undefined> },
  nodeName: string,
  claims: VolumeClaims,
  { tolerating }: SortedPods,
): Promise<AttachedVolume[]> {
  if (Object.keys(claims).length === 0) return [];
  const attachments = await cluster.listVolumeAttachments();
  const volumes = attachments.filter((each) => each.nodeName === nodeName).map((each) => each.persistentVolumeName);
  for (const volume of volumes) {
    if (!claimOfVolume.has(volume)) claimOfVolume.set(volume, await cluster.findClaimOfVolume(volume));
  }
  const attached = volumes.map((volume) => [volume, claimOfVolume.get(volume)] as const);
  return volumesToDetach(attached, claims, tolerating);
}
