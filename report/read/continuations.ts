import type { Visit } from './visits.ts';

/** The state in which an execution waits for the one that continues it. */
const CONTINUING = 'ContinueUpgrade';

/**
 * Join the visits of the executions of one run. Each execution but the last waits in `ContinueUpgrade` while the next one
 * goes on, and then ends as that ended.
 *
 * @param parts visits by execution, the first one first
 */
export function joinedVisits([own = [], ...continuations]: readonly (readonly Visit[])[]): readonly Visit[] {
  if (continuations.length === 0) return own;
  const index = own.findLastIndex(({ state }) => state === CONTINUING);
  const at = index < 0 ? own.length : index + 1;
  return [...own.slice(0, at), ...joinedVisits(continuations), ...own.slice(at)];
}
