import type { ScenarioCluster } from '../../../world/scenario.ts';
import type { RegionState } from '../../region-state.ts';
import type { Nodegroup } from '../state/nodegroup.ts';
import type { Update } from '../state/update.ts';
import { notActive, requireActiveCluster } from './version-target.ts';

/** @throws ResourceInUseException, InvalidRequestException unless group and cluster are ACTIVE */
export function requireActive(cluster: ScenarioCluster, nodegroup: Nodegroup): void {
  if (nodegroup.status !== 'ACTIVE') throw notActive(nodegroup);
  requireActiveCluster(cluster);
}

/** Record an update that begins now. */
export function beginUpdate(
  { clock, nextEksId }: RegionState,
  nodegroup: Nodegroup,
  type: Update['type'],
  params: Update['params'],
): Update {
  const update: Update = {
    id: nextEksId(),
    type,
    params,
    createdAt: clock.now(),
    status: 'InProgress',
    errors: [],
  };
  nodegroup.updates.push(update);
  return update;
}
