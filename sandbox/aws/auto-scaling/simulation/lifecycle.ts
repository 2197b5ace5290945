import type { Instance } from '../../ec2/state/instances.ts';
import { type Activity, causes } from '../state/activities.ts';
import {
  type AutoScalingGroup,
  type HookResult,
  isTerminating,
  type LifecycleHook,
  type Member,
} from '../state/group.ts';
import { activityDetails, isDown, type SimulationContext } from './context.ts';
import type { LaunchPlan } from './launch-plan.ts';
import type { Membership } from './memberships.ts';

const requestedByUser = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};

/** Add a machine to a group, as `Pending`. */
export function addMember(
  { memberships }: SimulationContext,
  group: AutoScalingGroup,
  instance: Instance,
  plan: LaunchPlan,
  isForBalance: boolean,
): Member {
  const member: Member = {
    instance,
    launchedTemplate: plan.launchedTemplate,
    launchConfigurationName: plan.launchConfigurationName,
    weight: plan.weight,
    hasWeight: plan.hasWeight,
    overrideIndex: plan.overrideIndex,
    lifecycleState: 'Pending',
    isHealthy: true,
    isProtected: false,
    isForBalance,
  };
  group.members.set(instance.instanceId, member);
  memberships.set(instance.instanceId, { group, member });
  return member;
}

const hookFor = (group: AutoScalingGroup, transition: LifecycleHook['transition']) =>
  group.hooks.find((hook) => hook.transition === transition);

function waitAtHook(
  { clock, nextId, onHookWait }: SimulationContext,
  { group, member }: Membership,
  hook: LifecycleHook,
  then: (result: HookResult) => void,
): void {
  const proceed = (result: HookResult) => {
    member.timer?.cancel();
    member.lifecycleAction = undefined;
    then(result);
  };
  member.lifecycleAction = { hook, token: nextId(), proceed };
  if (member.activity !== undefined) Object.assign(member.activity, { status: 'MidLifecycleAction', progress: 60 });
  member.timer = clock.after(hook.heartbeatSeconds, () => proceed(hook.defaultResult));
  onHookWait(group, member);
}

function enterService(context: SimulationContext, group: AutoScalingGroup, member: Member): void {
  // Ended by somebody else while it booted: the health check finds it.
  if (isDown(member)) return;
  member.lifecycleState = 'InService';
  member.isProtected = group.protectsNewInstances;
  if (member.activity !== undefined) group.activities.end(member.activity, 'Successful');
  member.activity = undefined;
  if (member.isForBalance) {
    member.isForBalance = false;
    const sentence = causes.balanced(context.clock.now(), [member.instance.availabilityZone]);
    context.progressOf(group).reasons.push(sentence);
  }
  context.onInService(group, member);
  context.reconcileSoon(group);
  context.onChanged(group);
}

/** Go on with a machine that has booted: to its launch hook, or into service. */
export function finishBoot(context: SimulationContext, group: AutoScalingGroup, member: Member): void {
  if (isDown(member)) return;
  member.instance.state = 'running';
  const hook = hookFor(group, 'autoscaling:EC2_INSTANCE_LAUNCHING');
  if (hook === undefined) {
    enterService(context, group, member);
    return;
  }
  member.lifecycleState = 'Pending:Wait';
  waitAtHook(context, { group, member }, hook, (result) => {
    if (result === 'CONTINUE') {
      member.lifecycleState = 'Pending:Proceed';
      enterService(context, group, member);
      return;
    }
    abandonLaunch(context, group, member);
  });
}

function abandonLaunch(context: SimulationContext, group: AutoScalingGroup, member: Member): void {
  if (member.activity !== undefined)
    group.activities.end(
      member.activity,
      'Cancelled',
      `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${context.nextId()} was abandoned: Lifecycle Action Completed with ABANDON Result`,
    );
  member.activity = undefined;
  terminate(context, { group, member }, causes.launchAbandoned(context.clock.now()));
}

/** Remove a machine that is gone from its group. */
export function finishTermination(context: SimulationContext, { group, member }: Membership): void {
  group.members.delete(member.instance.instanceId);
  context.memberships.delete(member.instance.instanceId);
  if (member.activity !== undefined) group.activities.end(member.activity, 'Successful');
  context.reconcileSoon(group);
}

function stopInstance(context: SimulationContext, membership: Membership): void {
  const { instance } = membership.member;
  if (instance.state === 'terminated') finishTermination(context, membership);
  else context.instances.shutDown(instance, requestedByUser);
}

/** Terminate one instance; a second request gets the activity of the first. */
export function terminate(context: SimulationContext, membership: Membership, cause: string): Activity {
  const { group, member } = membership;
  if (isTerminating(member) && member.activity !== undefined) return member.activity;
  member.timer?.cancel();
  member.lifecycleAction = undefined;
  member.isForBalance = false;
  if (member.activity !== undefined) group.activities.end(member.activity, 'Cancelled');
  const activity = group.activities.start({
    description: `Terminating EC2 instance: ${member.instance.instanceId}`,
    cause,
    details: activityDetails(context, member.instance.availabilityZone),
    status: 'InProgress',
    progress: 0,
  });
  member.activity = activity;
  const hook = hookFor(group, 'autoscaling:EC2_INSTANCE_TERMINATING');
  if (hook === undefined) {
    member.lifecycleState = 'Terminating';
    stopInstance(context, { group, member });
  } else {
    member.lifecycleState = 'Terminating:Wait';
    waitAtHook(context, membership, hook, () => {
      member.lifecycleState = 'Terminating:Proceed';
      stopInstance(context, { group, member });
    });
  }
  context.reconcileSoon(group);
  return activity;
}
