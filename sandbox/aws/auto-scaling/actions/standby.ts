import { boolean, list, required, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { activityShape } from '../responses.ts';
import type { Membership } from '../simulation/memberships.ts';
import { causes } from '../state/activities.ts';
import type { AutoScalingGroup, LifecycleState } from '../state/group.ts';
import { invalid } from '../validation-error.ts';
import { getGroup, groupNameMember } from './find-group.ts';

/** @throws ValidationError for an instance that is not in the group, or not in this state */
function membersIn(group: AutoScalingGroup, ids: readonly string[], state: LifecycleState): Membership[] {
  return ids.map((id) => {
    const member = group.members.get(id);
    if (member === undefined) throw invalid(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
    if (member.lifecycleState !== state) throw invalid(`The instance ${id} is not in ${state}.`);
    return { group, member };
  });
}

const sizesOf = ({ name, minSize, maxSize, desiredCapacity }: AutoScalingGroup) =>
  `AutoScalingGroup ${name} has min-size=${minSize}, max-size=${maxSize}, and desired-size=${desiredCapacity}.`;

const unitsOf = (memberships: readonly Membership[]) =>
  memberships.reduce((units, { member }) => units + member.weight, 0);

const enterStandby = (state: RegionState) =>
  action(
    { ...groupNameMember, InstanceIds: list(string), ShouldDecrementDesiredCapacity: required(boolean) },
    ({ AutoScalingGroupName, InstanceIds = [], ShouldDecrementDesiredCapacity: mustDecrement }) => {
      const { autoScaling, clock } = state;
      const group = getGroup(state, AutoScalingGroupName);
      const memberships = membersIn(group, InstanceIds, 'InService');
      if (mustDecrement && group.desiredCapacity - unitsOf(memberships) < group.minSize)
        throw invalid(
          `${sizesOf(group)} To place into standby ${memberships.length} instance(s), please update the AutoScalingGroup sizes appropriately.`,
        );
      const activities = memberships.map((membership) => {
        const before = group.desiredCapacity;
        if (mustDecrement) group.desiredCapacity -= membership.member.weight;
        const id = membership.member.instance.instanceId;
        const cause = causes.movedToStandby(clock.now(), id, before, group.desiredCapacity);
        return activityShape(group, autoScaling.enterStandby(membership, cause));
      });
      return { Activities: activities };
    },
  );

const exitStandby = (state: RegionState) =>
  action({ ...groupNameMember, InstanceIds: list(string) }, ({ AutoScalingGroupName, InstanceIds = [] }) => {
    const { autoScaling, clock } = state;
    const group = getGroup(state, AutoScalingGroupName);
    const memberships = membersIn(group, InstanceIds, 'Standby');
    if (group.desiredCapacity + unitsOf(memberships) > group.maxSize)
      throw invalid(
        `${sizesOf(group)} To move ${memberships.length} instance(s) out of standby, please update the AutoScalingGroup sizes appropriately.`,
      );
    const activities = memberships.map((membership) => {
      const before = group.desiredCapacity;
      group.desiredCapacity += membership.member.weight;
      const id = membership.member.instance.instanceId;
      const cause = causes.movedOutOfStandby(clock.now(), id, before, group.desiredCapacity);
      return activityShape(group, autoScaling.exitStandby(membership, cause));
    });
    return { Activities: activities };
  });

/**
 * Taking instances out of service for a while, and back.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
 */
export const standbyActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  EnterStandby: enterStandby(state),
  ExitStandby: exitStandby(state),
});
