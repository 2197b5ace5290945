import type { Deps } from '../../clients/ports.ts';
import { decideTurn } from '../../domain/admission/admission.ts';
import { withControl } from '../../domain/admission/control.ts';
import { disableScaleDown, executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import { type GroupNode, joinGroup } from '../../domain/nodegroup/nodegroup.ts';
import type { Turn, WaveNode, WorkflowRun } from '../../domain/state.ts';
import { changeControl, findControl } from '../lease/control-record.ts';
import { changeNodes } from '../nodegroup/change-node.ts';
import { readGroup } from '../nodegroup/observe-group.ts';

/** Alarms of the run that are in ALARM now. */
export async function alarmsInAlarm(deps: Deps, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const states = await deps.alarms.states(names);
  return names.filter((name) => states[name] === 'ALARM');
}

/** Keep the autoscaler off the new nodes that have arrived since the last observation. */
async function protectArrivals(deps: Deps, run: WorkflowRun, members: readonly GroupNode[]): Promise<void> {
  const arrivals = members.flatMap(({ isOutdated, node }) => (isOutdated || node === undefined ? [] : [node]));
  const by = executionNameOf(run.executionArn);
  await changeNodes(await deps.cluster(run.clusterName), arrivals, (node) => disableScaleDown(node, by));
}

/** Stop every node that has not started, with the error the run then fails with. */
async function haltRun(deps: Deps, run: WorkflowRun, error: string, reason: string): Promise<Turn> {
  const failures =
    error === 'NodeCreationFailure'
      ? await deps.autoScaling.launchFailures(run.autoScalingGroupName, new Date(run.startedAt))
      : [];
  const [latest] = failures;
  const cause = latest === undefined ? reason : `${reason}; last failed launch: ${latest.message}`;
  await changeControl(await deps.cluster(run.clusterName), run, (lease) =>
    withControl(lease, { halt: { error, cause } }),
  );
  return { status: 'stop', reason: `${error}: ${cause}` };
}

/**
 * Check once whether a node may start draining: the lock and its orders, alarms, and the group's Ready nodes.
 *
 * Instances are distinguished by template version here, not by AMI, to save a request to EC2 for each node.
 */
export async function lookAtTurn(
  deps: Deps,
  request: { run: WorkflowRun; node: WaveNode; waitingSince: string; launchTemplateVersion: string },
): Promise<Turn> {
  const { run, node, waitingSince, launchTemplateVersion } = request;
  const cluster = await deps.cluster(run.clusterName);
  const [lease, alarms, group, nodes] = await Promise.all([
    findControl(cluster, run.autoScalingGroupName),
    alarmsInAlarm(deps, run.alarms),
    readGroup(deps, run.autoScalingGroupName),
    cluster.listNodes(),
  ]);
  const { target, requiredLabels } = run;
  const members = joinGroup({ group, instances: [], nodes, target, launchTemplateVersion, requiredLabels });
  await protectArrivals(deps, run, members);
  const nowAt = deps.clock.now().toISOString();
  const decision = decideTurn({ run, node, members, lease, alarms, waitingSince, nowAt });
  return decision.kind === 'turn' ? decision.turn : haltRun(deps, run, decision.error, decision.reason);
}
