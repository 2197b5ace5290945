import { isoSeconds, type SandboxClock, type Timer } from '../../world/clock.ts';
import type { Machine } from '../../world/machines.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { removePod } from '../graceful-deletion.ts';
import type { Pod, PodStatus } from '../kinds/pod.ts';
import { keyOf, splitKey } from '../object-keys.ts';
import { claimNamesOf, isFinished, isTerminating, nodeNameOf } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';
import { behaviourOf } from './container-behaviour.ts';
import { crashedStatus, creatingStatus, endedStatus, runningStatus } from './pod-status.ts';

/** A kubelet restarts a crashing container after 10 s, twice that, …, at most 5 minutes. */
const FIRST_BACK_OFF_SECONDS = 10;
const LONGEST_BACK_OFF_SECONDS = 300;
/** Restarts of a crash-looping pod that has been there for days. */
const SETTLED_RESTARTS = 412;

interface Run {
  readonly key: string;
  readonly nodeName: string;
  stage: 'waiting' | 'starting' | 'started' | 'stopping' | 'stopped';
  stopsAt: number;
  timer?: Timer;
}

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
  const runs = new Map<string, Run>();
  /** Uids of the pods that wait for a volume, by node. */
  const waitingForVolumes = new Map<string, Set<string>>();
  let addresses = 0;

  /** From 100.64.0.0/10, the range that the VPC CNI is given when pods have subnets of their own. */
  const nextPodIp = () => {
    addresses += 1;
    const address = addresses % 0x3f_fffe;
    return `100.${64 + (address >> 16)}.${(address >> 8) & 0xff}.${address & 0xff}`;
  };

  const podOf = (run: Run, uid: string) => {
    const [namespace, name] = splitKey(run.key);
    const pod = store.get('pods', namespace, name);
    return pod?.metadata.uid === uid ? pod : undefined;
  };

  const writeStatus = (run: Run, uid: string, status: (pod: Pod, at: string) => PodStatus) => {
    const pod = podOf(run, uid);
    if (pod === undefined) return undefined;
    return store.change('pods', pod.metadata.namespace, pod.metadata.name, (current) => ({
      ...current,
      status: status(current, isoSeconds(clock.now())),
    }));
  };

  const say = (pod: Pod, reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal') => {
    const host = nodeNameOf(pod);
    events.record(pod, { type, reason, message, component: 'kubelet', ...(host === undefined ? {} : { host }) });
  };

  const succeed = (run: Run, uid: string) => {
    run.stage = 'stopped';
    writeStatus(run, uid, (pod, at) => endedStatus(pod, 'Succeeded', at));
  };

  const crash = (run: Run, uid: string, machine: Machine, podIp: string, restartCount: number) => {
    const pod = writeStatus(run, uid, (current, at) => crashedStatus(current, machine, podIp, restartCount, at));
    if (pod === undefined) return;
    say(pod, 'BackOff', `Back-off restarting failed container in pod ${pod.metadata.name}`, 'Warning');
    const backOff = Math.min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** Math.min(restartCount, 10));
    run.timer = clock.after(backOff, () => crash(run, uid, machine, podIp, restartCount + 1));
  };

  const started = (run: Run, uid: string) => {
    const machine = machineOf(run.nodeName);
    const pod = podOf(run, uid);
    if (machine === undefined || pod === undefined) return;
    const { runSeconds, crashes } = behaviourOf(pod);
    const podIp = pod.spec.hostNetwork === true ? machine.privateIpAddress : nextPodIp();
    run.stage = 'started';
    if (crashes) return crash(run, uid, machine, podIp, isInstant() ? SETTLED_RESTARTS : 0);
    writeStatus(run, uid, (current, at) => runningStatus(current, machine, podIp, at));
    if (runSeconds !== undefined) run.timer = clock.after(runSeconds, () => succeed(run, uid));
    const [container] = pod.spec.containers ?? [];
    say(pod, 'Pulled', `Container image "${container?.image}" already present on machine`);
    say(pod, 'Started', `Started container ${container?.name}`);
  };

  const begin = (run: Run, uid: string, pod: Pod) => {
    run.stage = 'starting';
    if (isInstant()) return started(run, uid);
    run.timer = clock.after(behaviourOf(pod).startSeconds, () => started(run, uid));
  };

  const acceptPod = (pod: Pod, nodeName: string, machine: Machine) => {
    const { uid } = pod.metadata;
    const run: Run = { key: keyOf(pod), nodeName, stage: 'waiting', stopsAt: Number.POSITIVE_INFINITY };
    runs.set(uid, run);
    if (!isInstant()) writeStatus(run, uid, (current, at) => creatingStatus(current, machine, at));
    if (claimNamesOf(pod).length === 0 || areVolumesAttached(pod)) return begin(run, uid, pod);
    const waiting = waitingForVolumes.get(nodeName) ?? new Set();
    waitingForVolumes.set(nodeName, waiting.add(uid));
  };

  const remove = (run: Run, uid: string) => {
    run.stage = 'stopped';
    const pod = podOf(run, uid);
    if (pod === undefined) return;
    const { namespace, name, finalizers = [] } = pod.metadata;
    if (finalizers.length === 0) {
      removePod({ store, clock }, pod);
      return;
    }
    store.change('pods', namespace, name, (current) => ({
      ...current,
      metadata: { ...current.metadata, deletionGracePeriodSeconds: 0 },
      status: isFinished(current) ? current.status : endedStatus(current, 'Failed', isoSeconds(clock.now())),
    }));
  };

  const stop = (run: Run, uid: string, pod: Pod) => {
    const grace = pod.metadata.deletionGracePeriodSeconds ?? 30;
    const seconds = isFinished(pod) ? 0 : Math.min(behaviourOf(pod).terminationSeconds, grace);
    const stopsAt = clock.now() + seconds * 1000;
    if (stopsAt >= run.stopsAt) return;
    if (run.stage !== 'stopping') {
      for (const { name } of pod.spec.containers ?? []) say(pod, 'Killing', `Stopping container ${name}`);
    }
    run.timer?.cancel();
    run.stage = 'stopping';
    run.stopsAt = stopsAt;
    run.timer = clock.after(seconds, () => remove(run, uid));
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
    if (isTerminating(pod)) {
      if (run?.stage === 'stopped') {
        if (!pod.metadata.finalizers?.length) remove(run, uid);
        else if (pod.metadata.deletionGracePeriodSeconds !== 0) remove(run, uid);
        return;
      }
      const stopping = run ?? { key, nodeName, stage: 'starting', stopsAt: Number.POSITIVE_INFINITY };
      runs.set(uid, stopping);
      stop(stopping, uid, pod);
    } else if (run === undefined && !isFinished(pod)) acceptPod(pod, nodeName, machine);
    else if (run?.stage === 'waiting' && areVolumesAttached(pod)) {
      waitingForVolumes.get(nodeName)?.delete(uid);
      begin(run, uid, pod);
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
