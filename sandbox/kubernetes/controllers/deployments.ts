import { isoSeconds } from '../../world/clock.ts';
import type { Deployment, ReplicaSet } from '../kinds/workloads.ts';
import { controllerOf, keyOf, splitKey } from '../object-keys.ts';
import { createWorkQueue } from '../work-queue.ts';
import { isOfTemplate, newReplicaSet, revisionOf, withRevision } from './deployment-revisions.ts';
import { nextScalings, replicasOf } from './deployment-rollout.ts';
import { deploymentStatus } from './deployment-status.ts';
import type { ControllerParts } from './replica-sets.ts';
import { writeStatus } from './write-status.ts';

/** Create the controller that keeps one ReplicaSet for each Deployment, and moves pods to a new one when the template changes. */
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

  const setRevision = ({ metadata: { namespace, name } }: Deployment, revision: number) =>
    store.change('deployments', namespace, name, (current) => withRevision(current, revision));

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
    let current = sets.find((each) => isOfTemplate(each, template));
    if (current === undefined) {
      if (paused === true) return;
      current = store.create('replicasets', newReplicaSet(deployment, sets.length === 0 ? replicas : 0, latest + 1));
      setRevision(deployment, latest + 1);
    } else if (revisionOf(current) < latest) {
      current =
        store.change('replicasets', namespace, current.metadata.name, (each) => withRevision(each, latest + 1)) ??
        current;
      setRevision(deployment, latest + 1);
    }
    const { uid } = current.metadata;
    const older = sets.filter((replicaSet) => replicaSet.metadata.uid !== uid);
    if (older.every((replicaSet) => replicasOf(replicaSet) === 0)) scale(deployment, current, replicas);
    else if (paused !== true)
      for (const [replicaSet, wanted] of nextScalings(deployment, current, older))
        scale(deployment, replicaSet, wanted);
    const seen = store.get('deployments', namespace, name) ?? deployment;
    const latestSet = store.get('replicasets', namespace, current.metadata.name) ?? current;
    const at = isoSeconds(clock.now());
    writeStatus(store, 'deployments', seen, deploymentStatus(seen, latestSet, ownedSets(seen), at));
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
