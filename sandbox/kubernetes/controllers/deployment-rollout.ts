import type { Deployment, ReplicaSet } from '../kinds/workloads.ts';
import { resolveCount } from './disruption-budget.ts';

/** How many pods a ReplicaSet is to have. */
export const replicasOf = ({ spec }: ReplicaSet): number => spec.replicas ?? 0;

/** Most pods above, and most unavailable below, the wanted number. */
export function leewayOf({ spec }: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { replicas = 1, strategy } = spec;
  if (strategy?.type === 'Recreate') return { surge: 0, unavailable: replicas };
  const surge = resolveCount(strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, 'up');
  const unavailable = resolveCount(strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas, 'down');
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** A ReplicaSet with the number of pods that it is to have next. */
export type Scaling = readonly [replicaSet: ReplicaSet, replicas: number];

/** Decide the next step of a rollout: the new ReplicaSet grows within the surge, the older ones shrink as it becomes available. */
export function nextScalings(deployment: Deployment, current: ReplicaSet, older: readonly ReplicaSet[]): Scaling[] {
  const { replicas = 1, strategy } = deployment.spec;
  if (strategy?.type === 'Recreate') {
    const areGone = older.every((replicaSet) => (replicaSet.status?.replicas ?? 0) === 0);
    return [...older.map((replicaSet): Scaling => [replicaSet, 0]), ...(areGone ? [[current, replicas] as const] : [])];
  }
  const { surge, unavailable } = leewayOf(deployment);
  const olderReplicas = older.reduce((sum, replicaSet) => sum + replicasOf(replicaSet), 0);
  const room = replicas + surge - olderReplicas - replicasOf(current);
  const grown = Math.min(replicas, replicasOf(current) + Math.max(0, room));
  const notYetAvailable = grown - (current.status?.availableReplicas ?? 0);
  let dispensable = olderReplicas + grown - (replicas - unavailable) - notYetAvailable;
  const shrunk = older.map((replicaSet): Scaling => {
    const given = Math.min(replicasOf(replicaSet), Math.max(0, dispensable));
    dispensable -= given;
    return [replicaSet, replicasOf(replicaSet) - given];
  });
  return [[current, grown], ...shrunk];
}
