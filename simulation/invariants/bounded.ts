import { executionsOf, isOfNode } from '../ledger/executions.ts';
import type { Invariant } from './invariant.ts';

/** Beginning, end, and retries of an execution. */
const EVENTS_AT_FIRST = 500;
/** A node that is blocked for a quarter of an hour has 400, a conductor at work 200. */
const EVENTS_AN_HOUR = { node: 1600, others: 600 };
/** What lasts longer than this is waited for with less and less impatience. */
const LONG_HOURS = 4;
const EVENTS_AN_HOUR_LATER = 250;

/** Of one state, of any execution of a group of a few nodes: Step Functions allows 262,144. */
const MOST_CHARACTERS = 60_000;

/** Histories grow with time slowly. */
export const historyBounded: Invariant = {
  name: 'histories are bounded',
  promise:
    'The history of a run grows by at most 600 events an hour, and that of a node by 1,600, beyond the first 500. After four hours both grow by at most 250 an hour.',
  begin: (world, broken) => () => {
    for (const execution of executionsOf(world)) {
      const { name, startedAt, stoppedAt, history } = execution;
      const hours = ((stoppedAt ?? world.clock.now()) - startedAt) / 3_600_000;
      const most =
        EVENTS_AT_FIRST +
        Math.min(hours, LONG_HOURS) * EVENTS_AN_HOUR[isOfNode(execution) ? 'node' : 'others'] +
        Math.max(0, hours - LONG_HOURS) * EVENTS_AN_HOUR_LATER;
      if (history.length > most)
        broken(`${name} has ${history.length} events in ${hours.toFixed(1)} h, more than ${Math.round(most)}`);
    }
  },
};

/** The longest text of an event, and where it stands. */
function longestText(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || value instanceof Date) return 0;
  return Math.max(0, ...Object.values(value).map(longestText));
}

/** States stay small. */
export const statesBounded: Invariant = {
  name: 'states are bounded',
  promise:
    'No input or output of a state comes near the limit of Step Functions, however long the texts are that others write: 60,000 of 262,144 characters in a small group.',
  begin: (world, broken) => () => {
    for (const { name, history } of executionsOf(world)) {
      for (let id = 1; id <= history.length; id += 1) {
        const event = history.event(id);
        const length = longestText(event);
        if (length <= MOST_CHARACTERS) continue;
        broken(`${name} has ${length} characters in event ${id} (${event.type})`);
        break;
      }
    }
  },
};
