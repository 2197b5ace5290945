import { causes } from '../state/activities.ts';
import { type AutoScalingGroup, isCounted } from '../state/group.ts';
import { isDown, isSuspended, type SimulationContext } from './context.ts';
import { terminate } from './lifecycle.ts';
import { selectForTermination } from './termination-policy.ts';

/**
 * Terminate what a group has too much, as its termination policies choose.
 *
 * @param presentUnits capacity units that the group has
 * @param wantedUnits  capacity units that it keeps
 */
export function terminateSurplus(
  context: SimulationContext,
  group: AutoScalingGroup,
  presentUnits: number,
  wantedUnits: number,
): void {
  const { clock, random } = context;
  const { reasons } = context.progressOf(group);
  const facts = {
    zones: group.zones,
    source: group.source,
    policies: group.terminationPolicies,
    now: clock.now(),
    random,
  };
  let units = presentUnits;
  while (units > wantedUnits) {
    const member = selectForTermination(group.members.values(), facts);
    if (member === undefined || units - member.weight < wantedUnits) return;
    const cause = [
      ...reasons,
      causes.shrunk(clock.now(), presentUnits, wantedUnits),
      causes.selected(clock.now(), member.instance.instanceId),
    ];
    terminate(context, { group, member }, cause.join('  '));
    units -= member.weight;
  }
}

/** Terminate the instances whose machines are down, so that others take their places. */
export function terminateUnhealthy(context: SimulationContext, group: AutoScalingGroup): void {
  for (const member of [...group.members.values()]) {
    if (!isCounted(member) || !isDown(member)) continue;
    if (!isSuspended(group, 'HealthCheck')) member.isHealthy = false;
    if (!member.isHealthy && !isSuspended(group, 'ReplaceUnhealthy', 'Terminate'))
      terminate(context, { group, member }, causes.unhealthy(context.clock.now()));
  }
}
