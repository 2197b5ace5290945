import { deletePod } from '../graceful-deletion.ts';
import type { Pod } from '../kinds/pod.ts';
import type { StatefulSet } from '../kinds/workloads.ts';
import { controllerOf, keyOf, splitKey } from '../object-keys.ts';
import { isFinished, isReady, isTerminating } from '../pod-state.ts';
import { createWorkQueue } from '../work-queue.ts';
import { REVISION_LABEL } from './daemon-pods.ts';
import { templateHashOf } from './pod-template.ts';
import type { ControllerParts } from './replica-sets.ts';
import { claimsOf, ordinalOf, statefulPod } from './stateful-pods.ts';
import { writeStatus } from './write-status.ts';

const highestFirst = (left: Pod, right: Pod) => ordinalOf(right) - ordinalOf(left);

/**
 * Create the controller of StatefulSets: pods with an identity, one at a time and in order.
 *
 * A pod comes back under its name only once its predecessor is gone for good, with its own claims and a new uid.
 */
export function createStatefulSetController({ clock, store, events }: Omit<ControllerParts, 'tally' | 'random'>): {
  drain(): boolean;
} {
  /** Revision that all pods were last seen at, by uid; what `currentRevision` shows while an update runs. */
  const settledRevisions = new Map<string, string>();

  const createPod = (set: StatefulSet, ordinal: number, revision: string) => {
    for (const claim of claimsOf(set, ordinal)) {
      const { namespace, name } = claim.metadata;
      if (store.get('persistentvolumeclaims', namespace, name) === undefined)
        store.create('persistentvolumeclaims', claim);
    }
    const pod = store.create('pods', statefulPod(set, ordinal, revision));
    events.record(set, {
      reason: 'SuccessfulCreate',
      message: `create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`,
      component: 'statefulset-controller',
    });
  };

  const remove = (set: StatefulSet, pod: Pod) => {
    deletePod({ store, clock }, pod);
    events.record(set, {
      reason: 'SuccessfulDelete',
      message: `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`,
      component: 'statefulset-controller',
    });
  };

  /** Create what is missing; in order, and with OrderedReady only behind predecessors that are all Ready. */
  const fill = (set: StatefulSet, pods: readonly Pod[], replicas: number, revision: string) => {
    const isParallel = set.spec.podManagementPolicy === 'Parallel';
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      const pod = byOrdinal.get(ordinal);
      if (pod !== undefined && isFinished(pod) && !isTerminating(pod)) remove(set, pod);
      if (pod === undefined) createPod(set, ordinal, revision);
      if (!isParallel && (pod === undefined || isTerminating(pod) || !isReady(pod))) return false;
    }
    return pods.length >= replicas && pods.every((pod) => isReady(pod) && !isTerminating(pod));
  };

  /** Remove the pod that is next to go: one beyond the replicas, else one of an earlier revision, from the highest ordinal. */
  const removeNext = (set: StatefulSet, pods: readonly Pod[], replicas: number, revision: string) => {
    const superfluous = pods.filter((pod) => ordinalOf(pod) >= replicas);
    const isRolling = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
    const outdated = isRolling ? pods.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] !== revision) : [];
    const [next] = [...(superfluous.length > 0 ? superfluous : outdated)].sort(highestFirst);
    if (next !== undefined && !isTerminating(next)) remove(set, next);
  };

  const reportStatus = (set: StatefulSet, revision: string) => {
    const { uid, generation } = set.metadata;
    const pods = store.ownedBy('pods', uid).filter((pod) => !isTerminating(pod));
    const updated = pods.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revision).length;
    const ready = pods.filter(isReady).length;
    if (updated === pods.length) settledRevisions.set(uid, revision);
    writeStatus(store, 'statefulsets', set, {
      observedGeneration: generation,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      currentReplicas: updated === pods.length ? updated : pods.length - updated,
      updatedReplicas: updated,
      currentRevision: settledRevisions.get(uid) ?? revision,
      updateRevision: revision,
      collisionCount: 0,
    });
  };

  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const set = store.get('statefulsets', namespace, name);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    const { replicas = 1, template } = set.spec;
    const revision = `${name}-${templateHashOf(template)}`;
    const pods = store.ownedBy('pods', set.metadata.uid);
    if (fill(set, pods, replicas, revision)) removeNext(set, pods, replicas, revision);
    reportStatus(set, revision);
  });

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'statefulsets') {
      if (type === 'DELETED') settledRevisions.delete(object.metadata.uid);
      else if (object.spec !== previous?.spec) queue.add(keyOf(object));
    } else if (resource === 'pods') {
      const owner = controllerOf(object);
      if (owner?.kind === 'StatefulSet') queue.add(`${object.metadata.namespace}/${owner.name}`);
    }
  });

  return { drain: queue.drain };
}
