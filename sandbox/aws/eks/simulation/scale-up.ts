import { updateGroup } from '../../auto-scaling/actions/update-group.ts';
import { isCounted } from '../../auto-scaling/state/group.ts';
import { BOOT_SECONDS, creationFailure, readyNodes } from './new-nodes.ts';
import { CHECK_SECONDS, instanceIdOf, type UpdateRun } from './update-run.ts';

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
 * The documentation says "up to" twice the number of zones; here it is always that number.
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
    await clock.sleep(CHECK_SECONDS);
  }
}
