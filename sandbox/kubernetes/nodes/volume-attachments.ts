import { createHash } from 'node:crypto';
import type { SandboxClock } from '../../world/clock.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Pod } from '../kinds/pod.ts';
import type { PersistentVolume } from '../kinds/storage.ts';
import { claimNamesOf, isFinished, nodeNameOf } from '../pod-state.ts';
import { EBS_DRIVER } from '../scheduling/volume-binder.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';
import { type Attachment, createAttachedVolumes } from './attached-volumes.ts';
import { createAwaitingPods } from './awaiting-pods.ts';
import { createVolumeDetachment } from './volume-detachment.ts';

/** Name of the VolumeAttachment of a volume on a node, as the CSI attacher computes it. */
const attachmentNameOf = (volumeHandle: string, nodeName: string): string =>
  `csi-${createHash('sha256').update(`${volumeHandle}${EBS_DRIVER}${nodeName}`).digest('hex')}`;

export interface VolumeAttachments {
  drain(): boolean;
  /** Whether every volume of a pod is attached to its node. */
  areAttached(pod: Pod): boolean;
  /** A kubelet fell silent: what it had not unmounted stays in use for six minutes. */
  kubeletStopped(nodeName: string): void;
}

/** What `createVolumeAttachments` needs. */
export interface VolumeAttachmentsOptions {
  readonly clock: SandboxClock;
  readonly store: ObjectStore;
  readonly events: EventRecorder;
  readonly volumeAttachSeconds: number;
  readonly volumeDetachSeconds: number;
  isAlive(nodeName: string): boolean;
  /** While the world is being set up nothing takes time. */
  isInstant(): boolean;
}

/** Say that a pod waits for a volume that is on another node, where pods still use it. */
const recordMultiAttach = (events: EventRecorder, pod: Pod, volumeName: string): void =>
  events.record(pod, {
    type: 'Warning',
    reason: 'FailedAttachVolume',
    message: `Multi-Attach error for volume "${volumeName}" Volume is already exclusively attached to one node and can't be attached to another`,
    component: 'attachdetach-controller',
  });

/** Volumes of a pod that only one node can have. */
const volumesOf = (store: ObjectStore, pod: Pod): PersistentVolume[] =>
  claimNamesOf(pod).flatMap((name) => {
    const claim = store.get('persistentvolumeclaims', pod.metadata.namespace, name);
    const volume = store.get('persistentvolumes', undefined, claim?.spec?.volumeName ?? '');
    return volume?.spec?.csi?.driver === EBS_DRIVER ? [volume] : [];
  });

const needsVolumes = (pod: Pod | undefined) => pod !== undefined && nodeNameOf(pod) !== undefined && !isFinished(pod);

/**
 * Create the attach/detach controller with the EBS driver behind it.
 *
 * A volume is on one node at a time. When its last pod has left a node the kubelet unmounts it (half of
 * `volumeDetachSeconds`) and the controller detaches it (the other half). A node that dies before it has unmounted keeps the
 * volume for six minutes.
 */
export function createVolumeAttachments(options: VolumeAttachmentsOptions): VolumeAttachments {
  const { clock, store, events, volumeAttachSeconds, volumeDetachSeconds: detachSeconds, isAlive, isInstant } = options;
  const volumes = createAttachedVolumes(store);
  const awaiting = createAwaitingPods();

  const queue = createWorkQueue(clock, (volumeName) => {
    const attachment = volumes.of(volumeName);
    const pods = awaiting.of(volumeName);
    if (attachment === undefined) attachToFirst(volumeName, pods[0]);
    else reconcile(attachment, pods);
  });
  const detachment = createVolumeDetachment({ clock, volumes, detachSeconds, isAlive, onDetached: queue.add });

  const finishAttach = (attachment: Attachment) => {
    attachment.stage = 'attached';
    store.change('volumeattachments', undefined, attachment.name, (object) => ({
      ...object,
      status: { attached: true },
    }));
    volumes.reportOnNode(attachment.nodeName);
    if (attachment.holders.size === 0) queue.add(attachment.volumeName);
  };

  const attach = (attachment: Attachment, pod: Pod) => {
    volumes.add(attachment);
    if (isInstant()) return finishAttach(attachment);
    clock.after(volumeAttachSeconds, () => {
      if (volumes.of(attachment.volumeName) !== attachment) return;
      finishAttach(attachment);
      events.record(pod, {
        reason: 'SuccessfulAttachVolume',
        message: `AttachVolume.Attach succeeded for volume "${attachment.volumeName}"`,
        component: 'attachdetach-controller',
      });
    });
  };

  const attachToFirst = (volumeName: string, pod: Pod | undefined) => {
    const volumeHandle = store.get('persistentvolumes', undefined, volumeName)?.spec?.csi?.volumeHandle;
    const nodeName = pod && nodeNameOf(pod);
    if (pod === undefined || nodeName === undefined || volumeHandle === undefined) return;
    if (store.get('nodes', undefined, nodeName) === undefined) return;
    const name = attachmentNameOf(volumeHandle, nodeName);
    const holders = new Set([pod.metadata.uid]);
    attach({ name, volumeName, volumeHandle, nodeName, holders, stage: 'attaching', isUnmounted: false }, pod);
    settleAwaiting(volumeName, nodeName);
  };

  const reconcile = (attachment: Attachment, pods: readonly Pod[]) => {
    const { volumeName, nodeName, holders } = attachment;
    const samePlace = pods.filter((pod) => nodeNameOf(pod) === nodeName);
    const [first] = pods;
    if (samePlace.length > 0) {
      for (const { metadata } of samePlace) holders.add(metadata.uid);
      if (attachment.stage === 'detaching' && isAlive(nodeName)) keepAttached(attachment);
      settleAwaiting(volumeName, nodeName);
    } else if (first !== undefined && holders.size > 0) {
      recordMultiAttach(events, first, volumeName);
    }
    if (holders.size === 0 && attachment.stage === 'attached') detachment.begin(attachment);
  };

  /** A pod came back to the node while the volume was being detached from it. */
  const keepAttached = (attachment: Attachment) => {
    attachment.timer?.cancel();
    attachment.stage = 'attached';
    attachment.isUnmounted = false;
    volumes.reportOnNode(attachment.nodeName);
  };

  const settleAwaiting = (volumeName: string, nodeName: string) => {
    for (const uid of awaiting.takeOn(volumeName, nodeName)) volumes.of(volumeName)?.holders.add(uid);
  };

  const claim = (pod: Pod) => {
    for (const { metadata } of volumesOf(store, pod)) {
      awaiting.add(metadata.name, pod);
      queue.add(metadata.name);
    }
  };

  const release = (pod: Pod) => {
    for (const { metadata } of volumesOf(store, pod)) {
      awaiting.remove(metadata.name, pod);
      volumes.of(metadata.name)?.holders.delete(pod.metadata.uid);
      queue.add(metadata.name);
    }
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource !== 'pods' || claimNamesOf(object).length === 0) return;
    const next = type === 'DELETED' ? undefined : object;
    if (needsVolumes(next) && !needsVolumes(previous)) claim(object);
    else if (!needsVolumes(next) && needsVolumes(previous)) release(object);
  });

  return {
    drain: queue.drain,
    areAttached: (pod) =>
      volumesOf(store, pod).every(({ metadata }) => {
        const attachment = volumes.of(metadata.name);
        return attachment?.nodeName === nodeNameOf(pod) && attachment?.stage === 'attached';
      }),
    kubeletStopped(nodeName) {
      for (const attachment of volumes.on(nodeName))
        if (attachment.stage === 'detaching' && !attachment.isUnmounted) detachment.forceLater(attachment);
    },
  };
}
