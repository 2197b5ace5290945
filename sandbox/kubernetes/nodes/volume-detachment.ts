import type { SandboxClock } from '../../world/clock.ts';
import type { AttachedVolumes, Attachment } from './attached-volumes.ts';

/** Hard-coded in kube-controller-manager (maxWaitForUnmountDuration): https://github.com/kubernetes/kubernetes/issues/129805 */
const FORCE_DETACH_SECONDS = 6 * 60;

/** Takes volumes off the nodes that no longer need them. */
export interface VolumeDetachment {
  begin(attachment: Attachment): void;
  /** The kubelet died before it had unmounted the volume, which stays in use for six minutes. */
  forceLater(attachment: Attachment): void;
}

/**
 * Create what detaches volumes: the kubelet unmounts (half of the time), and the controller detaches (the other half).
 *
 * @param onDetached called when a volume is free
 */
export function createVolumeDetachment({
  clock,
  volumes,
  detachSeconds,
  isAlive,
  onDetached,
}: {
  clock: SandboxClock;
  volumes: AttachedVolumes;
  detachSeconds: number;
  isAlive(nodeName: string): boolean;
  onDetached(volumeName: string): void;
}): VolumeDetachment {
  const finish = (attachment: Attachment) => {
    volumes.remove(attachment);
    volumes.reportOnNode(attachment.nodeName);
    onDetached(attachment.volumeName);
  };

  const unmount = (attachment: Attachment) => {
    attachment.isUnmounted = true;
    volumes.reportOnNode(attachment.nodeName);
    attachment.timer = clock.after(detachSeconds / 2, () => finish(attachment));
  };

  const forceLater = (attachment: Attachment) => {
    attachment.timer?.cancel();
    attachment.timer = clock.after(FORCE_DETACH_SECONDS, () => finish(attachment));
  };

  return {
    forceLater,
    begin(attachment) {
      attachment.stage = 'detaching';
      if (isAlive(attachment.nodeName)) attachment.timer = clock.after(detachSeconds / 2, () => unmount(attachment));
      else forceLater(attachment);
    },
  };
}
