import { type Cron, nextInstant, parseCron } from '../../../world/cron.ts';
import { isAwsError } from '../../aws-error.ts';
import { integer, list, required, string, timestamp, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import type { AutoScalingGroup } from '../state/group.ts';
import type { ScheduledAction } from '../state/scheduled-action.ts';
import { invalid } from '../validation-error.ts';
import { getGroup, groupNameMember } from './find-group.ts';
import { autoScalingPage, pagingMembers } from './pages.ts';
import { updateOnSchedule } from './update-group.ts';

const actionNameMember = { ScheduledActionName: required(within(string, 1, 255)) };

/** Call an action when it is due; a recurring one is due again, another is forgotten. */
function schedule(state: RegionState, group: AutoScalingGroup, scheduled: Omit<ScheduledAction, 'timer'>): void {
  const { clock } = state;
  const timer = clock.after((scheduled.nextAt - clock.now()) / 1000, () => {
    group.scheduledActions.delete(scheduled.name);
    const cron = scheduled.recurrence === undefined ? undefined : parseCron(scheduled.recurrence);
    const nextAt = cron && nextInstant(cron, clock.now());
    if (nextAt !== undefined && nextAt <= (scheduled.endsAt ?? nextAt))
      schedule(state, group, { ...scheduled, nextAt });
    // While the process is suspended an action is missed for good.
    if (!group.suspended.has('ScheduledActions')) carryOut(state, group, scheduled);
  });
  group.scheduledActions.set(scheduled.name, { ...scheduled, timer });
}

function carryOut(state: RegionState, group: AutoScalingGroup, { sizes }: Pick<ScheduledAction, 'sizes'>): void {
  try {
    updateOnSchedule(group, sizes, state);
  } catch (thrown) {
    // Sizes that contradict the group's own by now change nothing.
    if (!isAwsError(thrown)) throw thrown;
  }
}

const readRecurrence = (text: string): Cron => {
  const cron = parseCron(text);
  if (cron === undefined) throw invalid(`Given recurrence string: ${text} is invalid`);
  return cron;
};

/** When an action happens first. @throws ValidationError */
function firstInstant(now: number, start: Date | undefined, recurrence: string | undefined): number {
  if (start !== undefined && start.getTime() < now) throw invalid('Given start time is in the past');
  if (recurrence === undefined) {
    if (start === undefined) throw invalid('At least one of start time and recurrence must be given');
    return start.getTime();
  }
  const first = nextInstant(readRecurrence(recurrence), (start?.getTime() ?? now + 1) - 1);
  if (first === undefined) throw invalid(`Given recurrence string: ${recurrence} is invalid`);
  return first;
}

const putScheduledAction = (state: RegionState) =>
  action(
    {
      ...groupNameMember,
      ...actionNameMember,
      Time: timestamp,
      StartTime: timestamp,
      EndTime: timestamp,
      Recurrence: string,
      TimeZone: string,
      MinSize: within(integer, 0),
      MaxSize: within(integer, 0),
      DesiredCapacity: within(integer, 0),
    },
    ({ AutoScalingGroupName, ScheduledActionName: name, Time, StartTime = Time, EndTime, ...given }) => {
      const group = getGroup(state, AutoScalingGroupName);
      const { Recurrence: recurrence, TimeZone: timeZone, ...sizes } = given;
      if (sizes.MinSize === undefined && sizes.MaxSize === undefined && sizes.DesiredCapacity === undefined)
        throw invalid('At least one of min size, max size and desired capacity must be given');
      if (timeZone !== undefined && !['UTC', 'Etc/UTC'].includes(timeZone))
        throw invalid(`The time zone ${timeZone} is not simulated: only Etc/UTC is`);
      const nextAt = firstInstant(state.clock.now(), StartTime, recurrence);
      group.scheduledActions.get(name)?.timer.cancel();
      const arn = `${group.arn.replace(':autoScalingGroup:', ':scheduledUpdateGroupAction:')}:scheduledActionName/${name}`;
      schedule(state, group, { name, arn, nextAt, endsAt: EndTime?.getTime(), recurrence, timeZone, sizes });
      return {};
    },
  );

const scheduledActionShape = (group: AutoScalingGroup, scheduled: ScheduledAction) => ({
  AutoScalingGroupName: group.name,
  ScheduledActionName: scheduled.name,
  ScheduledActionARN: scheduled.arn,
  Time: new Date(scheduled.nextAt),
  StartTime: new Date(scheduled.nextAt),
  EndTime: scheduled.endsAt === undefined ? undefined : new Date(scheduled.endsAt),
  Recurrence: scheduled.recurrence,
  TimeZone: scheduled.timeZone,
  ...scheduled.sizes,
});

const describeScheduledActions = (state: RegionState) =>
  action(
    { AutoScalingGroupName: string, ScheduledActionNames: list(string), ...pagingMembers },
    ({ AutoScalingGroupName: groupName, ScheduledActionNames: names = [], ...paging }) => {
      const groups = groupName === undefined ? [...state.autoScaling.groups.values()] : [getGroup(state, groupName)];
      const found = groups
        .flatMap((group) => [...group.scheduledActions.values()].map((each) => scheduledActionShape(group, each)))
        .filter(({ ScheduledActionName }) => names.length === 0 || names.includes(ScheduledActionName));
      const page = autoScalingPage(found, ({ ScheduledActionARN }) => ScheduledActionARN, paging);
      return { ScheduledUpdateGroupActions: page.items, NextToken: page.nextToken };
    },
  );

const deleteScheduledAction = (state: RegionState) =>
  action({ ...groupNameMember, ...actionNameMember }, ({ AutoScalingGroupName, ScheduledActionName: name }) => {
    const { scheduledActions } = getGroup(state, AutoScalingGroupName);
    const scheduled = scheduledActions.get(name);
    if (scheduled === undefined) throw invalid(`Scheduled action name not found - Scheduled action ${name} not found`);
    scheduled.timer.cancel();
    scheduledActions.delete(name);
    return {};
  });

/**
 * Sizes that change at an instant, or again and again.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
 */
export const scheduledActionActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  PutScheduledUpdateGroupAction: putScheduledAction(state),
  DescribeScheduledActions: describeScheduledActions(state),
  DeleteScheduledAction: deleteScheduledAction(state),
});
