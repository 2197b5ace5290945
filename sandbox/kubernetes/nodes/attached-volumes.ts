import type { Timer } from '../../world/clock.ts';
import { EBS_DRIVER } from '../scheduling/volume-binder.ts';
import type { ObjectStore } from '../store.ts';

/** A volume on its way to a node, on it, or on its way off. */
export interface Attachment {
  readonly name: string;
  readonly volumeName: string;
  readonly volumeHandle: string;
  readonly nodeName: string;
  /** Uids of the pods that keep it there. */
  readonly holders: Set<string>;
  stage: 'attaching' | 'attached' | 'detaching';
  /** The kubelet has unmounted it and said so: it may be detached whatever becomes of the node. */
  isUnmounted: boolean;
  timer?: Timer;
}

/** Which volume is where; a volume is on one node at a time. */
export interface AttachedVolumes {
  of(volumeName: string): Attachment | undefined;
  on(nodeName: string): Iterable<Attachment>;
  /** Add an attachment, with its VolumeAttachment. */
  add(attachment: Attachment): void;
  /** Remove an attachment, with its VolumeAttachment. */
  remove(attachment: Attachment): void;
  /** Keep `volumesAttached` and `volumesInUse` of a node's status in step with what is attached to it. */
  reportOnNode(nodeName: string): void;
}

const deviceOf = ({ volumeHandle }: Attachment) => `kubernetes.io/csi/${EBS_DRIVER}^${volumeHandle}`;

/** Create an empty record of attachments. */
export function createAttachedVolumes(store: ObjectStore): AttachedVolumes {
  const byVolume = new Map<string, Attachment>();
  const byNode = new Map<string, Set<Attachment>>();

  return {
    of: (volumeName) => byVolume.get(volumeName),
    on: (nodeName) => byNode.get(nodeName) ?? [],
    add(attachment) {
      const { name, nodeName, volumeName } = attachment;
      byVolume.set(volumeName, attachment);
      byNode.set(nodeName, (byNode.get(nodeName) ?? new Set()).add(attachment));
      store.create('volumeattachments', {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name, finalizers: [`external-attacher/${EBS_DRIVER.replaceAll('.', '-')}`] },
        spec: { attacher: EBS_DRIVER, nodeName, source: { persistentVolumeName: volumeName } },
        status: { attached: false },
      });
    },
    remove(attachment) {
      const { name, nodeName, volumeName } = attachment;
      byVolume.delete(volumeName);
      byNode.get(nodeName)?.delete(attachment);
      if (byNode.get(nodeName)?.size === 0) byNode.delete(nodeName);
      store.remove('volumeattachments', undefined, name);
    },
    reportOnNode(nodeName) {
      const here = [...(byNode.get(nodeName) ?? [])];
      const attached = here.filter(({ stage }) => stage !== 'attaching').map(deviceOf);
      const inUse = here.filter(({ isUnmounted }) => !isUnmounted).map(deviceOf);
      store.change('nodes', undefined, nodeName, (node) => {
        const { volumesAttached: _, volumesInUse: __, ...status } = node.status ?? {};
        return {
          ...node,
          status: {
            ...status,
            ...(attached.length > 0 ? { volumesAttached: attached.map((name) => ({ name, devicePath: '' })) } : {}),
            ...(inUse.length > 0 ? { volumesInUse: inUse } : {}),
          },
        };
      });
    },
  };
}
