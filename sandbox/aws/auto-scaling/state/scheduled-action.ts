import type { Timer } from '../../../world/clock.ts';

/** One scheduled action of a group. */
export interface ScheduledAction {
  readonly name: string;
  readonly arn: string;
  /** Milliseconds since the epoch: when it happens next. */
  nextAt: number;
  readonly endsAt: number | undefined;
  readonly recurrence: string | undefined;
  readonly timeZone: string | undefined;
  readonly sizes: {
    readonly MinSize?: number | undefined;
    readonly MaxSize?: number | undefined;
    readonly DesiredCapacity?: number | undefined;
  };
  timer: Timer;
}
