import type { AutoScalingGroup } from '../../auto-scaling/state/group.ts';
import type { RegionState } from '../../region-state.ts';
import { configurationLabels, type NodeConfiguration, type Nodegroup } from '../state/nodegroup.ts';
import { errorOf, type Update } from '../state/update.ts';
import { createClusterAccess, type KubernetesNode } from './cluster-access.ts';
import { checkHealthLater } from './health.ts';
import { addConfiguration, launchFrom } from './own-template.ts';
import { maxParallelNodes } from './parallel-nodes.ts';
import { replaceWithinSize, replaceWithSurge } from './strategies.ts';

/** Everything after the request. @throws {UpdateFailure} */
async function carryOut(
  state: RegionState,
  nodegroup: Nodegroup,
  group: AutoScalingGroup,
  wanted: Omit<NodeConfiguration, 'templateVersion'>,
  mustForce: boolean,
): Promise<void> {
  const access = createClusterAccess(state.asNodeManager(nodegroup.clusterName), state.clock);
  const target = addConfiguration(state, nodegroup, wanted);
  nodegroup.configuration = target;
  launchFrom(state, group, target);

  const newest = Object.entries(configurationLabels(target));
  const isNewest = ({ metadata: { labels = {} } }: KubernetesNode) =>
    newest.every(([key, value]) => labels[key] === value);
  const outdated = (await access.nodesOf(nodegroup.name)).filter((node) => !isNewest(node));
  if (outdated.length === 0) return;
  const maxParallel = maxParallelNodes(nodegroup.updateConfig, outdated.length);
  const replace = nodegroup.updateConfig.updateStrategy === 'MINIMAL' ? replaceWithinSize : replaceWithSurge;
  await replace({ state, nodegroup, group, target, access, mustForce, maxParallel, isNewest });
}

/**
 * Bring the nodes of a group to a configuration, and the record of the group with them.
 *
 * When it fails, the record and the template that the Auto Scaling group launches from go back, and the group is ACTIVE again.
 * Nodes stay as they are, renewed or tainted, and sizes stay raised: the next update finds the renewed nodes by their labels.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
 * @see https://github.com/crossplane-contrib/provider-aws/issues/1475 (after a failure)
 */
export function runVersionUpdate(
  state: RegionState,
  nodegroup: Nodegroup,
  update: Update,
  { wanted, mustForce }: { wanted: Omit<NodeConfiguration, 'templateVersion'>; mustForce: boolean },
): void {
  const { clock, autoScaling } = state;
  const group = autoScaling.groups.get(nodegroup.autoScalingGroupName) as AutoScalingGroup;
  const previous = nodegroup.configuration;
  nodegroup.status = 'UPDATING';
  void clock.run(async () => {
    // The answer to the request comes first.
    await clock.sleep(1);
    try {
      await carryOut(state, nodegroup, group, wanted, mustForce);
      update.status = 'Successful';
    } catch (thrown) {
      update.status = 'Failed';
      update.errors = [errorOf(thrown)];
      nodegroup.configuration = previous;
      launchFrom(state, group, previous);
    }
    nodegroup.status = 'ACTIVE';
    nodegroup.modifiedAt = clock.now();
    checkHealthLater(state, group);
  });
}
