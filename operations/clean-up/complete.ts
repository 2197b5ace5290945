import type { Deps } from '../../clients/ports.ts';
import type { CompletionState } from '../../domain/nodegroup/completion.ts';
import type { GroupNode } from '../../domain/nodegroup/nodegroup.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../domain/nodegroup/original-settings.ts';
import type { AutoScalingGroup, Node } from '../../domain/types.ts';
import { findRecord } from '../lease/record.ts';
import { observeGroup } from '../nodegroup/observe-group.ts';
import { cleanUpGroup, cleanUpNodes, nodesOf } from './clean-up.ts';
import { endLease } from './release-lease.ts';

/** Nodes whose termination was asked for stay closed until they have left. */
async function nodesToClean(deps: Deps, state: CompletionState, group: AutoScalingGroup, nodes: readonly Node[]) {
  const { run } = state.plan;
  const record = await findRecord(await deps.cluster(run.clusterName), run.autoScalingGroupName);
  const by = record?.holder ?? group.tags[ORIGINAL_SETTINGS_TAGS.run] ?? run.executionArn;
  // Another run has begun since an earlier attempt of this step did everything and could not say so.
  if (by !== run.executionArn) return 'taken';
  const entries = record?.accounts === 'unreadable' ? [] : (record?.accounts?.entries ?? []);
  const leaving = new Set(entries.map(({ instanceId }) => instanceId));
  return nodesOf(group, nodes).filter(({ instanceId = '' }) => !leaving.has(instanceId));
}

/**
 * Clean up after a success: nodes, then the group, its tags last, then the Lease. Repeating it after it was done changes nothing.
 *
 * @returns the group as it is left
 */
export async function complete(
  deps: Deps,
  state: CompletionState,
): Promise<{ group: AutoScalingGroup; members: GroupNode[]; cleanedNodes: number }> {
  const { run } = state.plan;
  const { group, members, nodes } = await observeGroup(deps, run, state.launchTemplate?.version);
  const toClean = await nodesToClean(deps, state, group, nodes);
  if (toClean === 'taken') return { group, members, cleanedNodes: 0 };
  const cluster = await deps.cluster(run.clusterName);
  // A run that was stopped here goes on for as long as its Lambda lives, and the next one may have begun.
  const mayGoOn = async () => {
    const holder = (await findRecord(cluster, group.name))?.holder;
    return holder === undefined || holder === run.executionArn;
  };
  const cleanedNodes = await cleanUpNodes(deps, run.clusterName, toClean, { mayGoOn });
  if (!(await mayGoOn())) return { group, members, cleanedNodes };
  await cleanUpGroup(deps, group, {
    launchTemplate: state.launchTemplate,
    statedVersion: state.plan.group?.launchTemplateVersion,
    isRebalancingSuspended: state.group?.isRebalancingSuspended,
  });
  const staying = new Set(
    group.instances.flatMap(({ instanceId, lifecycleState }) =>
      lifecycleState.startsWith('Terminat') ? [] : [instanceId],
    ),
  );
  await endLease(cluster, group.name, run.executionArn, ({ state, instanceId }) => {
    return state === 'leaving' && !staying.has(instanceId);
  });
  return { group, members, cleanedNodes };
}
