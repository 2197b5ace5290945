import type { Activity } from '../state/activities.ts';
import { activityDetails, type SimulationContext } from './context.ts';
import type { Membership } from './memberships.ts';

/** From the request until an instance is in Standby, and from there until it is in service again. */
const MOVE_SECONDS = 5;

/** Move an instance to Standby: it leaves the capacity at once, and nobody checks its health. */
export function enterStandby(context: SimulationContext, { group, member }: Membership, cause: string): Activity {
  const activity = group.activities.start({
    description: `Moving EC2 instance to Standby: ${member.instance.instanceId}`,
    cause,
    details: activityDetails(context, member.instance.availabilityZone),
    status: 'InProgress',
    progress: 50,
  });
  member.activity = activity;
  member.lifecycleState = 'EnteringStandby';
  member.timer = context.clock.after(MOVE_SECONDS, () => {
    member.lifecycleState = 'Standby';
    member.activity = undefined;
    group.activities.end(activity, 'Successful');
  });
  context.reconcileSoon(group);
  return activity;
}

/** Move an instance from Standby back into service: its node has been there all the time. */
export function exitStandby(context: SimulationContext, { group, member }: Membership, cause: string): Activity {
  const activity = group.activities.start({
    description: `Moving EC2 instance out of Standby: ${member.instance.instanceId}`,
    cause,
    details: activityDetails(context, member.instance.availabilityZone),
    status: 'PreInService',
    progress: 30,
  });
  member.activity = activity;
  member.lifecycleState = 'Pending';
  member.timer = context.clock.after(MOVE_SECONDS, () => {
    member.lifecycleState = 'InService';
    member.activity = undefined;
    group.activities.end(activity, 'Successful');
    context.reconcileSoon(group);
  });
  context.reconcileSoon(group);
  return activity;
}
