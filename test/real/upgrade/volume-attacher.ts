import { setTimeout as sleep } from 'node:timers/promises';
import type { VolumeAttachment } from 'eks-sandbox/kubernetes';
import type { Rehearsal } from './rehearsal.ts';

const ATTACHMENTS = '/apis/storage.k8s.io/v1/volumeattachments';

/** As external-attacher sets it, so that an attachment stays until its volume is detached. */
const FINALIZER = 'external-attacher/ebs-csi-aws-com';
/** Real seconds that a volume takes to be detached: long enough to be seen attached to a node without pods. */
const DETACH_SECONDS = 2;

/** Play the EBS driver's attacher: what the attach/detach controller asks for is attached soon, and detached later. @returns what ends it */
export function playVolumeAttacher({ list, cluster }: Rehearsal): () => Promise<void> {
  let isOver = false;
  const detachedAt = new Map<string, number>();

  const attach = async (path: string) => {
    await cluster.request('PATCH', path, { metadata: { finalizers: [FINALIZER] } });
    await cluster.request('PATCH', `${path}/status`, { status: { attached: true } });
  };
  const detach = async (name: string, path: string) => {
    const dueAt = detachedAt.get(name) ?? Date.now() + DETACH_SECONDS * 1000;
    detachedAt.set(name, dueAt);
    if (Date.now() >= dueAt) await cluster.request('PATCH', path, { metadata: { finalizers: null } });
  };
  const work = async () => {
    while (!isOver) {
      for (const { metadata, status } of await list<VolumeAttachment>(ATTACHMENTS)) {
        const path = `${ATTACHMENTS}/${metadata.name}`;
        if (metadata.deletionTimestamp !== undefined) await detach(metadata.name, path);
        else if (status?.attached !== true) await attach(path);
      }
      await sleep(300);
    }
  };
  const working = work();
  return () => {
    isOver = true;
    return working;
  };
}
