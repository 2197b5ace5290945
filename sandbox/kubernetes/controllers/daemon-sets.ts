import { deletePod } from '../graceful-deletion.ts';
import type { Pod } from '../kinds/pod.ts';
import type { DaemonSet } from '../kinds/workloads.ts';
import { controllerOf, keyOf, splitKey } from '../object-keys.ts';
import { isFinished, isReady, isTerminating } from '../pod-state.ts';
import { createWorkQueue } from '../work-queue.ts';
import { countMisplaced, followPod, type Placements } from './daemon-placements.ts';
import { daemonPod, type Fit, fitOf, intendedNodeOf, REVISION_LABEL } from './daemon-pods.ts';
import { createDaemonTally } from './daemon-tally.ts';
import { templateHashOf } from './pod-template.ts';
import { type ControllerParts, generatePodName } from './replica-sets.ts';
import { writeStatus } from './write-status.ts';

const SEPARATOR = '\n';
const NO_FIT: Fit = { mayStart: false, mayStay: false };

/** Create the controller of DaemonSets: one pod on every node that the template fits. */
export function createDaemonSetController(parts: Omit<ControllerParts, 'tally'>): { drain(): boolean } {
  const { clock, store } = parts;
  const placements = new Map<string, Placements>();
  const tally = createDaemonTally(store);

  const placementsOf = (uid: string): Placements => {
    let known = placements.get(uid);
    if (known === undefined) {
      known = { podsByNode: new Map(), eligible: new Set() };
      placements.set(uid, known);
    }
    return known;
  };

  const podsOn = (set: DaemonSet, nodeName: string): Pod[] =>
    [...(placementsOf(set.metadata.uid).podsByNode.get(nodeName) ?? [])].flatMap(
      (name) => store.get('pods', set.metadata.namespace, name) ?? [],
    );

  const placing = createWorkQueue(clock, (item) => {
    const [key = '', nodeName = ''] = item.split(SEPARATOR);
    const [namespace, name] = splitKey(key);
    const set = store.get('daemonsets', namespace, name);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    const { eligible } = placementsOf(set.metadata.uid);
    const node = store.get('nodes', undefined, nodeName);
    const { mayStart, mayStay } = node === undefined ? NO_FIT : fitOf(set.spec.template, node);
    if (mayStart) eligible.add(nodeName);
    else eligible.delete(nodeName);
    reporting.add(key);
    if (node === undefined) return;
    const pods = podsOn(set, nodeName);
    // A pod that is terminating still holds its place: the next one comes when it is gone.
    if (mayStart && pods.length === 0) createPod(parts, set, nodeName);
    for (const pod of pods) {
      const isUnwanted = !mayStay || isFinished(pod);
      if (isUnwanted && !isTerminating(pod)) deletePod({ store, clock }, pod);
    }
  });

  const reporting = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const set = store.get('daemonsets', namespace, name);
    if (set === undefined) return;
    const { uid, generation } = set.metadata;
    const placed = placementsOf(uid);
    tally.setRevision(uid, templateHashOf(set.spec.template));
    if (tally.of(uid).outdated > 0) rollOut(parts, set, placed.eligible.size);
    const { pods, ready, outdated } = tally.of(uid);
    const misplaced = countMisplaced(placed);
    writeStatus(store, 'daemonsets', set, {
      observedGeneration: generation,
      desiredNumberScheduled: placed.eligible.size,
      currentNumberScheduled: Math.max(0, placed.podsByNode.size - misplaced),
      numberMisscheduled: misplaced,
      updatedNumberScheduled: Math.max(0, pods - outdated),
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: Math.max(0, placed.eligible.size - ready),
    });
  });

  const place = (set: DaemonSet, nodeName: string) => placing.add(`${keyOf(set)}${SEPARATOR}${nodeName}`);

  const forget = (uid: string) => {
    placements.delete(uid);
    tally.forget(uid);
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'daemonsets') {
      const { uid } = object.metadata;
      if (type === 'DELETED') forget(uid);
      else if (object.spec !== previous?.spec) {
        if (type === 'ADDED') tally.setRevision(uid, templateHashOf(object.spec.template));
        for (const node of store.list('nodes')) place(object, node.metadata.name);
        reporting.add(keyOf(object));
      }
    } else if (resource === 'nodes') {
      const isSame = previous?.spec === object.spec && previous?.metadata.labels === object.metadata.labels;
      if (type === 'MODIFIED' && isSame) return;
      for (const set of store.list('daemonsets')) place(set, object.metadata.name);
    } else if (resource === 'pods') {
      const owner = controllerOf(object);
      if (owner?.kind !== 'DaemonSet') return;
      if (previous !== undefined) tally.count(owner.uid, previous, -1);
      if (type !== 'DELETED') tally.count(owner.uid, object, 1);
      if (type !== 'MODIFIED') followPod(placementsOf(owner.uid), object, type === 'DELETED');
      const key = `${object.metadata.namespace}/${owner.name}`;
      reporting.add(key);
      if (type === 'DELETED' || isFinished(object)) placing.add(`${key}${SEPARATOR}${intendedNodeOf(object)}`);
    }
  });

  return {
    drain: () => {
      const placed = placing.drain();
      return reporting.drain() || placed;
    },
  };
}

function createPod({ store, events, random }: Omit<ControllerParts, 'tally'>, set: DaemonSet, nodeName: string): void {
  const generateName = `${set.metadata.name}-`;
  const name = generatePodName(store, random, set.metadata.namespace, generateName);
  store.create('pods', daemonPod(set, nodeName, { name, generateName }));
  events.record(set, {
    reason: 'SuccessfulCreate',
    message: `Created pod: ${name}`,
    component: 'daemonset-controller',
  });
}

/** Replace the next pod of an older revision, once as many pods are available as there are nodes for them. */
function rollOut({ clock, store }: Omit<ControllerParts, 'tally'>, set: DaemonSet, eligibleNodes: number): void {
  if (set.spec.updateStrategy?.type === 'OnDelete') return;
  const revision = templateHashOf(set.spec.template);
  const pods = store.ownedBy('pods', set.metadata.uid);
  const outdated = pods.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] !== revision);
  const available = pods.filter((pod) => isReady(pod) && !isTerminating(pod)).length;
  if (outdated.length === 0 || available < eligibleNodes) return;
  const next = outdated.find((pod) => !isTerminating(pod));
  if (next !== undefined) deletePod({ store, clock }, next);
}
