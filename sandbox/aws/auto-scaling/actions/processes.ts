import { isoSeconds } from '../../../world/clock.ts';
import { list, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { type ScalingProcess, scalingProcesses } from '../state/group.ts';
import { invalid } from '../validation-error.ts';
import { getGroup, groupNameMember } from './find-group.ts';

const input = { ...groupNameMember, ScalingProcesses: list(string) };

/** The named processes; all of them when none is named. */
const readProcesses = (names: readonly string[] = []): readonly ScalingProcess[] =>
  names.length === 0
    ? scalingProcesses
    : names.map((name) => {
        const process = scalingProcesses.find((each) => each === name);
        if (process === undefined) throw invalid(`Unknown process type: ${name}`);
        return process;
      });

/** Suspending what groups do by themselves. */
export const processActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  SuspendProcesses: action(input, ({ AutoScalingGroupName, ScalingProcesses }) => {
    const group = getGroup(state, AutoScalingGroupName);
    for (const process of readProcesses(ScalingProcesses))
      if (!group.suspended.has(process))
        group.suspended.set(process, `User suspended at ${isoSeconds(state.clock.now())}`);
    return {};
  }),

  ResumeProcesses: action(input, ({ AutoScalingGroupName, ScalingProcesses }) => {
    const group = getGroup(state, AutoScalingGroupName);
    for (const process of readProcesses(ScalingProcesses)) group.suspended.delete(process);
    state.autoScaling.wake(group);
    return {};
  }),
});
