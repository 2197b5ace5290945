import { setTimeout as sleep } from 'node:timers/promises';
import type { VolumeAttachment } from 'eks-sandbox/kubernetes';
import type { Rehearsal } from './rehearsal.ts';

const ATTACHMENTS = '/apis/storage.k8s.io/v1/volumeattachments';

/** Play the EBS driver's attacher: what the attach/detach controller asks for is attached soon. @returns what ends it */
export function playVolumeAttacher({ list, cluster }: Rehearsal): () => Promise<void> {
  let isOver = false;
  const attachAll = async () => {
    while (!isOver) {
      for (const { metadata, status } of await list<VolumeAttachment>(ATTACHMENTS)) {
        if (status?.attached === true || metadata.deletionTimestamp !== undefined) continue;
        await cluster.request('PATCH', `${ATTACHMENTS}/${metadata.name}/status`, { status: { attached: true } });
      }
      await sleep(300);
    }
  };
  const attaching = attachAll();
  return () => {
    isOver = true;
    return attaching;
  };
}
