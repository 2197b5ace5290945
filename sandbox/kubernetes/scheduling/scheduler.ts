import type { SandboxClock } from '../../world/clock.ts';
import type { Random } from '../../world/random.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { NodeSelectorTerm, Pod } from '../kinds/pod.ts';
import { keyOf, splitKey } from '../object-keys.ts';
import { isFinished, isTerminating, nodeNameOf } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';
import { explainRefusal } from './explanation.ts';
import { createNodeFilter } from './filters.ts';
import { createNodeRooms, type NodeRoom, type NodeRooms } from './node-room.ts';
import { createNodeSearch } from './node-search.ts';
import { createPodCensus } from './pod-census.ts';
import { type Requirements, requirementsOf } from './requirements.ts';
import { createSchedulingOutcome } from './scheduling-outcome.ts';
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

/** Nodes that are worth looking at: the one a pod is pinned to, those that changed, or `undefined` for all. */
function scopeOf(required: Requirements, rooms: NodeRooms, changed: readonly NodeRoom[] | undefined) {
  if (required.onlyNode === undefined) return dependsOnOtherNodes(required) ? undefined : changed;
  const pinned = rooms.get(required.onlyNode);
  return pinned === undefined ? [] : [pinned];
}

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
  const outcome = createSchedulingOutcome({ clock, store, events });
  const search = createNodeSearch(rooms);
  const census = createPodCensus(store, (nodeName) => rooms.get(nodeName)?.zone ?? '');

  const choose = (pod: Pod, required: Requirements, candidates: readonly NodeRoom[]): NodeRoom => {
    const [only] = candidates;
    if (candidates.length === 1 && only !== undefined) return only;
    const scores = scoreRooms(pod, required, candidates, census);
    const best = scores.reduce((highest, score) => Math.max(highest, score));
    const ties = candidates.filter((_, index) => scores[index] === best);
    return ties[random.integer(ties.length)] as NodeRoom;
  };

  const keepWaiting = (key: string, pod: Pod, required: Requirements, explanation: () => string) => {
    const known = waiting.get(key);
    const now = clock.now();
    if (known !== undefined && now - known.explainedAt < EXPLANATION_SECONDS * 1000) return;
    waiting.set(key, { required, explainedAt: now });
    outcome.reportUnschedulable(pod, explanation());
  };

  /**
   * Place one pod.
   *
   * @param changed the nodes to consider; all when absent
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
      const message = refused.get(kind) || explainRefusal(rooms, required, refuses);
      refused.set(kind, message);
      return message;
    };
    if (refused.size > 0 && refused.has(kindOf(pod, required))) return keepWaiting(key, pod, required, explanation);
    const scope = scopeOf(required, rooms, changed);
    const candidates =
      scope === undefined ? search.amongAll(required, refuses) : search.among(scope, required, refuses);
    if (candidates.length === 0) {
      refused.set(kindOf(pod, required), '');
      return keepWaiting(key, pod, required, explanation);
    }
    waiting.delete(key);
    const room = choose(pod, required, candidates);
    volumes.bindClaims(pod, room);
    outcome.bind(pod, room);
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
