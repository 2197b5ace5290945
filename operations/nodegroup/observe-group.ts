import type { Deps } from '../../clients/ports.ts';
import { NodegroupNotFound } from '../../domain/errors.ts';
import { type GroupNode, joinGroup } from '../../domain/nodegroup/nodegroup.ts';
import type { Run } from '../../domain/state.ts';
import type { AutoScalingGroup, Instance, Node } from '../../domain/types.ts';

const MOST_LOOKS = 3;
const LOOK_SECONDS = 5;

/** Read an Auto Scaling group that must exist. @throws {NodegroupNotFound} */
export async function requireGroup(
  deps: Deps,
  name: string,
  options: { withInstances: boolean } = { withInstances: true },
): Promise<AutoScalingGroup> {
  const group = await deps.autoScaling.findGroup(name, options);
  if (group === undefined)
    throw new NodegroupNotFound(`there is no Auto Scaling group "${name}" in this account and region`);
  return group;
}

/** Look for a group several times; `undefined` when it stays away. */
export async function lookForGroup(
  deps: Deps,
  name: string,
  options: { withInstances: boolean } = { withInstances: true },
): Promise<AutoScalingGroup | undefined> {
  for (let looks = 1; ; looks += 1) {
    const group = await deps.autoScaling.findGroup(name, options);
    if (group !== undefined || looks === MOST_LOOKS) return group;
    await deps.clock.sleep(LOOK_SECONDS);
  }
}

/**
 * Read an Auto Scaling group that the run has seen before. One answer without it proves nothing: it is looked for again.
 *
 * @throws {NodegroupNotFound} when it stays away
 */
export async function readGroup(
  deps: Deps,
  name: string,
  options: { withInstances: boolean } = { withInstances: true },
): Promise<AutoScalingGroup> {
  const group = await lookForGroup(deps, name, options);
  return group ?? requireGroup(deps, name, options);
}

/**
 * Observe a group in Auto Scaling, EC2 and Kubernetes at once.
 *
 * @throws {NodegroupNotFound} when the group has vanished
 */
export async function observeGroup(
  deps: Deps,
  run: Run,
  launchTemplateVersion?: string,
): Promise<{ group: AutoScalingGroup; members: GroupNode[]; instances: Instance[]; nodes: Node[] }> {
  const cluster = await deps.cluster(run.clusterName);
  const [group, instances, nodes] = await Promise.all([
    readGroup(deps, run.autoScalingGroupName),
    deps.ec2.listInstances(run.autoScalingGroupName),
    cluster.listNodes(),
  ]);
  const { target } = run;
  const requiredLabels = run.engine === 'workflow' ? run.requiredLabels : undefined;
  const facts = { group, instances, nodes, target, launchTemplateVersion, requiredLabels };
  return { group, members: joinGroup(facts), instances, nodes };
}
