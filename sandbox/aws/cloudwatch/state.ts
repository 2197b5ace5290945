import type { Scenario } from '../../world/scenario.ts';
import type { RegionState } from '../region-state.ts';

/** An alarm of the scenario. */
export type Alarm = Scenario['alarms'][number];

/** The state that an alarm has now, and since when. */
export interface AlarmState {
  readonly value: Alarm['state'];
  readonly changedAt: Date;
}

/** Read from the scenario what state an alarm is in now. */
export function alarmStateOf({ clock, startedAt }: RegionState, { state, changes }: Alarm): AlarmState {
  const last = [...changes]
    .sort((left, right) => left.atSeconds - right.atSeconds)
    .filter(({ atSeconds }) => startedAt + atSeconds * 1000 <= clock.now())
    .at(-1);
  return { value: last?.state ?? state, changedAt: new Date(startedAt + (last?.atSeconds ?? 0) * 1000) };
}
