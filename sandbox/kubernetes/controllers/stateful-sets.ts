import { deletePod } from '../graceful-deletion.ts';
import type { Pod } from '../kinds/pod.ts';
import type { ClaimTemplate, StatefulSet } from '../kinds/workloads.ts';
import { controllerOf, keyOf, splitKey } from '../object-keys.ts';
import { isFinished, isReady, isTerminating } from '../pod-state.ts';
import { createWorkQueue } from '../work-queue.ts';
import { podFromTemplate, templateHashOf } from './pod-template.ts';
import type { ControllerParts } from './replica-sets.ts';
import { writeStatus } from './write-status.ts';

const REVISION_LABEL = 'controller-revision-hash';

const ordinalOf = (pod: Pod) => Number(/-(\d+)$/.exec(pod.metadata.name)?.[1]);

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

  const claimNameOf = (claim: ClaimTemplate, set: StatefulSet, ordinal: number) =>
    `${claim.metadata.name}-${set.metadata.name}-${ordinal}`;

  const ensureClaims = (set: StatefulSet, ordinal: number) => {
    for (const claim of set.spec.volumeClaimTemplates ?? []) {
      const name = claimNameOf(claim, set, ordinal);
      if (store.get('persistentvolumeclaims', set.metadata.namespace, name) !== undefined) continue;
      store.create('persistentvolumeclaims', {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name,
          namespace: set.metadata.namespace ?? 'default',
          labels: { ...set.spec.selector?.matchLabels, ...claim.metadata.labels },
          finalizers: ['kubernetes.io/pvc-protection'],
        },
        spec: { volumeMode: 'Filesystem', ...claim.spec },
        status: { phase: 'Pending' },
      });
    }
  };

  const createPod = (set: StatefulSet, ordinal: number, revision: string) => {
    const { template } = set.spec;
    const name = `${set.metadata.name}-${ordinal}`;
    const claims = set.spec.volumeClaimTemplates ?? [];
    ensureClaims(set, ordinal);
    store.create(
      'pods',
      podFromTemplate(set, template, {
        name,
        generateName: `${set.metadata.name}-`,
        labels: {
          'apps.kubernetes.io/pod-index': String(ordinal),
          [REVISION_LABEL]: revision,
          'statefulset.kubernetes.io/pod-name': name,
        },
        spec: {
          ...template.spec,
          hostname: name,
          subdomain: set.spec.serviceName ?? '',
          volumes: [
            ...claims.map((claim) => ({
              name: claim.metadata.name,
              persistentVolumeClaim: { claimName: claimNameOf(claim, set, ordinal) },
            })),
            ...(template.spec.volumes ?? []),
          ],
        },
      }),
    );
    events.record(set, {
      reason: 'SuccessfulCreate',
      message: `create Pod ${name} in StatefulSet ${set.metadata.name} successful`,
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

  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const set = store.get('statefulsets', namespace, name);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    const { replicas = 1, template, updateStrategy } = set.spec;
    const revision = `${name}-${templateHashOf(template)}`;
    const pods = store.ownedBy('pods', set.metadata.uid);
    const isWhole = fill(set, pods, replicas, revision);
    const outdated = pods.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] !== revision);
    const superfluous = pods.filter((pod) => ordinalOf(pod) >= replicas);
    const highestFirst = (left: Pod, right: Pod) => ordinalOf(right) - ordinalOf(left);
    const [next] = [...(superfluous.length > 0 ? superfluous : outdated)].sort(highestFirst);
    const mayUpdate = superfluous.length > 0 || (updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
    if (isWhole && mayUpdate && next !== undefined && !isTerminating(next)) remove(set, next);
    const now = store.ownedBy('pods', set.metadata.uid).filter((pod) => !isTerminating(pod));
    const updated = now.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revision).length;
    const ready = now.filter(isReady).length;
    if (updated === now.length) settledRevisions.set(set.metadata.uid, revision);
    writeStatus(store, 'statefulsets', set, {
      observedGeneration: set.metadata.generation,
      replicas: now.length,
      readyReplicas: ready,
      availableReplicas: ready,
      currentReplicas: updated === now.length ? updated : now.length - updated,
      updatedReplicas: updated,
      currentRevision: settledRevisions.get(set.metadata.uid) ?? revision,
      updateRevision: revision,
      collisionCount: 0,
    });
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
