import type { AutoScalingGroup } from '../auto-scaling/group.ts';
import type { RegionState } from '../region-state.ts';
import { createClusterAccess, type KubernetesNode } from './cluster-access.ts';
import { configurationLabels, type NodeConfiguration, type Nodegroup } from './nodegroup.ts';
import { addConfiguration, launchFrom } from './own-template.ts';
import { maxParallelNodes } from './parallel-nodes.ts';
import { replaceNodes } from './replace-nodes.ts';
import { scaleDown } from './scale-down.ts';
import { scaleUp } from './scale-up.ts';
import { errorOf, type Update } from './update.ts';
import type { UpdateRun } from './update-run.ts';

/**
 * Mark nodes without the newest configuration, so that nothing new comes to them and load balancers let them go.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html (scale up phase)
 */
const markOldNodes = async ({ access, nodegroup, isNewest }: UpdateRun): Promise<void> => {
  const taint = { key: 'eks.amazonaws.com/nodegroup', value: 'unschedulable', effect: 'NoSchedule' } as const;
  const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' };
  for (const { metadata } of await access.nodesOf(nodegroup.name)) {
    await access.changeNode(metadata.name, (node) =>
      isNewest(node)
        ? undefined
        : {
            metadata: { labels },
            spec: { taints: [...(node.spec?.taints ?? []).filter(({ key }) => key !== taint.key), taint] },
          },
    );
  }
};

/** Replace nodes with more capacity than before in between. @throws {UpdateFailure} */
const withSurge = async (run: UpdateRun): Promise<void> => {
  const { maxSize, desiredCapacity } = run.group;
  await scaleUp(run);
  await markOldNodes(run);
  await replaceNodes(run);
  await scaleDown(run, { maxSize, desiredCapacity });
};

/** Everything after the request. @throws {UpdateFailure} */
async function carryOut(
  state: RegionState,
  nodegroup: Nodegroup,
  wanted: Omit<NodeConfiguration, 'templateVersion'>,
  mustForce: boolean,
): Promise<void> {
  const group = state.autoScaling.groups.get(nodegroup.autoScalingGroupName) as AutoScalingGroup;
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
  await withSurge({ state, nodegroup, group, target, access, mustForce, maxParallel, isNewest });
}

/**
 * Bring the nodes of a group to a configuration, and the record of the group with them.
 *
 * When it fails, the record and the template that the Auto Scaling group launches from go back, and the group is ACTIVE again.
 * Nodes stay as they are, renewed or marked, and sizes stay raised: the next update finds the renewed nodes by their labels.
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
  const previous = nodegroup.configuration;
  nodegroup.status = 'UPDATING';
  void clock.run(async () => {
    // The answer to the request comes first.
    await clock.sleep(1);
    try {
      await carryOut(state, nodegroup, wanted, mustForce);
      update.status = 'Successful';
    } catch (thrown) {
      update.status = 'Failed';
      update.errors = [errorOf(thrown)];
      nodegroup.configuration = previous;
      launchFrom(state, autoScaling.groups.get(nodegroup.autoScalingGroupName) as AutoScalingGroup, previous);
    }
    nodegroup.status = 'ACTIVE';
    nodegroup.modifiedAt = clock.now();
  });
}
