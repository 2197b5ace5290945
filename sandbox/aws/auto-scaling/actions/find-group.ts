import { required, string, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Membership } from '../simulation/memberships.ts';
import type { AutoScalingGroup } from '../state/group.ts';
import { invalid } from '../validation-error.ts';

/** The member by which most actions name their group. */
export const groupNameMember = { AutoScalingGroupName: required(within(string, 1, 255)) };

/** Find a group by its name. @throws ValidationError */
export function getGroup({ autoScaling }: RegionState, name: string): AutoScalingGroup {
  const group = autoScaling.groups.get(name);
  if (group === undefined) throw invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
  return group;
}

/** Find an instance and its group. @throws ValidationError */
export function getMembership({ autoScaling }: RegionState, instanceId: string): Membership {
  const membership = autoScaling.find(instanceId);
  if (membership === undefined)
    throw invalid(`Instance Id not found - No managed instance found for instance ID ${instanceId}`);
  return membership;
}
