import type { SandboxClock } from '../../world/clock.ts';
import type { Machine } from '../../world/machines.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Pod } from '../kinds/pod.ts';
import { keyOf, splitKey } from '../object-keys.ts';
import { claimNamesOf, isFinished, isTerminating, nodeNameOf } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';
import { createPodReports } from './pod-reports.ts';
import { newPodRun, type PodRun } from './pod-run.ts';
import { createPodStart } from './pod-start.ts';
import { creatingStatus } from './pod-status.ts';
import { createPodStop } from './pod-stop.ts';

/** Create what kubelets do with the pods bound to their nodes: start them, keep them, stop them. */
export function createPodRunner({
  clock,
  store,
  events,
  machineOf,
  isAlive,
  areVolumesAttached,
  isInstant,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
  machineOf(nodeName: string): Machine | undefined;
  isAlive(nodeName: string): boolean;
  areVolumesAttached(pod: Pod): boolean;
  /** While the world is being set up pods are Running and Ready at once. */
  isInstant(): boolean;
}): { drain(): boolean; kubeletStopped(nodeName: string): void } {
  const runs = new Map<string, PodRun>();
  /** Uids of the pods that wait for a volume, by node. */
  const waitingForVolumes = new Map<string, Set<string>>();
  const reports = createPodReports({ clock, store, events });
  const podStart = createPodStart({ clock, reports, machineOf, isInstant });
  const podStop = createPodStop({ clock, store, reports });

  const acceptPod = (pod: Pod, nodeName: string, machine: Machine) => {
    const { uid } = pod.metadata;
    const run = newPodRun(pod, nodeName, 'waiting');
    runs.set(uid, run);
    if (!isInstant()) reports.writeStatus(run, (current, at) => creatingStatus(current, machine, at));
    if (claimNamesOf(pod).length === 0 || areVolumesAttached(pod)) return podStart.begin(run, pod);
    const waiting = waitingForVolumes.get(nodeName) ?? new Set();
    waitingForVolumes.set(nodeName, waiting.add(uid));
  };

  const stopPod = (pod: Pod, nodeName: string, run = newPodRun(pod, nodeName, 'starting')) => {
    const { uid, finalizers = [], deletionGracePeriodSeconds } = pod.metadata;
    if (run.stage !== 'stopped') {
      runs.set(uid, run);
      podStop.begin(run, pod);
    } else if (finalizers.length === 0 || deletionGracePeriodSeconds !== 0) podStop.finish(run);
  };

  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const pod = store.get('pods', namespace, name);
    const nodeName = pod && nodeNameOf(pod);
    if (pod === undefined || nodeName === undefined || !isAlive(nodeName)) return;
    const machine = machineOf(nodeName);
    if (machine === undefined) return;
    const { uid } = pod.metadata;
    const run = runs.get(uid);
    if (isTerminating(pod)) stopPod(pod, nodeName, run);
    else if (run === undefined && !isFinished(pod)) acceptPod(pod, nodeName, machine);
    else if (run?.stage === 'waiting' && areVolumesAttached(pod)) {
      waitingForVolumes.get(nodeName)?.delete(uid);
      podStart.begin(run, pod);
    }
  });

  const wakeWaiting = (nodeName: string) => {
    for (const uid of waitingForVolumes.get(nodeName) ?? []) {
      const run = runs.get(uid);
      if (run !== undefined) queue.add(run.key);
    }
  };

  const forget = (pod: Pod) => {
    const { uid } = pod.metadata;
    runs.get(uid)?.timer?.cancel();
    runs.delete(uid);
    waitingForVolumes.get(nodeNameOf(pod) ?? '')?.delete(uid);
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'volumeattachments') {
      const { spec, status } = object;
      if (type !== 'DELETED' && status?.attached === true && spec !== undefined) wakeWaiting(spec.nodeName);
    }
    if (resource !== 'pods') return;
    if (type === 'DELETED') return forget(object);
    if (nodeNameOf(object) === undefined) return;
    const isNewHere = previous === undefined || nodeNameOf(previous) === undefined;
    const isTouched =
      object.metadata.deletionTimestamp !== previous?.metadata.deletionTimestamp ||
      object.metadata.finalizers !== previous?.metadata.finalizers;
    if (isNewHere || isTouched) queue.add(keyOf(object));
  });

  return {
    drain: queue.drain,
    /** Pods on a dead machine die with it, but no kubelet is left to report it. */
    kubeletStopped(nodeName) {
      for (const pod of store.podsOnNode(nodeName)) forget(pod);
    },
  };
}
