import { isoSeconds } from '../../world/clock.ts';
import { type Condition, withCondition } from '../conditions.ts';
import { isEqualJson } from '../equality.ts';
import type { PodTemplate } from '../kinds/pod.ts';
import type { Deployment, ReplicaSet } from '../kinds/workloads.ts';
import { controllerOf, keyOf, ownerReferenceTo, splitKey } from '../object-keys.ts';
import { createWorkQueue } from '../work-queue.ts';
import { resolveCount } from './disruption-budget.ts';
import { templateHashOf } from './pod-template.ts';
import type { ControllerParts } from './replica-sets.ts';
import { writeStatus } from './write-status.ts';

const HASH_LABEL = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';

const revisionOf = (object: Deployment | ReplicaSet) => Number(object.metadata.annotations?.[REVISION] ?? 0);

const replicasOf = (replicaSet: ReplicaSet): number => replicaSet.spec?.replicas ?? 0;

/** A ReplicaSet's template without the label that tells it from its siblings. */
function unhashed(template: PodTemplate): PodTemplate {
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** Create the controller that keeps a ReplicaSet a Deployment, and moves pods to a new one when the template changes. */
export function createDeploymentController({ clock, store, events }: Omit<ControllerParts, 'tally' | 'random'>): {
  drain(): boolean;
} {
  const scale = (deployment: Deployment, replicaSet: ReplicaSet, replicas: number): void => {
    const { namespace, name } = replicaSet.metadata;
    const before = replicasOf(replicaSet);
    if (replicas === before) return;
    store.change('replicasets', namespace, name, (current) => ({
      ...current,
      spec: { ...current.spec, replicas },
    }));
    events.record(deployment, {
      reason: 'ScalingReplicaSet',
      message: `Scaled ${replicas > before ? 'up' : 'down'} replica set ${name} from ${before} to ${replicas}`,
      component: 'deployment-controller',
    });
  };

  const createReplicaSet = (deployment: Deployment, replicas: number, revision: number): ReplicaSet => {
    const { selector, template } = deployment.spec;
    const hash = templateHashOf(template);
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
    return store.create('replicasets', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        namespace: deployment.metadata.namespace ?? 'default',
        labels,
        annotations: {
          'deployment.kubernetes.io/desired-replicas': String(deployment.spec.replicas ?? 1),
          [REVISION]: String(revision),
        },
        ownerReferences: [ownerReferenceTo(deployment)],
      },
      spec: {
        replicas,
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
      status: { replicas: 0 },
    });
  };

  const setRevision = (deployment: Deployment, revision: number) => {
    const { namespace, name } = deployment.metadata;
    store.change('deployments', namespace, name, (current) => ({
      ...current,
      metadata: {
        ...current.metadata,
        annotations: { ...current.metadata.annotations, [REVISION]: String(revision) },
      },
    }));
  };

  /** Most pods above, and most unavailable below, the wanted number. */
  const leewayOf = (deployment: Deployment): { surge: number; unavailable: number } => {
    const { replicas = 1, strategy } = deployment.spec;
    if (strategy?.type === 'Recreate') return { surge: 0, unavailable: replicas };
    const surge = resolveCount(strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, 'up');
    const unavailable = resolveCount(strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas, 'down');
    return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
  };

  const rollOut = (deployment: Deployment, current: ReplicaSet, older: readonly ReplicaSet[]) => {
    const { replicas = 1, strategy } = deployment.spec;
    const { surge, unavailable } = leewayOf(deployment);
    const olderReplicas = older.reduce((sum, replicaSet) => sum + replicasOf(replicaSet), 0);
    if (strategy?.type === 'Recreate') {
      for (const replicaSet of older) scale(deployment, replicaSet, 0);
      const areGone = older.every((replicaSet) => (replicaSet.status?.replicas ?? 0) === 0);
      if (areGone) scale(deployment, current, replicas);
      return;
    }
    const room = replicas + surge - olderReplicas - replicasOf(current);
    const grown = Math.min(replicas, replicasOf(current) + Math.max(0, room));
    scale(deployment, current, grown);
    const notYetAvailable = grown - (current.status?.availableReplicas ?? 0);
    let dispensable = olderReplicas + grown - (replicas - unavailable) - notYetAvailable;
    for (const replicaSet of older) {
      const given = Math.min(replicasOf(replicaSet), Math.max(0, dispensable));
      scale(deployment, replicaSet, replicasOf(replicaSet) - given);
      dispensable -= given;
    }
  };

  const report = (deployment: Deployment, current: ReplicaSet, all: readonly ReplicaSet[]) => {
    const { replicas = 1 } = deployment.spec;
    const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas') =>
      all.reduce((total, replicaSet) => total + (replicaSet.status?.[field] ?? 0), 0);
    const total = sum('replicas');
    const available = sum('availableReplicas');
    const updated = current.status?.replicas ?? 0;
    const isAvailable = available >= replicas - leewayOf(deployment).unavailable;
    const isComplete = updated === replicas && total === replicas && available === replicas;
    const at = isoSeconds(clock.now());
    const before = deployment.status?.conditions;
    const progressing: Condition =
      isComplete || (before ?? []).some(({ reason }) => reason === 'NewReplicaSetAvailable' && updated === replicas)
        ? {
            type: 'Progressing',
            status: 'True',
            reason: 'NewReplicaSetAvailable',
            message: `ReplicaSet "${current.metadata.name}" has successfully progressed.`,
          }
        : {
            type: 'Progressing',
            status: 'True',
            reason: 'ReplicaSetUpdated',
            message: `ReplicaSet "${current.metadata.name}" is progressing.`,
          };
    const availability: Condition = isAvailable
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        };
    writeStatus(store, 'deployments', deployment, {
      observedGeneration: deployment.metadata.generation,
      replicas: total,
      updatedReplicas: updated,
      readyReplicas: sum('readyReplicas'),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, replicas - available),
      conditions: withCondition(withCondition(before, availability, at), progressing, at),
    });
  };

  const ownedSets = (deployment: Deployment) =>
    [...store.ownedBy('replicasets', deployment.metadata.uid)].sort(
      (left, right) => revisionOf(left) - revisionOf(right),
    );

  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const deployment = store.get('deployments', namespace, name);
    if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return;
    const { replicas = 1, template, paused } = deployment.spec;
    const sets = ownedSets(deployment);
    const latest = revisionOf(sets.at(-1) ?? deployment);
    let current = sets.find((each) => isEqualJson(unhashed(each.spec.template), unhashed(template)));
    if (current === undefined) {
      if (paused === true) return;
      current = createReplicaSet(deployment, sets.length === 0 ? replicas : 0, latest + 1);
      setRevision(deployment, latest + 1);
    } else if (revisionOf(current) < latest) {
      current =
        store.change('replicasets', namespace, current.metadata.name, (each) => ({
          ...each,
          metadata: { ...each.metadata, annotations: { ...each.metadata.annotations, [REVISION]: String(latest + 1) } },
        })) ?? current;
      setRevision(deployment, latest + 1);
    }
    const { uid } = current.metadata;
    const older = sets.filter((replicaSet) => replicaSet.metadata.uid !== uid);
    if (older.every((replicaSet) => replicasOf(replicaSet) === 0)) scale(deployment, current, replicas);
    else if (paused !== true) rollOut(deployment, current, older);
    const seen = store.get('deployments', namespace, name) ?? deployment;
    report(seen, store.get('replicasets', namespace, current.metadata.name) ?? current, ownedSets(seen));
  });

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'deployments') {
      if (type !== 'DELETED' && object.spec !== previous?.spec) queue.add(keyOf(object));
    } else if (resource === 'replicasets') {
      const owner = controllerOf(object);
      if (owner?.kind === 'Deployment') queue.add(`${object.metadata.namespace}/${owner.name}`);
    }
  });

  return { drain: queue.drain };
}
