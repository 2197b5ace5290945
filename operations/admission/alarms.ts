import type { Deps } from '../../clients/ports.ts';

const LOOK_SECONDS = 5;

/** Alarms of the run that are in ALARM now, or do not exist any more: nothing guards a run whose alarm was deleted or renamed. */
export async function alarmsInAlarm(deps: Deps, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  let states = await deps.alarms.states(names);
  if (names.some((name) => states[name] === undefined)) {
    // One answer without it proves nothing.
    await deps.clock.sleep(LOOK_SECONDS);
    states = await deps.alarms.states(names);
  }
  return names.flatMap((name) => {
    if (states[name] === undefined) return [`${name} (CloudWatch has no such alarm any more)`];
    return states[name] === 'ALARM' ? [name] : [];
  });
}
