import { readInHand } from '../drain/in-hand.ts';
import { secondsBetween } from '../instants.ts';
import { TERMINATION_SECONDS } from './closing.ts';
import { isUnsettled } from './entries.ts';
import { nodeExecutionName } from './entry.ts';
import type { Observation } from './observation.ts';
import type { Accounts, HeldEntry } from './record.ts';

/** An execution that says nothing for this long is looked up. */
const SILENT_SECONDS = 120;
/** One that is about to end is looked up again after this time. */
const ENDING_SECONDS = 5;
/** An execution ends within a few seconds after its termination was asked for. */
const SETTLING_SECONDS = 3;
const UNSETTLED_SECONDS = 15;
/** An instance without a Node is looked up after this time; its execution cannot say anything on a Node. */
const UNREGISTERED_SECONDS = 60;

interface Due {
  /** Since when there is a reason to look it up, ISO-8601. */
  readonly since: string;
  /** How long a reason must last, and how long after the last look the next one follows. */
  readonly afterSeconds: number;
  readonly everySeconds: number;
}

function dueOf(entry: HeldEntry, seen: Observation, group: string): Due | undefined {
  const member = seen.members.find(({ instanceId }) => instanceId === entry.instanceId);
  if (entry.state === 'leaving') {
    if (isUnsettled(entry))
      return { since: entry.since, afterSeconds: SETTLING_SECONDS, everySeconds: UNSETTLED_SECONDS };
    if (member?.lifecycleState !== 'InService') return undefined;
    return { since: entry.since, afterSeconds: TERMINATION_SECONDS, everySeconds: UNSETTLED_SECONDS };
  }
  const node = seen.nodes.get(entry.instanceId);
  if (node === undefined) {
    // Where there was a Node it has gone, and the execution ends.
    const afterSeconds = entry.nodeName === undefined ? UNREGISTERED_SECONDS : 0;
    return { since: entry.since, afterSeconds, everySeconds: UNREGISTERED_SECONDS };
  }
  const note = readInHand(node);
  const own = note?.execution === nodeExecutionName(group, entry) ? note : undefined;
  if (own?.phase === 'blocked') return { since: own.since, afterSeconds: 0, everySeconds: ENDING_SECONDS };
  return { since: own?.since ?? entry.since, afterSeconds: SILENT_SECONDS, everySeconds: SILENT_SECONDS };
}

/**
 * Find the entries whose executions must be looked up: the oldest first.
 *
 * In hand: its Node says that it is blocked, is gone, or has been silent for 2 minutes. Leaving: its instance is still in
 * service, or nobody knows what became of its decrement.
 *
 * @param lookedUp when each was looked up last, by instance id
 */
export function entriesToLookUp(
  { entries }: Accounts,
  {
    seen,
    group,
    lookedUp,
    nowAt,
  }: { seen: Observation; group: string; lookedUp: ReadonlyMap<string, string>; nowAt: string },
): HeldEntry[] {
  const isDue = (entry: HeldEntry): boolean => {
    const due = dueOf(entry, seen, group);
    const last = lookedUp.get(entry.instanceId);
    if (due === undefined || secondsBetween(due.since, nowAt) < due.afterSeconds) return false;
    return last === undefined || secondsBetween(last, nowAt) >= due.everySeconds;
  };
  const oldest = (entry: HeldEntry) => lookedUp.get(entry.instanceId) ?? entry.since;
  return entries.filter(isDue).sort((left, right) => oldest(left).localeCompare(oldest(right)));
}
