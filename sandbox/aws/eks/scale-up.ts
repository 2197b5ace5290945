import { isCounted } from '../auto-scaling/group.ts';
import { updateGroup } from '../auto-scaling/update-group.ts';
import type { KubernetesNode } from './cluster-access.ts';
import { UpdateFailure } from './update.ts';
import { instanceIdOf, isReady, LOOK_SECONDS, type UpdateRun } from './update-run.ts';

/** How long new nodes may take from the raise of the sizes. */
const BOOT_SECONDS = 15 * 60;

const NO_ADDRESSES = 'not enough free addresses';

/** Nodes with the newest configuration that are Ready on an instance of the group. */
export const readyNodes = ({ group, isNewest }: UpdateRun, nodes: readonly KubernetesNode[]): KubernetesNode[] =>
  nodes.filter((node) => {
    const member = group.members.get(instanceIdOf(node));
    return member !== undefined && isCounted(member) && isNewest(node) && isReady(node);
  });

/**
 * Why an update cannot go on without new nodes.
 *
 * EKS names no instance; where a subnet has no address left, it says so.
 */
export function creationFailure({ nodegroup, group }: UpdateRun): UpdateFailure {
  const failed = group.activities.list().find(({ status }) => status === 'Failed');
  if (failed?.statusMessage?.includes(NO_ADDRESSES))
    return new UpdateFailure('InsufficientFreeAddresses', failed.statusMessage, [...nodegroup.subnets]);
  return new UpdateFailure(
    'NodeCreationFailure',
    `Couldn't proceed with upgrade process as new nodes are not joining node group ${nodegroup.name}`,
  );
}

/** Whether there is a new node wherever there was one, and no new node is still on its way. */
async function haveNewNodes(update: UpdateRun, zones: ReadonlySet<string>): Promise<boolean> {
  const { access, nodegroup, group, target } = update;
  const ready = new Set(readyNodes(update, await access.nodesOf(nodegroup.name)).map(instanceIdOf));
  const members = [...group.members.values()].filter(isCounted);
  const isReadyMember = ({ instance }: (typeof members)[number]) => ready.has(instance.instanceId);
  const covered = new Set(members.filter(isReadyMember).map(({ instance }) => instance.availabilityZone));
  const isLaunchedNow = ({ launchedTemplate }: (typeof members)[number]) =>
    launchedTemplate?.versionNumber === target.templateVersion;
  return (
    covered.size > 0 &&
    [...zones].every((zone) => covered.has(zone)) &&
    members.filter(isLaunchedNow).every(isReadyMember)
  );
}

/**
 * Raise the sizes, and wait until new nodes have come.
 *
 * The documentation says "up to" twice the zones; that much it is here.
 *
 * @throws {UpdateFailure} NodeCreationFailure when they have not come within 15 minutes
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html (scale up phase)
 */
export async function scaleUp(update: UpdateRun): Promise<void> {
  const { state, group, maxParallel } = update;
  const { clock } = state;
  const zones = new Set([...group.members.values()].filter(isCounted).map(({ instance }) => instance.availabilityZone));
  const surge = Math.max(2 * group.zones.length, maxParallel);
  updateGroup(
    group,
    {
      AutoScalingGroupName: group.name,
      MaxSize: group.maxSize + surge,
      DesiredCapacity: group.desiredCapacity + surge,
    },
    state,
  );
  const deadlineAt = clock.now() + BOOT_SECONDS * 1000;
  while (!(await haveNewNodes(update, zones))) {
    if (clock.now() >= deadlineAt) throw creationFailure(update);
    await clock.sleep(LOOK_SECONDS);
  }
}
