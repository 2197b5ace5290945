import type { SandboxClock } from '../../world/clock.ts';
import type { Random } from '../../world/random.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { deletePod } from '../graceful-deletion.ts';
import type { Pod } from '../kinds/pod.ts';
import { controllerOf, keyOf, splitKey } from '../object-keys.ts';
import { isActive, isReady, nodeNameOf } from '../pod-state.ts';
import type { PodTally } from '../pod-tally.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';
import { podFromTemplate } from './pod-template.ts';
import { writeStatus } from './write-status.ts';

/** What every workload controller works with. */
export interface ControllerParts {
  readonly clock: SandboxClock;
  readonly store: ObjectStore;
  readonly events: EventRecorder;
  readonly random: Random;
  readonly tally: PodTally;
}

/** Pick a name that no pod of the namespace has. */
export function generatePodName(store: ObjectStore, random: Random, namespace: string | undefined, prefix: string) {
  for (;;) {
    const name = `${prefix}${random.suffix(5)}`;
    if (store.get('pods', namespace, name) === undefined) return name;
  }
}

/** Order in which a scale-down deletes pods: unbound, not running, not ready, then the youngest. */
function byDispensability(left: Pod, right: Pod): number {
  const worth = (pod: Pod) =>
    (nodeNameOf(pod) === undefined ? 0 : 4) + (pod.status?.phase === 'Running' ? 2 : 0) + (isReady(pod) ? 1 : 0);
  return (
    worth(left) - worth(right) ||
    right.metadata.creationTimestamp.localeCompare(left.metadata.creationTimestamp) ||
    left.metadata.name.localeCompare(right.metadata.name)
  );
}

/** Create the controller that keeps each ReplicaSet at its number of pods. */
export function createReplicaSetController({ clock, store, events, random, tally }: ControllerParts): {
  drain(): boolean;
} {
  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const replicaSet = store.get('replicasets', namespace, name);
    if (replicaSet === undefined || replicaSet.metadata.deletionTimestamp !== undefined) return;
    const { uid, generation } = replicaSet.metadata;
    const { replicas = 1, template } = replicaSet.spec;
    const missing = replicas - tally.of(uid).active;
    for (let index = 0; index < missing; index += 1) {
      const generateName = `${name}-`;
      const podName = generatePodName(store, random, namespace, generateName);
      store.create('pods', podFromTemplate(replicaSet, template, { name: podName, generateName }));
      events.record(replicaSet, {
        reason: 'SuccessfulCreate',
        message: `Created pod: ${podName}`,
        component: 'replicaset-controller',
      });
    }
    if (missing < 0) {
      const dispensable = store.ownedBy('pods', uid).filter(isActive).sort(byDispensability).slice(0, -missing);
      for (const pod of dispensable) {
        deletePod({ store, clock }, pod);
        events.record(replicaSet, {
          reason: 'SuccessfulDelete',
          message: `Deleted pod: ${pod.metadata.name}`,
          component: 'replicaset-controller',
        });
      }
    }
    const { active, ready } = tally.of(uid);
    writeStatus(store, 'replicasets', replicaSet, {
      replicas: active,
      fullyLabeledReplicas: active,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: generation,
    });
  });

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'replicasets') {
      if (type !== 'DELETED' && object.spec !== previous?.spec) queue.add(keyOf(object));
    } else if (resource === 'pods') {
      const owner = controllerOf(object);
      if (owner?.kind === 'ReplicaSet') queue.add(`${object.metadata.namespace}/${owner.name}`);
    }
  });

  return { drain: queue.drain };
}
