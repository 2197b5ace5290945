import { boolean, list, required, string, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { activityShape, instanceShape } from '../responses.ts';
import type { Membership } from '../simulation/memberships.ts';
import { causes } from '../state/activities.ts';
import { isTerminating } from '../state/group.ts';
import { invalid } from '../validation-error.ts';
import { getGroup, getMembership, groupNameMember } from './find-group.ts';
import { autoScalingPage, pagingMembers } from './pages.ts';

const MOST_INSTANCES_A_CALL = 50;

const allMemberships = ({ autoScaling }: RegionState): Membership[] =>
  [...autoScaling.groups.values()].flatMap((group) => [...group.members.values()].map((member) => ({ group, member })));

const describeInstances = (state: RegionState) =>
  action({ InstanceIds: list(string), ...pagingMembers }, ({ InstanceIds: ids = [], ...paging }) => {
    if (ids.length > MOST_INSTANCES_A_CALL)
      throw invalid(`The number of instance ids that may be passed in is limited to ${MOST_INSTANCES_A_CALL}`);
    const asked = ids.map((id) => state.autoScaling.find(id)).filter((membership) => membership !== undefined);
    const found = ids.length > 0 ? asked : allMemberships(state);
    const page = autoScalingPage(found, ({ member }) => member.instance.instanceId, paging, { most: 50 });
    return {
      AutoScalingInstances: page.items.map(({ group, member }) => instanceShape(group, member, state)),
      NextToken: page.nextToken,
    };
  });

/** Lower the desired capacity by one instance. @throws ValidationError when the minimum forbids it */
function decrement({ group, member }: Membership): void {
  const smaller = group.desiredCapacity - member.weight;
  if (smaller < group.minSize)
    throw invalid(
      `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  group.desiredCapacity = smaller;
}

const terminateInstance = (state: RegionState) =>
  action(
    { InstanceId: required(within(string, 1, 19)), ShouldDecrementDesiredCapacity: required(boolean) },
    ({ InstanceId, ShouldDecrementDesiredCapacity: mustDecrement }) => {
      const { autoScaling, clock } = state;
      const membership = getMembership(state, InstanceId);
      const { group, member } = membership;
      // A second request finds the activity of the first, and decrements nothing.
      if (isTerminating(member) && member.activity !== undefined)
        return { Activity: activityShape(group, member.activity) };
      const before = group.desiredCapacity;
      if (mustDecrement) decrement(membership);
      const cause = mustDecrement
        ? causes.requestedWithDecrement(clock.now(), InstanceId, before, group.desiredCapacity)
        : causes.requested(clock.now(), InstanceId);
      return { Activity: activityShape(group, autoScaling.terminate({ group, member }, cause)) };
    },
  );

const setInstanceProtection = (state: RegionState) =>
  action(
    {
      ...groupNameMember,
      InstanceIds: required(within(list(string), 1, MOST_INSTANCES_A_CALL)),
      ProtectedFromScaleIn: required(boolean),
    },
    ({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn }) => {
      const group = getGroup(state, AutoScalingGroupName);
      const members = InstanceIds.map((id) => {
        const member = group.members.get(id);
        if (member === undefined)
          throw invalid(`The instance ${id} is not part of Auto Scaling group ${AutoScalingGroupName}.`);
        if (member.lifecycleState !== 'InService' && !member.lifecycleState.endsWith('Standby'))
          throw invalid(`The instance ${id} is not in InService or EnteringStandby or Standby.`);
        return member;
      });
      for (const member of members) member.isProtected = ProtectedFromScaleIn;
      state.autoScaling.wake(group);
      return {};
    },
  );

/** Instances of groups. */
export const instanceActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeAutoScalingInstances: describeInstances(state),
  TerminateInstanceInAutoScalingGroup: terminateInstance(state),
  SetInstanceProtection: setInstanceProtection(state),
});
