import { causes } from '../state/activities.ts';
import { type AutoScalingGroup, capacityOf } from '../state/group.ts';
import { isSuspended, type SimulationContext } from './context.ts';
import { launch } from './launching.ts';
import { countByZone, emptiestZone, isUnbalanced } from './zones.ts';

const mayRebalance = (group: AutoScalingGroup) => !isSuspended(group, 'AZRebalance', 'Launch', 'Terminate');

/** Rebalance a group later when its zones are unequal now. */
export function watchBalance(context: SimulationContext, group: AutoScalingGroup): void {
  const progress = context.progressOf(group);
  const counts = countByZone(group.zones, group.members.values());
  if (progress.balanceTimer !== undefined || !mayRebalance(group)) return;
  if (!isUnbalanced(group.zones, counts)) return;
  progress.balanceTimer = context.clock.after(context.timings.rebalanceSeconds, () => {
    progress.balanceTimer = undefined;
    rebalance(context, group);
  });
}

/** Launch before terminating: the surplus goes, from the fullest zone, once the new instance is in service. */
function rebalance(context: SimulationContext, group: AutoScalingGroup): void {
  const members = [...group.members.values()];
  const counts = countByZone(group.zones, members);
  const isSettled =
    capacityOf(members) === group.desiredCapacity &&
    members.every(({ lifecycleState }) => lifecycleState === 'InService' || lifecycleState.startsWith('Terminating'));
  const zone = emptiestZone(group.zones, counts);
  if (zone !== undefined && mayRebalance(group) && isSettled && isUnbalanced(group.zones, counts))
    launch(context, { group, zone, cause: causes.balancing(context.clock.now()) }, true);
  watchBalance(context, group);
}
