import type { Scenario } from '../world/scenario.ts';
import { causes } from './auto-scaling/state/activities.ts';
import type { AutoScalingGroup } from './auto-scaling/state/group.ts';
import type { RegionState } from './region-state.ts';

/** Whether the scenario leaves EC2 machines in a zone at this time. */
export const hasCapacity = ({ faults }: Scenario, zone: string, secondsSinceStart: number): boolean =>
  !faults.some(
    (fault) =>
      fault.kind === 'insufficientCapacity' &&
      fault.zone === zone &&
      secondsSinceStart >= fault.fromSeconds &&
      secondsSinceStart < (fault.untilSeconds ?? Number.POSITIVE_INFINITY),
  );

function changeDesiredCapacity({ clock, autoScaling }: RegionState, group: AutoScalingGroup, change: number): void {
  const before = group.desiredCapacity;
  group.desiredCapacity = Math.min(group.maxSize, Math.max(group.minSize, before + change));
  if (group.desiredCapacity !== before)
    autoScaling.wake(group, causes.desiredSet(clock.now(), before, group.desiredCapacity));
}

/**
 * Schedule what happens to groups without a request: Spot interruptions, and sizes that somebody else changes.
 *
 * @throws Error for a group that there is not
 */
export function scheduleEvents(state: RegionState): void {
  for (const fault of state.scenario.faults) {
    if (fault.kind !== 'spotInterruption' && fault.kind !== 'setDesiredCapacity') continue;
    const group = state.autoScaling.groups.get(fault.group);
    if (group === undefined) throw new Error(`fault ${fault.kind}: there is no group ${fault.group}`);
    state.clock.after(fault.atSeconds, () => {
      if (fault.kind === 'spotInterruption') state.autoScaling.interrupt(group, fault.nodes);
      else changeDesiredCapacity(state, group, fault.change);
    });
  }
}
