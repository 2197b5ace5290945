import { causes } from '../state/activities.ts';
import { type AutoScalingGroup, isTerminating, type Member } from '../state/group.ts';
import type { InstanceRefresh } from '../state/instance-refresh.ts';
import { isSuspended, type SimulationContext } from './context.ts';
import { terminate } from './lifecycle.ts';

/** From the request until the first instance is chosen, and between looks at the group. */
const LOOK_SECONDS = 10;
/** A refresh that replaces nothing for this long has failed. */
const PATIENCE_MS = 3_600_000;

interface Progress {
  readonly inServiceSince: Map<string, number>;
  movedAt: number;
}

const isReplaceable = ({ lifecycleState, isProtected }: Member) => lifecycleState === 'InService' && !isProtected;

function end(refresh: InstanceRefresh, now: number, status: InstanceRefresh['status'], reason?: string): void {
  refresh.status = status;
  refresh.endedAt = now;
  if (reason !== undefined) refresh.statusReason = reason;
}

/** Instances that are in service and have had their warm-up. */
function healthyMembers(group: AutoScalingGroup, refresh: InstanceRefresh, { inServiceSince }: Progress, now: number) {
  return [...group.members.values()].filter(({ instance, lifecycleState }) => {
    if (lifecycleState !== 'InService') return false;
    const since = inServiceSince.get(instance.instanceId) ?? now;
    inServiceSince.set(instance.instanceId, since);
    return now >= since + refresh.warmupSeconds * 1000;
  });
}

/** How many instances may go now: never so many that too few stay healthy, but one at a time in any case. */
function allowance(group: AutoScalingGroup, { minHealthyPercentage }: InstanceRefresh, healthy: number): number {
  const least = Math.ceil((group.desiredCapacity * minHealthyPercentage) / 100);
  return Math.max(healthy - least, healthy >= group.desiredCapacity ? 1 : 0);
}

/** Look at the group once: replace what may go, or end. */
function look(context: SimulationContext, group: AutoScalingGroup, refresh: InstanceRefresh, progress: Progress): void {
  const now = context.clock.now();
  const left = refresh.instanceIds
    .map((id) => group.members.get(id))
    .filter((member) => member !== undefined && !isTerminating(member)) as Member[];
  const healthy = healthyMembers(group, refresh, progress, now);
  if (left.length !== refresh.remaining) progress.movedAt = now;
  refresh.remaining = left.length;
  if (refresh.status === 'Cancelling') end(refresh, now, 'Cancelled', 'Cancelled due to user request.');
  else if (left.length === 0 && healthy.length >= group.desiredCapacity) end(refresh, now, 'Successful');
  else if (now >= progress.movedAt + PATIENCE_MS)
    end(refresh, now, 'Failed', 'Instance refresh failed: no instance was replaced for an hour.');
  if (refresh.endedAt !== undefined) return;
  if (!isSuspended(group, 'InstanceRefresh', 'Terminate', 'Launch'))
    for (const member of left.filter(isReplaceable).slice(0, allowance(group, refresh, healthy.length)))
      terminate(context, { group, member }, causes.refreshed(now));
  context.clock.after(LOOK_SECONDS, () => look(context, group, refresh, progress));
}

/** Replace the instances that a refresh names, some at a time: each is terminated, and the group launches another. */
export function beginRefresh(context: SimulationContext, group: AutoScalingGroup, refresh: InstanceRefresh): void {
  const startedAt = context.clock.now();
  const inServiceSince = new Map([...group.members.keys()].map((id) => [id, Number.NEGATIVE_INFINITY]));
  context.clock.after(LOOK_SECONDS, () => {
    if (refresh.status === 'Pending') refresh.status = 'InProgress';
    refresh.startedAt = context.clock.now();
    look(context, group, refresh, { inServiceSince, movedAt: startedAt });
  });
}
