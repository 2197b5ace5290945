import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import type { Random } from '../../world/random.ts';
import { withCondition } from '../conditions.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { NodeSelectorTerm, Pod } from '../kinds/pod.ts';
import { keyOf, splitKey } from '../object-keys.ts';
import { isFinished, isTerminating, nodeNameOf } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';
import { createNodeFilter, refusalOfAdmission } from './filters.ts';
import { createNodeRooms, type NodeRoom } from './node-room.ts';
import { createPodCensus } from './pod-census.ts';
import { type Requirements, requirementsOf } from './requirements.ts';
import { scoreRooms } from './scores.ts';

/** Where a pod's volumes can be reached from, and how its unbound claims come to a volume. */
export interface VolumeBinder {
  /** Node affinity of each bound volume, or why the pod cannot be placed at all. */
  termsOf(pod: Pod): readonly (readonly NodeSelectorTerm[])[] | string;
  /** Provision a volume for each unbound claim, in the zone of the node that was chosen. */
  bindClaims(pod: Pod, room: { name: string; zone: string }): void;
}

export interface Scheduler {
  /** Try everything that waits, at once; false when nothing did. */
  drain(): boolean;
}

/** Feasible nodes that are enough to choose from; below this many nodes all are scored, as in kube-scheduler. */
const ENOUGH_CANDIDATES = 100;
/** A pod that stays pending is explained again after this long, not at every retry. */
const EXPLANATION_SECONDS = 60;

interface WaitingPod {
  readonly required: Requirements;
  explainedAt: number;
}

/** What the answer depends on besides the nodes; equal pods get equal answers. */
const kindOf = (pod: Pod, required: Requirements) =>
  JSON.stringify([pod.metadata.namespace, pod.metadata.labels, required]);

/** A pod whose chances other nodes can change: the skew between domains, or a volume that appears. */
const dependsOnOtherNodes = ({ spread, antiAffinity, claimNames }: Requirements) =>
  claimNames.length > 0 ||
  spread.some(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule') ||
  antiAffinity.some(({ topologyKey }) => topologyKey !== 'kubernetes.io/hostname');

/** Create the scheduler: binds pending pods to nodes, and says why it cannot. */
export function createScheduler({
  clock,
  store,
  random,
  events,
  volumes,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  random: Random;
  events: EventRecorder;
  volumes: VolumeBinder;
}): Scheduler {
  const incoming = new Set<string>();
  const waiting = new Map<string, WaitingPod>();
  const changedRooms = new Set<string>();
  let scanFrom = 0;

  const round = createWorkQueue(clock, () => {
    const keys = new Set(incoming);
    incoming.clear();
    const refused = new Map<string, string>();
    for (const key of keys) schedule(key, undefined, refused);
    const changed = [...changedRooms].flatMap((name) => rooms.get(name) ?? []);
    changedRooms.clear();
    if (changed.length === 0) return;
    const stillRefused = new Map<string, string>();
    for (const key of [...waiting.keys()]) if (!keys.has(key)) schedule(key, changed, stillRefused);
  });

  const rooms = createNodeRooms(store, (nodeName) => {
    if (waiting.size === 0) return;
    changedRooms.add(nodeName);
    round.add('');
  });
  const census = createPodCensus(store, (nodeName) => rooms.get(nodeName)?.zone ?? '');

  /** Feasible nodes, zone by zone in turn, starting where the last search ended. */
  const searchAll = (required: Requirements, refuses: (room: NodeRoom) => string | undefined): NodeRoom[] => {
    const found: NodeRoom[] = [];
    for (const admission of rooms.admissions()) {
      if (refusalOfAdmission(admission, required) !== undefined) continue;
      const zones = [...admission.zones.values()].filter((list) => list.length > 0);
      const longest = Math.max(0, ...zones.map((list) => list.length));
      for (let step = 0; step < longest; step += 1) {
        for (const list of zones) {
          if (step >= list.length) continue;
          const room = list[(scanFrom + step) % list.length];
          if (room === undefined || refuses(room) !== undefined) continue;
          found.push(room);
          if (found.length >= ENOUGH_CANDIDATES) {
            scanFrom = (scanFrom + step + 1) % 1_000_003;
            return found;
          }
        }
      }
    }
    return found;
  };

  const searchAmong = (
    candidates: readonly NodeRoom[],
    required: Requirements,
    refuses: (room: NodeRoom) => string | undefined,
  ) =>
    candidates.filter(
      (room) => refusalOfAdmission(room.admission, required) === undefined && refuses(room) === undefined,
    );

  const choose = (pod: Pod, required: Requirements, candidates: readonly NodeRoom[]): NodeRoom => {
    const [only] = candidates;
    if (candidates.length === 1 && only !== undefined) return only;
    const scores = scoreRooms(pod, required, candidates, census);
    const best = scores.reduce((highest, score) => Math.max(highest, score));
    const ties = candidates.filter((_, index) => scores[index] === best);
    return ties[random.integer(ties.length)] as NodeRoom;
  };

  /** The sentence of `kubectl describe pod`, e.g. "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were …". */
  const explain = (required: Requirements, refuses: (room: NodeRoom) => string | undefined): string => {
    if (rooms.count() === 0) return 'no nodes available to schedule pods';
    const tally = new Map<string, number>();
    let helpless = 0;
    for (const room of rooms.all()) {
      const isOther = required.onlyNode !== undefined && room.name !== required.onlyNode;
      const atDoor = isOther ? undefined : refusalOfAdmission(room.admission, required);
      const refusal = isOther ? "node(s) didn't match Pod's node affinity/selector" : (atDoor ?? refuses(room));
      if (refusal === undefined) continue;
      tally.set(refusal, (tally.get(refusal) ?? 0) + 1);
      const mightBeFreed = /^(Insufficient|Too many)|anti-affinity|spread/.test(refusal);
      if (!mightBeFreed) helpless += 1;
    }
    const of = `0/${rooms.count()} nodes are available`;
    const reasons = [...tally].map(([reason, nodes]) => `${nodes} ${reason}`).sort();
    const freeable = rooms.count() - helpless;
    const preemption = [
      ...(freeable > 0 ? [`${freeable} No preemption victims found for incoming pod`] : []),
      ...(helpless > 0 ? [`${helpless} Preemption is not helpful for scheduling`] : []),
    ];
    return `${of}: ${reasons.join(', ')}. preemption: ${of}: ${preemption.join(', ')}.`;
  };

  const reportUnschedulable = (pod: Pod, message: string) => {
    store.change('pods', pod.metadata.namespace, pod.metadata.name, (current) => ({
      ...current,
      status: {
        ...current.status,
        conditions: withCondition(
          current.status?.conditions,
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
          isoSeconds(clock.now()),
        ),
      },
    }));
    events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: 'default-scheduler' });
  };

  const bind = (pod: Pod, room: NodeRoom) => {
    const { namespace, name } = pod.metadata;
    volumes.bindClaims(pod, room);
    store.change('pods', namespace, name, (current) => ({
      ...current,
      spec: { ...current.spec, nodeName: room.name },
      status: {
        ...current.status,
        conditions: withCondition(
          current.status?.conditions,
          { type: 'PodScheduled', status: 'True' },
          isoSeconds(clock.now()),
        ),
      },
    }));
    events.record(pod, {
      reason: 'Scheduled',
      message: `Successfully assigned ${namespace}/${name} to ${room.name}`,
      component: 'default-scheduler',
    });
  };

  const keepWaiting = (key: string, pod: Pod, required: Requirements, explanation: () => string) => {
    const known = waiting.get(key);
    const now = clock.now();
    if (known !== undefined && now - known.explainedAt < EXPLANATION_SECONDS * 1000) return;
    waiting.set(key, { required, explainedAt: now });
    reportUnschedulable(pod, explanation());
  };

  /**
   * Place one pod.
   *
   * @param changed nodes to look at; all when absent
   * @param refused kinds of pod that found no node in this round, with the explanation once it was needed
   */
  const schedule = (key: string, changed: readonly NodeRoom[] | undefined, refused: Map<string, string>) => {
    const [namespace, name] = splitKey(key);
    const pod = store.get('pods', namespace, name);
    if (pod === undefined || nodeNameOf(pod) !== undefined || isTerminating(pod) || isFinished(pod)) {
      waiting.delete(key);
      return;
    }
    const required = waiting.get(key)?.required ?? requirementsOf(pod);
    const volumeTerms = volumes.termsOf(pod);
    if (typeof volumeTerms === 'string') return keepWaiting(key, pod, required, () => volumeTerms);
    const refuses = createNodeFilter(pod, required, volumeTerms, rooms, census);
    const explanation = () => {
      const kind = kindOf(pod, required);
      const message = refused.get(kind) || explain(required, refuses);
      refused.set(kind, message);
      return message;
    };
    if (refused.size > 0 && refused.has(kindOf(pod, required))) return keepWaiting(key, pod, required, explanation);
    const pinned = required.onlyNode === undefined ? undefined : rooms.get(required.onlyNode);
    const scope =
      required.onlyNode !== undefined
        ? pinned === undefined
          ? []
          : [pinned]
        : dependsOnOtherNodes(required)
          ? undefined
          : changed;
    const candidates = scope === undefined ? searchAll(required, refuses) : searchAmong(scope, required, refuses);
    if (candidates.length === 0) {
      refused.set(kindOf(pod, required), '');
      return keepWaiting(key, pod, required, explanation);
    }
    waiting.delete(key);
    bind(pod, choose(pod, required, candidates));
  };

  store.subscribe(({ resource, type, object }) => {
    if (resource === 'pods') {
      const key = keyOf(object);
      const isPending = type !== 'DELETED' && nodeNameOf(object) === undefined && !isTerminating(object);
      if (!isPending) {
        incoming.delete(key);
        waiting.delete(key);
        return;
      }
      const isOurs = (object.spec.schedulerName ?? 'default-scheduler') === 'default-scheduler';
      if (!isOurs || (object.spec.schedulingGates ?? []).length > 0 || waiting.has(key)) return;
      incoming.add(key);
      round.add('');
    } else if (resource === 'persistentvolumeclaims' || resource === 'persistentvolumes') {
      if (waiting.size === 0 || type === 'DELETED') return;
      for (const [key, { required }] of waiting) if (required.claimNames.length > 0) incoming.add(key);
      round.add('');
    }
  });

  return { drain: round.drain };
}
