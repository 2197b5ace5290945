import type { SandboxClock, Timer } from '../../../world/clock.ts';
import type { Random } from '../../../world/random.ts';
import type { Timings } from '../../../world/scenario.ts';
import type { Instance, Instances } from '../../ec2/state/instances.ts';
import type { Network } from '../../ec2/state/network.ts';
import { type Activity, causes } from '../state/activities.ts';
import {
  type AutoScalingGroup,
  capacityOf,
  type HookResult,
  isCounted,
  type LifecycleHook,
  type Member,
  type ScalingProcess,
} from '../state/group.ts';
import { type LaunchCatalogue, type LaunchPlan, planLaunch } from './launch-plan.ts';
import { selectForTermination } from './termination-policy.ts';
import { countByZone, emptiestZone, isUnbalanced } from './zones.ts';

/** From a change until Auto Scaling acts on it. */
const REACTION_SECONDS = 1;
/** From the end of an instance until the EC2 health check has noticed. */
const HEALTH_CHECK_SECONDS = 30;
const FIRST_RETRY_SECONDS = 15;
const LONGEST_RETRY_SECONDS = 300;

const requestedByUser = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};
const spotTermination = {
  code: 'Server.SpotInstanceTermination',
  message: 'Server.SpotInstanceTermination: Instance terminated due to spot interruption',
};

export interface SimulationOptions {
  readonly clock: SandboxClock;
  readonly random: Random;
  readonly nextId: () => string;
  readonly timings: Timings;
  readonly instances: Instances;
  readonly network: Network;
  readonly catalogue: LaunchCatalogue;
  /** Whether EC2 has machines left in a zone now. */
  hasCapacity(zone: string): boolean;
  onInService(group: AutoScalingGroup, member: Member): void;
  /** A lifecycle hook holds an instance until somebody lets it proceed. */
  onHeld(group: AutoScalingGroup, member: Member): void;
  /** Somebody changed something about a group, or a launch ended one way or the other. */
  onChanged(group: AutoScalingGroup): void;
}

/** An instance together with its group. */
export interface Membership {
  readonly group: AutoScalingGroup;
  readonly member: Member;
}

/** What makes Auto Scaling groups live: everything happens later, on the clock. */
export interface AutoScalingSimulation {
  readonly groups: ReadonlyMap<string, AutoScalingGroup>;
  add(group: AutoScalingGroup): void;
  /** Forget a group, whose instances are all gone. */
  remove(group: AutoScalingGroup): void;
  /** Take over an instance that runs from the start. */
  adopt(group: AutoScalingGroup, instance: Instance, plan: LaunchPlan): Member;
  find(instanceId: string): Membership | undefined;
  /** Let a group look at itself soon, after something about it was changed. */
  wake(group: AutoScalingGroup, reason?: string): void;
  /** End one instance; what was asked before is not asked again. */
  terminate(membership: Membership, cause: string): Activity;
  /** Interrupt so many Spot instances, chosen by chance. */
  interrupt(group: AutoScalingGroup, count: number): void;
  /** EC2 tells that an instance is shutting down. */
  instanceStopping(instance: Instance): void;
  /** EC2 tells that an instance is gone. */
  instanceTerminated(instance: Instance): void;
}

const isDown = ({ instance }: Member) => instance.state === 'shutting-down' || instance.state === 'terminated';

interface GroupState {
  wakeTimer?: Timer | undefined;
  balanceTimer?: Timer | undefined;
  retryTimer?: Timer | undefined;
  failuresInARow: number;
  /** Sentences on what changed since the group last looked at itself. */
  reasons: string[];
}

/** Create the simulation of a region's Auto Scaling groups. */
export function createSimulation({
  clock,
  random,
  nextId,
  timings,
  instances,
  network,
  catalogue,
  hasCapacity,
  onInService,
  onHeld,
  onChanged,
}: SimulationOptions): AutoScalingSimulation {
  const groups = new Map<string, AutoScalingGroup>();
  const states = new Map<AutoScalingGroup, GroupState>();
  const memberships = new Map<string, Membership>();

  const stateOf = (group: AutoScalingGroup) => states.get(group) as GroupState;
  const isSuspended = (group: AutoScalingGroup, ...processes: ScalingProcess[]) =>
    processes.some((process) => group.suspended.has(process));
  const detailsOf = (zone: string) =>
    JSON.stringify({ 'Subnet ID': network.subnetOf(zone).subnetId, 'Availability Zone': zone });

  const lookSoon = (group: AutoScalingGroup) => {
    const state = stateOf(group);
    state.wakeTimer ??= clock.after(REACTION_SECONDS, () => {
      state.wakeTimer = undefined;
      reconcile(group);
    });
  };

  const wake = (group: AutoScalingGroup, reason?: string) => {
    const state = stateOf(group);
    if (reason !== undefined) state.reasons.push(reason);
    // Somebody changed something: what failed before may work now.
    state.retryTimer?.cancel();
    state.retryTimer = undefined;
    state.failuresInARow = 0;
    lookSoon(group);
    onChanged(group);
  };

  // ---- lifecycle of one instance

  const hold = (group: AutoScalingGroup, member: Member, hook: LifecycleHook, then: (result: HookResult) => void) => {
    const proceed = (result: HookResult) => {
      member.timer?.cancel();
      member.heldBy = undefined;
      then(result);
    };
    member.heldBy = { hook, token: nextId(), proceed };
    if (member.activity !== undefined) Object.assign(member.activity, { status: 'MidLifecycleAction', progress: 60 });
    member.timer = clock.after(hook.heartbeatSeconds, () => proceed(hook.defaultResult));
    onHeld(group, member);
  };

  const hookFor = (group: AutoScalingGroup, transition: LifecycleHook['transition']) =>
    group.hooks.find((hook) => hook.transition === transition);

  const enterService = (group: AutoScalingGroup, member: Member) => {
    // Ended by somebody else while it booted: the health check takes it from here.
    if (isDown(member)) return;
    member.lifecycleState = 'InService';
    member.isProtected = group.protectsNewInstances;
    if (member.activity !== undefined) group.activities.end(member.activity, 'Successful');
    member.activity = undefined;
    if (member.isForBalance) {
      member.isForBalance = false;
      stateOf(group).reasons.push(causes.balanced(clock.now(), [member.instance.availabilityZone]));
    }
    onInService(group, member);
    lookSoon(group);
    onChanged(group);
  };

  const finishBoot = (group: AutoScalingGroup, member: Member) => {
    if (isDown(member)) return;
    member.instance.state = 'running';
    const hook = hookFor(group, 'autoscaling:EC2_INSTANCE_LAUNCHING');
    if (hook === undefined) {
      enterService(group, member);
      return;
    }
    member.lifecycleState = 'Pending:Wait';
    hold(group, member, hook, (result) => {
      if (result === 'CONTINUE') {
        member.lifecycleState = 'Pending:Proceed';
        enterService(group, member);
        return;
      }
      abandonLaunch(group, member);
    });
  };

  const abandonLaunch = (group: AutoScalingGroup, member: Member) => {
    if (member.activity !== undefined)
      group.activities.end(
        member.activity,
        'Cancelled',
        `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${nextId()} was abandoned: Lifecycle Action Completed with ABANDON Result`,
      );
    member.activity = undefined;
    terminate({ group, member }, causes.launchAbandoned(clock.now()));
  };

  const finishTermination = ({ group, member }: Membership) => {
    group.members.delete(member.instance.instanceId);
    memberships.delete(member.instance.instanceId);
    if (member.activity !== undefined) group.activities.end(member.activity, 'Successful');
    lookSoon(group);
  };

  const stopInstance = (membership: Membership) => {
    const { instance } = membership.member;
    if (instance.state === 'terminated') finishTermination(membership);
    else instances.shutDown(instance, requestedByUser);
  };

  const terminate = ({ group, member }: Membership, cause: string): Activity => {
    if (!isCounted(member) && member.activity !== undefined) return member.activity;
    member.timer?.cancel();
    member.heldBy = undefined;
    member.isForBalance = false;
    if (member.activity !== undefined) group.activities.end(member.activity, 'Cancelled');
    const activity = group.activities.start({
      description: `Terminating EC2 instance: ${member.instance.instanceId}`,
      cause,
      details: detailsOf(member.instance.availabilityZone),
      status: 'InProgress',
      progress: 0,
    });
    member.activity = activity;
    const hook = hookFor(group, 'autoscaling:EC2_INSTANCE_TERMINATING');
    if (hook === undefined) {
      member.lifecycleState = 'Terminating';
      stopInstance({ group, member });
    } else {
      member.lifecycleState = 'Terminating:Wait';
      hold(group, member, hook, () => {
        member.lifecycleState = 'Terminating:Proceed';
        stopInstance({ group, member });
      });
    }
    lookSoon(group);
    return activity;
  };

  const addMember = (group: AutoScalingGroup, instance: Instance, plan: LaunchPlan, isForBalance: boolean): Member => {
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
  };

  // ---- launching

  const failLaunch = (group: AutoScalingGroup, zone: string, cause: string, failure: string) => {
    const activity = group.activities.start({
      description: 'Launching a new EC2 instance',
      cause,
      details: detailsOf(zone),
      status: 'InProgress',
      progress: 0,
    });
    group.activities.end(activity, 'Failed', `${failure} Launching EC2 instance failed.`);
    onChanged(group);
  };

  const insufficientCapacity = (group: AutoScalingGroup, typeName: string, zone: string) => {
    const others = group.zones.filter((other) => other !== zone && hasCapacity(other));
    const advice =
      others.length === 0
        ? ''
        : ` You can currently get ${typeName} capacity by not specifying an Availability Zone in your request or choosing ${others.join(', ')}.`;
    return `We currently do not have sufficient ${typeName} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.${advice}`;
  };

  /** Launch one instance in a zone: its units, or why not. */
  const launch = (
    group: AutoScalingGroup,
    zone: string,
    cause: string,
    isForBalance = false,
  ): { units: number } | { refusedBy: 'zone' | 'ec2' } => {
    const plan = planLaunch(group.source, group.members.values(), catalogue);
    if ('failure' in plan) {
      failLaunch(group, zone, cause, plan.failure);
      return { refusedBy: 'ec2' };
    }
    if (!hasCapacity(zone)) {
      failLaunch(group, zone, cause, insufficientCapacity(group, plan.instanceType.name, zone));
      return { refusedBy: 'zone' };
    }
    const instance = instances.launch({
      image: plan.image,
      instanceType: plan.instanceType,
      availabilityZone: zone,
      data: plan.data,
      tags: tagsOfLaunch(group, plan),
      launchedAt: clock.now(),
      state: 'pending',
    });
    if (instance === undefined) {
      const { subnetId } = network.subnetOf(zone);
      failLaunch(
        group,
        zone,
        cause,
        `There are not enough free addresses in subnet '${subnetId}' to satisfy the requested number of instances.`,
      );
      return { refusedBy: 'zone' };
    }
    const member = addMember(group, instance, plan, isForBalance);
    member.activity = group.activities.start({
      description: `Launching a new EC2 instance: ${instance.instanceId}`,
      cause,
      details: detailsOf(zone),
      status: 'PreInService',
      progress: 30,
    });
    member.timer = clock.after(timings.pendingSeconds, () => finishBoot(group, member));
    return { units: plan.weight };
  };

  const retryLater = (group: AutoScalingGroup) => {
    const state = stateOf(group);
    const delaySeconds = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** state.failuresInARow);
    state.failuresInARow += 1;
    state.retryTimer = clock.after(delaySeconds, () => {
      state.retryTimer = undefined;
      reconcile(group);
    });
  };

  const launchMissing = (group: AutoScalingGroup, present: number) => {
    const state = stateOf(group);
    const cause = [...state.reasons, causes.started(clock.now(), present, group.desiredCapacity)].join('  ');
    const counts = countByZone(group.zones, group.members.values());
    const refused = new Set<string>();
    for (let units = present; units < group.desiredCapacity; ) {
      const zone = emptiestZone(group.zones, counts, refused);
      if (zone === undefined) return retryLater(group);
      const outcome = launch(group, zone, cause);
      if ('units' in outcome) {
        units += outcome.units;
        counts.set(zone, (counts.get(zone) ?? 0) + 1);
        state.failuresInARow = 0;
      } else if (outcome.refusedBy === 'zone') refused.add(zone);
      else return retryLater(group);
    }
  };

  // ---- ending what is too much, or unwell

  const endSurplus = (group: AutoScalingGroup, present: number, wanted: number) => {
    const { reasons } = stateOf(group);
    const facts = {
      zones: group.zones,
      source: group.source,
      policies: group.terminationPolicies,
      now: clock.now(),
      random,
    };
    let units = present;
    while (units > wanted) {
      const member = selectForTermination(group.members.values(), facts);
      if (member === undefined || units - member.weight < wanted) return;
      const cause = [
        ...reasons,
        causes.shrunk(clock.now(), present, wanted),
        causes.selected(clock.now(), member.instance.instanceId),
      ];
      terminate({ group, member }, cause.join('  '));
      units -= member.weight;
    }
  };

  const replaceUnhealthy = (group: AutoScalingGroup) => {
    for (const member of [...group.members.values()]) {
      if (!isCounted(member) || !isDown(member)) continue;
      if (!isSuspended(group, 'HealthCheck')) member.isHealthy = false;
      if (!member.isHealthy && !isSuspended(group, 'ReplaceUnhealthy', 'Terminate'))
        terminate({ group, member }, causes.unhealthy(clock.now()));
    }
  };

  // ---- zone balance

  const watchBalance = (group: AutoScalingGroup) => {
    const state = stateOf(group);
    const counts = countByZone(group.zones, group.members.values());
    if (state.balanceTimer !== undefined || isSuspended(group, 'AZRebalance', 'Launch', 'Terminate')) return;
    if (!isUnbalanced(group.zones, counts)) return;
    state.balanceTimer = clock.after(timings.rebalanceSeconds, () => {
      state.balanceTimer = undefined;
      rebalance(group);
    });
  };

  /** Launch before terminating: the surplus goes, from the fullest zone, once the new instance is in service. */
  const rebalance = (group: AutoScalingGroup) => {
    const members = [...group.members.values()];
    const counts = countByZone(group.zones, members);
    const isSettled =
      capacityOf(members) === group.desiredCapacity &&
      members.every(({ lifecycleState }) => lifecycleState === 'InService' || lifecycleState.startsWith('Terminating'));
    const zone = emptiestZone(group.zones, counts);
    const maySteer = !isSuspended(group, 'AZRebalance', 'Launch', 'Terminate');
    if (zone !== undefined && maySteer && isSettled && isUnbalanced(group.zones, counts))
      launch(group, zone, causes.balancing(clock.now()), true);
    watchBalance(group);
  };

  /** Compare what is with what should be, and act on the difference. */
  const reconcile = (group: AutoScalingGroup) => {
    replaceUnhealthy(group);
    const present = capacityOf(group.members.values());
    const forBalance = capacityOf([...group.members.values()].filter(({ isForBalance }) => isForBalance));
    if (present - forBalance < group.desiredCapacity) {
      if (!isSuspended(group, 'Launch') && stateOf(group).retryTimer === undefined)
        launchMissing(group, present - forBalance);
    } else if (present - forBalance > group.desiredCapacity) {
      if (!isSuspended(group, 'Terminate')) endSurplus(group, present, group.desiredCapacity + forBalance);
    }
    stateOf(group).reasons = [];
    watchBalance(group);
  };

  return {
    groups,
    add(group) {
      groups.set(group.name, group);
      states.set(group, { failuresInARow: 0, reasons: [] });
    },
    remove: ({ name }) => void groups.delete(name),
    adopt(group, instance, plan) {
      const member = addMember(group, instance, plan, false);
      member.lifecycleState = 'InService';
      member.isProtected = group.protectsNewInstances;
      return member;
    },
    find: (instanceId) => memberships.get(instanceId),
    wake,
    terminate,
    interrupt(group, count) {
      const candidates = [...group.members.values()].filter(({ lifecycleState }) => lifecycleState === 'InService');
      for (let left = Math.min(count, candidates.length); left > 0; left -= 1) {
        const [member] = candidates.splice(random.integer(candidates.length), 1);
        if (member !== undefined) instances.shutDown(member.instance, spotTermination);
      }
    },
    instanceStopping(instance) {
      const membership = memberships.get(instance.instanceId);
      if (membership === undefined || !isCounted(membership.member)) return;
      clock.after(HEALTH_CHECK_SECONDS, () => lookSoon(membership.group));
    },
    instanceTerminated(instance) {
      const membership = memberships.get(instance.instanceId);
      const state = membership?.member.lifecycleState;
      if (membership !== undefined && (state === 'Terminating' || state === 'Terminating:Proceed'))
        finishTermination(membership);
    },
  };
}

/** Tags of a new instance: those of the template, then the group's propagated ones, which win. */
export const tagsOfLaunch = (group: AutoScalingGroup, plan: LaunchPlan): Record<string, string> => ({
  ...Object.fromEntries(
    (plan.data.TagSpecifications ?? [])
      .filter(({ ResourceType }) => ResourceType === 'instance')
      .flatMap(({ Tags = [] }) => Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
  ),
  ...Object.fromEntries([...group.tags].filter(([, tag]) => tag.isPropagated).map(([key, tag]) => [key, tag.value])),
  'aws:autoscaling:groupName': group.name,
  ...(plan.launchedTemplate !== undefined && {
    'aws:ec2launchtemplate:id': plan.launchedTemplate.templateId,
    'aws:ec2launchtemplate:version': String(plan.launchedTemplate.versionNumber),
  }),
});
