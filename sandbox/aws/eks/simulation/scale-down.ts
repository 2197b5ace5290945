import { updateGroup } from '../../auto-scaling/actions/update-group.ts';
import { CHECK_SECONDS, type UpdateRun } from './update-run.ts';

/** Whether instances have yet to leave; what somebody has put in Standby is no part of the capacity. */
const isAboveDesired = ({ members, desiredCapacity }: UpdateRun['group']): boolean => {
  const standing = [...members.values()].filter(({ lifecycleState }) => !lifecycleState.endsWith('Standby'));
  return standing.length > desiredCapacity;
};

/**
 * Bring the sizes back one by one; Auto Scaling chooses which node goes, and EKS's own hook drains it.
 *
 * It is over at once when somebody raises the desired size meanwhile: sizes stay as they are then.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html (scale down phase)
 */
export async function scaleDown(
  { state, group }: UpdateRun,
  before: { readonly maxSize: number; readonly desiredCapacity: number },
): Promise<void> {
  let expected = group.desiredCapacity;
  const surged = before.desiredCapacity + group.maxSize - before.maxSize;
  const isRaised = () => group.desiredCapacity > Math.max(expected, before.desiredCapacity);
  if (group.desiredCapacity > surged) return;
  while (group.maxSize > before.maxSize && !isRaised()) {
    expected = group.desiredCapacity - (group.desiredCapacity > before.desiredCapacity ? 1 : 0);
    updateGroup(
      group,
      { AutoScalingGroupName: group.name, MaxSize: group.maxSize - 1, DesiredCapacity: expected },
      state,
    );
    do await state.clock.sleep(CHECK_SECONDS);
    while (!isRaised() && isAboveDesired(group));
  }
}
