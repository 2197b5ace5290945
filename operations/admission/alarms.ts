import type { Deps } from '../../clients/ports.ts';

/** Alarms of the run that are in ALARM now. */
export async function alarmsInAlarm(deps: Deps, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const states = await deps.alarms.states(names);
  return names.filter((name) => states[name] === 'ALARM');
}
