import type { WorkflowRun } from '../state.ts';
import type { LaunchFailure } from '../types.ts';
import type { GroupNode } from './nodegroup.ts';
import { isInScope } from './scope.ts';

/** Whether the surge has arrived. */
export interface NewNodes {
  readonly status: 'ready' | 'waiting';
  /** Ready nodes of the whole group. */
  readonly readyNodes: number;
  readonly newReadyNodes: number;
  readonly expectedNewNodes: number;
  /** Zones that have outdated nodes and no new Ready one. */
  readonly uncoveredZones: readonly string[];
  /** New instances whose Node is not there or not Ready. */
  readonly late: readonly string[];
}

/** Words of a failed launch that no waiting mends. The service gives no codes. */
const PERMANENT =
  /image id|ami id|does not exist|architecture|not supported|client\.internalerror|kms|launch template|instance profile|not authorized|unauthorized|authfailure|access ?denied|service-linked role|optinrequired|invalid/i;
/** Words of one that may mend itself, whatever else it says. */
const PASSING = /capacity|availability zone|limit ?exceeded|throttl|try again/i;

/** The failure that makes waiting pointless, if there is one. */
export const permanentFailure = (failures: readonly LaunchFailure[]): LaunchFailure | undefined =>
  failures.find(({ message }) => PERMANENT.test(message) && !PASSING.test(message));

/**
 * Decide whether the new nodes are all there: each one Ready, none missing, and one at least in every zone that has
 * outdated nodes, since volumes cannot leave their zone.
 *
 * @param coversZones the surge is large enough for the group's balancing to reach every such zone; if not, none is asked for
 * @param added nodes that were asked for later, which nobody waits for
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html (scale up phase)
 */
export function assessNewNodes(
  members: readonly GroupNode[],
  desiredCapacity: number,
  { coversZones, nodes }: Pick<WorkflowRun, 'coversZones' | 'nodes'>,
  added = 0,
): NewNodes {
  const outdated = members.filter(({ isOutdated }) => isOutdated);
  const fresh = members.filter(({ isOutdated }) => !isOutdated);
  const ready = fresh.filter(({ isReady }) => isReady);
  const expectedNewNodes = Math.max(0, desiredCapacity - outdated.length - added);
  const covered = new Set(ready.map(({ zone }) => zone));
  const upgraded = outdated.filter(({ instanceId }) => isInScope({ nodes }, instanceId));
  const occupied = [...new Set(upgraded.map(({ zone }) => zone))];
  const uncoveredZones = !coversZones ? [] : occupied.filter((zone) => !covered.has(zone)).sort();
  const late = fresh.filter(({ isReady }) => !isReady).map(({ instanceId }) => instanceId);
  const isComplete = ready.length >= expectedNewNodes && late.length <= added;
  return {
    status: outdated.length === 0 || (isComplete && uncoveredZones.length === 0) ? 'ready' : 'waiting',
    readyNodes: members.filter(({ isReady }) => isReady).length,
    newReadyNodes: ready.length,
    expectedNewNodes,
    uncoveredZones,
    late,
  };
}

/**
 * Say why the new nodes are not there, in one sentence with the service's own words.
 *
 * @param requiredLabels labels without which a new node does not count
 */
export function describeLateNodes(
  found: NewNodes,
  failures: readonly LaunchFailure[],
  waitedSeconds: number,
  requiredLabels: Readonly<Record<string, string>> = {},
): string {
  const labels = Object.entries(requiredLabels).map(([key, value]) => `${key}=${value}`);
  const without = labels.length === 0 ? '' : `, or without the labels of the node group (${labels.join(', ')})`;
  const { newReadyNodes, expectedNewNodes, uncoveredZones, late } = found;
  const failure = failures[0];
  return [
    `${newReadyNodes} of ${expectedNewNodes} new nodes are Ready after ${Math.round(waitedSeconds)} s`,
    ...(uncoveredZones.length > 0 ? [`no new node in ${uncoveredZones.join(', ')}`] : []),
    ...(late.length > 0 ? [`not Ready or not registered${without}: ${late.slice(0, 10).join(', ')}`] : []),
    failure === undefined
      ? 'the Auto Scaling group reports no failed launch, so check the kubelet of these instances'
      : `last failed launch${failure.zone === undefined ? '' : ` (${failure.zone})`}: ${failure.message}`,
  ].join('; ');
}
