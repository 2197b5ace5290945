import { createHash } from 'node:crypto';
import type { SandboxClock, Timer } from '../../world/clock.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Pod } from '../kinds/pod.ts';
import type { PersistentVolume } from '../kinds/storage.ts';
import { claimNamesOf, isFinished, nodeNameOf } from '../pod-state.ts';
import { EBS_DRIVER } from '../scheduling/volume-binder.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';

/** Hard-coded in kube-controller-manager (maxWaitForUnmountDuration): https://github.com/kubernetes/kubernetes/issues/129805 */
const FORCE_DETACH_SECONDS = 6 * 60;

/** Name of the VolumeAttachment of a volume on a node, as the CSI attacher computes it. */
export const attachmentNameOf = (volumeHandle: string, nodeName: string): string =>
  `csi-${createHash('sha256').update(`${volumeHandle}${EBS_DRIVER}${nodeName}`).digest('hex')}`;

interface Attachment {
  readonly name: string;
  readonly volumeName: string;
  readonly volumeHandle: string;
  readonly nodeName: string;
  /** Keys of the pods that hold it there, by uid. */
  readonly holders: Set<string>;
  stage: 'attaching' | 'attached' | 'detaching';
  /** The kubelet has unmounted it and said so: it may be detached whatever becomes of the node. */
  isUnmounted: boolean;
  timer?: Timer;
}

export interface VolumeAttachments {
  drain(): boolean;
  /** Whether every volume of a pod is attached to its node. */
  areAttached(pod: Pod): boolean;
  /** A kubelet fell silent: what it had not unmounted stays in use for six minutes. */
  kubeletStopped(nodeName: string): void;
}

/**
 * Create the attach/detach controller with the EBS driver behind it.
 *
 * A volume is on one node at a time. When its last pod has left a node the kubelet unmounts it (half of
 * `volumeDetachSeconds`) and the controller detaches it (the other half). A node that dies before it has unmounted keeps the
 * volume for six minutes.
 */
export function createVolumeAttachments({
  clock,
  store,
  events,
  volumeAttachSeconds,
  volumeDetachSeconds,
  isAlive,
  isInstant,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
  volumeAttachSeconds: number;
  volumeDetachSeconds: number;
  isAlive(nodeName: string): boolean;
  /** While the world is being set up nothing takes time. */
  isInstant(): boolean;
}): VolumeAttachments {
  const byVolume = new Map<string, Attachment>();
  const byNode = new Map<string, Set<Attachment>>();
  /** Bound pods whose volume is still elsewhere, by volume. */
  const awaiting = new Map<string, Map<string, Pod>>();

  const volumesOf = (pod: Pod): PersistentVolume[] =>
    claimNamesOf(pod).flatMap((name) => {
      const claim = store.get('persistentvolumeclaims', pod.metadata.namespace, name);
      const volume = store.get('persistentvolumes', undefined, claim?.spec?.volumeName ?? '');
      return volume?.spec?.csi?.driver === EBS_DRIVER ? [volume] : [];
    });

  const deviceOf = ({ volumeHandle }: Attachment) => `kubernetes.io/csi/${EBS_DRIVER}^${volumeHandle}`;

  /** Keep `volumesAttached` and `volumesInUse` of the node's status in step with what is attached to it. */
  const reportOnNode = (nodeName: string) => {
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
  };

  const finishAttach = (attachment: Attachment) => {
    attachment.stage = 'attached';
    store.change('volumeattachments', undefined, attachment.name, (object) => ({
      ...object,
      status: { attached: true },
    }));
    reportOnNode(attachment.nodeName);
    if (attachment.holders.size === 0) queue.add(attachment.volumeName);
  };

  const attach = (volumeName: string, volumeHandle: string, pod: Pod, nodeName: string) => {
    const attachment: Attachment = {
      name: attachmentNameOf(volumeHandle, nodeName),
      volumeName,
      volumeHandle,
      nodeName,
      holders: new Set([pod.metadata.uid]),
      stage: 'attaching',
      isUnmounted: false,
    };
    byVolume.set(attachment.volumeName, attachment);
    byNode.set(nodeName, (byNode.get(nodeName) ?? new Set()).add(attachment));
    store.create('volumeattachments', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: attachment.name, finalizers: [`external-attacher/${EBS_DRIVER.replaceAll('.', '-')}`] },
      spec: { attacher: EBS_DRIVER, nodeName, source: { persistentVolumeName: attachment.volumeName } },
      status: { attached: false },
    });
    if (isInstant()) finishAttach(attachment);
    else {
      clock.after(volumeAttachSeconds, () => {
        if (byVolume.get(attachment.volumeName) !== attachment) return;
        finishAttach(attachment);
        events.record(pod, {
          reason: 'SuccessfulAttachVolume',
          message: `AttachVolume.Attach succeeded for volume "${attachment.volumeName}"`,
          component: 'attachdetach-controller',
        });
      });
    }
  };

  const finishDetach = (attachment: Attachment) => {
    byVolume.delete(attachment.volumeName);
    byNode.get(attachment.nodeName)?.delete(attachment);
    if (byNode.get(attachment.nodeName)?.size === 0) byNode.delete(attachment.nodeName);
    store.remove('volumeattachments', undefined, attachment.name);
    reportOnNode(attachment.nodeName);
    queue.add(attachment.volumeName);
  };

  const unmount = (attachment: Attachment) => {
    attachment.isUnmounted = true;
    reportOnNode(attachment.nodeName);
    attachment.timer = clock.after(volumeDetachSeconds / 2, () => finishDetach(attachment));
  };

  const forceDetachLater = (attachment: Attachment) => {
    attachment.timer?.cancel();
    attachment.timer = clock.after(FORCE_DETACH_SECONDS, () => finishDetach(attachment));
  };

  const beginDetach = (attachment: Attachment) => {
    attachment.stage = 'detaching';
    if (isAlive(attachment.nodeName))
      attachment.timer = clock.after(volumeDetachSeconds / 2, () => unmount(attachment));
    else forceDetachLater(attachment);
  };

  const reuse = (attachment: Attachment, pods: Iterable<Pod>) => {
    attachment.timer?.cancel();
    attachment.stage = 'attached';
    attachment.isUnmounted = false;
    for (const pod of pods) attachment.holders.add(pod.metadata.uid);
    reportOnNode(attachment.nodeName);
  };

  const queue = createWorkQueue(clock, (volumeName) => {
    const attachment = byVolume.get(volumeName);
    const pods = [...(awaiting.get(volumeName)?.values() ?? [])];
    const volumeHandle = store.get('persistentvolumes', undefined, volumeName)?.spec?.csi?.volumeHandle;
    const [first] = pods;
    const nodeName = first && nodeNameOf(first);
    if (attachment === undefined) {
      if (first === undefined || nodeName === undefined || volumeHandle === undefined) return;
      if (store.get('nodes', undefined, nodeName) === undefined) return;
      attach(volumeName, volumeHandle, first, nodeName);
      settleAwaiting(volumeName, nodeName);
      return;
    }
    const samePlace = pods.filter((pod) => nodeNameOf(pod) === attachment.nodeName);
    if (samePlace.length > 0) {
      if (attachment.stage === 'detaching' && isAlive(attachment.nodeName)) reuse(attachment, samePlace);
      else for (const pod of samePlace) attachment.holders.add(pod.metadata.uid);
      settleAwaiting(volumeName, attachment.nodeName);
    } else if (first !== undefined && attachment.holders.size > 0) {
      events.record(first, {
        type: 'Warning',
        reason: 'FailedAttachVolume',
        message: `Multi-Attach error for volume "${volumeName}" Volume is already exclusively attached to one node and can't be attached to another`,
        component: 'attachdetach-controller',
      });
    }
    if (attachment.holders.size === 0 && attachment.stage === 'attached') beginDetach(attachment);
  });

  const settleAwaiting = (volumeName: string, nodeName: string) => {
    const pods = awaiting.get(volumeName);
    if (pods === undefined) return;
    for (const [uid, pod] of pods) {
      if (nodeNameOf(pod) !== nodeName) continue;
      byVolume.get(volumeName)?.holders.add(uid);
      pods.delete(uid);
    }
    if (pods.size === 0) awaiting.delete(volumeName);
  };

  const claim = (pod: Pod) => {
    for (const volume of volumesOf(pod)) {
      const { name } = volume.metadata;
      const pods = awaiting.get(name) ?? new Map<string, Pod>();
      awaiting.set(name, pods.set(pod.metadata.uid, pod));
      queue.add(name);
    }
  };

  const release = (pod: Pod) => {
    for (const volume of volumesOf(pod)) {
      const { name } = volume.metadata;
      awaiting.get(name)?.delete(pod.metadata.uid);
      byVolume.get(name)?.holders.delete(pod.metadata.uid);
      queue.add(name);
    }
  };

  const claims = (pod: Pod | undefined) => pod !== undefined && nodeNameOf(pod) !== undefined && !isFinished(pod);

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource !== 'pods' || claimNamesOf(object).length === 0) return;
    const next = type === 'DELETED' ? undefined : object;
    if (claims(next) && !claims(previous)) claim(object);
    else if (!claims(next) && claims(previous)) release(object);
  });

  return {
    drain: queue.drain,
    areAttached: (pod) =>
      volumesOf(pod).every((volume) => {
        const attachment = byVolume.get(volume.metadata.name);
        return attachment?.nodeName === nodeNameOf(pod) && attachment?.stage === 'attached';
      }),
    kubeletStopped(nodeName) {
      for (const attachment of byNode.get(nodeName) ?? [])
        if (attachment.stage === 'detaching' && !attachment.isUnmounted) forceDetachLater(attachment);
    },
  };
}
