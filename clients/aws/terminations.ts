import type { Activity } from '@aws-sdk/client-auto-scaling';

/** What became of the desired capacity when an instance was terminated at a user's request. */
export type TerminationEffect = 'shrank' | 'replaced';

/**
 * Tell from an activity's cause how an instance was terminated at a user's request.
 *
 * The sentence names the instance only for TerminateInstanceInAutoScalingGroup; of a lowered capacity it says "an instance".
 *
 * @returns `undefined` for an activity that is about something else
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-verify-scaling-activity.html
 */
export function terminationEffectOf({ Cause = '' }: Activity, instanceId: string): TerminationEffect | undefined {
  const request = `instance ${instanceId} was taken out of service in response to a user request`;
  const [, rest] = Cause.split(request);
  if (rest === undefined) return undefined;
  return rest.startsWith(', shrinking the capacity') ? 'shrank' : 'replaced';
}

/** True for an activity that takes an instance away for a reason of its own: a request that is answered with it came too late. */
export const isForAnotherReason = (activity: Activity | undefined, instanceId: string): boolean =>
  activity?.Cause?.includes('taken out of service') === true && terminationEffectOf(activity, instanceId) === undefined;
