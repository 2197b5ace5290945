import type { Instance } from '../../ec2/state/instances.ts';
import type { Activity } from '../state/activities.ts';
import { type AutoScalingGroup, capacityOf, isCounted, type Member } from '../state/group.ts';
import type { InstanceRefresh } from '../state/instance-refresh.ts';
import { type GroupProgress, isSuspended, type SimulationContext, type SimulationOptions } from './context.ts';
import { beginRefresh } from './instance-refresh.ts';
import type { LaunchPlan } from './launch-plan.ts';
import { launchMissing } from './launching.ts';
import { addMember, finishTermination, terminate } from './lifecycle.ts';
import type { Membership } from './memberships.ts';
import { terminateSurplus, terminateUnhealthy } from './scale-in.ts';
import { enterStandby, exitStandby } from './standby.ts';
import { watchBalance } from './zone-balance.ts';

/** From a change until Auto Scaling acts on it. */
const REACTION_SECONDS = 1;
/** From the end of an instance until the EC2 health check has noticed. */
const HEALTH_CHECK_SECONDS = 30;

const spotTermination = {
  code: 'Server.SpotInstanceTermination',
  message: 'Server.SpotInstanceTermination: Instance terminated due to spot interruption',
};

/** What Auto Scaling groups do by themselves: everything happens later, on the clock. */
export interface AutoScalingSimulation {
  readonly groups: ReadonlyMap<string, AutoScalingGroup>;
  add(group: AutoScalingGroup): void;
  /** Forget a group, whose instances are all gone. */
  remove(group: AutoScalingGroup): void;
  /** Take over an instance that runs from the start. */
  adopt(group: AutoScalingGroup, instance: Instance, plan: LaunchPlan): Member;
  find(instanceId: string): Membership | undefined;
  /** Reconcile a group soon, after something about it was changed. */
  wake(group: AutoScalingGroup, reason?: string): void;
  /** Terminate one instance; a second request gets the activity of the first. */
  terminate(membership: Membership, cause: string): Activity;
  /** Move an instance to Standby; the desired capacity is the caller's business. */
  enterStandby(membership: Membership, cause: string): Activity;
  /** Move an instance from Standby back into service; the desired capacity is the caller's business. */
  exitStandby(membership: Membership, cause: string): Activity;
  /** Replace the instances that a refresh names, some at a time. */
  refresh(group: AutoScalingGroup, refresh: InstanceRefresh): void;
  /** Interrupt so many Spot instances, chosen by chance. */
  interrupt(group: AutoScalingGroup, count: number): void;
  /** React to an instance that is shutting down. */
  instanceStopping(instance: Instance): void;
  /** React to an instance that is gone. */
  instanceTerminated(instance: Instance): void;
}

function reconcile(context: SimulationContext, group: AutoScalingGroup): void {
  const progress = context.progressOf(group);
  terminateUnhealthy(context, group);
  const presentUnits = capacityOf(group.members.values());
  const unitsForBalance = capacityOf([...group.members.values()].filter(({ isForBalance }) => isForBalance));
  const ordinaryUnits = presentUnits - unitsForBalance;
  if (ordinaryUnits < group.desiredCapacity) {
    if (!isSuspended(group, 'Launch') && progress.retryTimer === undefined)
      launchMissing(context, group, ordinaryUnits);
  } else if (ordinaryUnits > group.desiredCapacity) {
    if (!isSuspended(group, 'Terminate'))
      terminateSurplus(context, group, presentUnits, group.desiredCapacity + unitsForBalance);
  }
  progress.reasons = [];
  watchBalance(context, group);
}

function wake(context: SimulationContext, group: AutoScalingGroup, reason?: string): void {
  const progress = context.progressOf(group);
  if (reason !== undefined) progress.reasons.push(reason);
  // Somebody changed something: what failed before may work now.
  progress.retryTimer?.cancel();
  progress.retryTimer = undefined;
  progress.failuresInARow = 0;
  context.reconcileSoon(group);
  context.onChanged(group);
}

function interrupt({ random, instances }: SimulationContext, group: AutoScalingGroup, count: number): void {
  const candidates = [...group.members.values()].filter(({ lifecycleState }) => lifecycleState === 'InService');
  for (let left = Math.min(count, candidates.length); left > 0; left -= 1) {
    const [member] = candidates.splice(random.integer(candidates.length), 1);
    if (member !== undefined) instances.shutDown(member.instance, spotTermination);
  }
}

function createContext(
  options: SimulationOptions,
  progressByGroup: ReadonlyMap<AutoScalingGroup, GroupProgress>,
): SimulationContext {
  const progressOf = (group: AutoScalingGroup) => {
    const progress = progressByGroup.get(group);
    if (progress === undefined) throw new Error(`the group ${group.name} was never added`);
    return progress;
  };
  const context: SimulationContext = {
    ...options,
    memberships: new Map(),
    progressOf,
    reconcile: (group) => reconcile(context, group),
    reconcileSoon(group) {
      const progress = progressOf(group);
      progress.reconcileTimer ??= options.clock.after(REACTION_SECONDS, () => {
        progress.reconcileTimer = undefined;
        reconcile(context, group);
      });
    },
  };
  return context;
}

/** Create the simulation of a region's Auto Scaling groups. */
export function createSimulation(options: SimulationOptions): AutoScalingSimulation {
  const groups = new Map<string, AutoScalingGroup>();
  const progressByGroup = new Map<AutoScalingGroup, GroupProgress>();
  const context = createContext(options, progressByGroup);
  const { memberships } = context;
  return {
    groups,
    add(group) {
      groups.set(group.name, group);
      progressByGroup.set(group, { failuresInARow: 0, reasons: [] });
    },
    remove: ({ name }) => void groups.delete(name),
    adopt(group, instance, plan) {
      const member = addMember(context, group, instance, plan, false);
      member.lifecycleState = 'InService';
      member.isProtected = group.protectsNewInstances;
      return member;
    },
    find: (instanceId) => memberships.get(instanceId),
    wake: (group, reason) => wake(context, group, reason),
    terminate: (membership, cause) => terminate(context, membership, cause),
    enterStandby: (membership, cause) => enterStandby(context, membership, cause),
    exitStandby: (membership, cause) => exitStandby(context, membership, cause),
    refresh: (group, refresh) => beginRefresh(context, group, refresh),
    interrupt: (group, count) => interrupt(context, group, count),
    instanceStopping({ instanceId }) {
      const membership = memberships.get(instanceId);
      if (membership === undefined || !isCounted(membership.member)) return;
      options.clock.after(HEALTH_CHECK_SECONDS, () => context.reconcileSoon(membership.group));
    },
    instanceTerminated({ instanceId }) {
      const membership = memberships.get(instanceId);
      const state = membership?.member.lifecycleState;
      if (membership !== undefined && (state === 'Terminating' || state === 'Terminating:Proceed'))
        finishTermination(context, membership);
    },
  };
}
