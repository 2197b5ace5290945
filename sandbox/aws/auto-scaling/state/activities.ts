import { isoSeconds, type SandboxClock } from '../../../world/clock.ts';

export type ActivityStatus =
  | 'PreInService'
  | 'InProgress'
  | 'MidLifecycleAction'
  | 'Successful'
  | 'Failed'
  | 'Cancelled';

/** One scaling activity. */
export interface Activity {
  readonly activityId: string;
  readonly startedAt: number;
  readonly cause: string;
  /** Text on subnet and zone, JSON. */
  readonly details: string;
  description: string;
  status: ActivityStatus;
  statusMessage?: string;
  /** Percent. */
  progress: number;
  endedAt?: number;
}

/** The scaling activities of a group. */
export interface ActivityLog {
  start(activity: Pick<Activity, 'description' | 'cause' | 'details' | 'status' | 'progress'>): Activity;
  end(activity: Activity, status: 'Successful' | 'Failed' | 'Cancelled', statusMessage?: string): void;
  /** Those in progress first, then newest first. */
  list(): Activity[];
}

const SHOWN_FOR_MS = 42 * 86_400_000;

/** Create the log of one group. */
export function createActivityLog(clock: SandboxClock, nextId: () => string): ActivityLog {
  const activities: Activity[] = [];
  return {
    start(given) {
      const activity: Activity = { activityId: nextId(), startedAt: clock.now(), ...given };
      activities.push(activity);
      return activity;
    },
    end(activity, status, statusMessage) {
      activity.status = status;
      activity.progress = 100;
      activity.endedAt = clock.now();
      if (statusMessage === undefined) return;
      activity.statusMessage = statusMessage;
      activity.description += `.  Status Reason: ${statusMessage}`;
    },
    list() {
      const shown = activities.filter(({ startedAt }) => startedAt + SHOWN_FOR_MS > clock.now()).reverse();
      return [
        ...shown.filter(({ endedAt }) => endedAt === undefined),
        ...shown.filter(({ endedAt }) => endedAt !== undefined),
      ];
    },
  };
}

/** Sentences that Auto Scaling writes into `Cause`, each with its instant. */
export const causes = {
  groupUpdated: (at: number, size: { min: number; max: number; desired: number }, from: number) =>
    `At ${isoSeconds(at)} a user request update of AutoScalingGroup constraints to min: ${size.min}, max: ${size.max}, desired: ${size.desired} changing the desired capacity from ${from} to ${size.desired}.`,
  desiredSet: (at: number, from: number, to: number) =>
    `At ${isoSeconds(at)} a user request explicitly set group desired capacity changing the desired capacity from ${from} to ${to}.`,
  started: (at: number, from: number, to: number) =>
    `At ${isoSeconds(at)} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${from} to ${to}.`,
  shrunk: (at: number, from: number, to: number) =>
    `At ${isoSeconds(at)} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${from} to ${to}.`,
  selected: (at: number, instanceId: string) =>
    `At ${isoSeconds(at)} instance ${instanceId} was selected for termination.`,
  requested: (at: number, instanceId: string) =>
    `At ${isoSeconds(at)} instance ${instanceId} was taken out of service in response to a user request.`,
  requestedWithDecrement: (at: number, instanceId: string, from: number, to: number) =>
    `At ${isoSeconds(at)} instance ${instanceId} was taken out of service in response to a user request, shrinking the capacity from ${from} to ${to}.`,
  scheduled: (at: number, size: { min: number; max: number; desired: number }, from: number) =>
    `At ${isoSeconds(at)} a scheduled action update of AutoScalingGroup constraints to min: ${size.min}, max: ${size.max}, desired: ${size.desired} changing the desired capacity from ${from} to ${size.desired}.`,
  refreshed: (at: number) =>
    `At ${isoSeconds(at)} an instance was taken out of service in response to an instance refresh.`,
  movedToStandby: (at: number, instanceId: string, from: number, to: number) =>
    `At ${isoSeconds(at)} instance ${instanceId} was moved to standby in response to a user request${from === to ? '' : `, shrinking the capacity from ${from} to ${to}`}.`,
  movedOutOfStandby: (at: number, instanceId: string, from: number, to: number) =>
    `At ${isoSeconds(at)} instance ${instanceId} was moved out of standby in response to a user request, increasing the capacity from ${from} to ${to}.`,
  unhealthy: (at: number) =>
    `At ${isoSeconds(at)} an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.`,
  launchAbandoned: (at: number) =>
    `At ${isoSeconds(at)} an instance was taken out of service in response to a launch failure.`,
  balancing: (at: number) => `At ${isoSeconds(at)} an instance was launched to aid in balancing the group's zones.`,
  balanced: (at: number, zones: readonly string[]) =>
    `At ${isoSeconds(at)} instances were launched to balance instances in zones ${zones.join(' ')} with other zones resulting in more than desired number of instances in the group.`,
} as const;
