import { type Condition, withCondition } from '../conditions.ts';
import type { Deployment, ReplicaSet } from '../kinds/workloads.ts';
import { leewayOf } from './deployment-rollout.ts';

const progressOf = ({ metadata: { name } }: ReplicaSet, hasSucceeded: boolean): Condition => ({
  type: 'Progressing',
  status: 'True',
  reason: hasSucceeded ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
  message: hasSucceeded ? `ReplicaSet "${name}" has successfully progressed.` : `ReplicaSet "${name}" is progressing.`,
});

const availabilityOf = (isAvailable: boolean): Condition => ({
  type: 'Available',
  status: isAvailable ? 'True' : 'False',
  reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
  message: isAvailable ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
});

/**
 * Work out the status of a Deployment.
 *
 * @param current the ReplicaSet of its present template
 * @param all     its ReplicaSets
 * @param at      RFC 3339 UTC, seconds
 */
export function deploymentStatus(
  deployment: Deployment,
  current: ReplicaSet,
  all: readonly ReplicaSet[],
  at: string,
): Deployment['status'] {
  const { replicas = 1 } = deployment.spec;
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas') =>
    all.reduce((total, replicaSet) => total + (replicaSet.status?.[field] ?? 0), 0);
  const total = sum('replicas');
  const available = sum('availableReplicas');
  const updated = current.status?.replicas ?? 0;
  const isAvailable = available >= replicas - leewayOf(deployment).unavailable;
  const isComplete = updated === replicas && total === replicas && available === replicas;
  const before = deployment.status?.conditions;
  const wasComplete = (before ?? []).some(({ reason }) => reason === 'NewReplicaSetAvailable' && updated === replicas);
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: total,
    updatedReplicas: updated,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, replicas - available),
    conditions: withCondition(
      withCondition(before, availabilityOf(isAvailable), at),
      progressOf(current, isComplete || wasComplete),
      at,
    ),
  };
}
