import { secondsBetween } from '../instants.ts';
import { mayShrink } from './entries.ts';
import { type Observation, stayingMembers } from './observation.ts';
import type { Accounts } from './record.ts';

/** Two observations of a foreign change must be this far apart. */
const BELIEF_SECONDS = 30;
/** A cut is judged after this time even if the members have not come down to it. */
const CUT_SECONDS = 300;

/**
 * How far the desired capacity lies outside of what we have made of it: an interval, because nobody knows when a decrement
 * under way takes effect.
 */
export function driftOf({ wish, surge, raise, entries }: Accounts, { sizes }: Pick<Observation, 'sizes'>): number {
  if (raise !== undefined) return 0;
  const lowest = wish + surge;
  const highest = lowest + entries.filter(mayShrink).length;
  return sizes.desiredCapacity < lowest ? sizes.desiredCapacity - lowest : Math.max(0, sizes.desiredCapacity - highest);
}

/** Launches that have not begun. A decrement under way may have taken effect or not: its node is not missing either way. */
function unlaunchedOf({ entries }: Accounts, seen: Observation, members: number): number {
  const going = entries.filter((entry) => entry.state === 'leaving' && mayShrink(entry)).length;
  return Math.max(0, seen.sizes.desiredCapacity - going - members);
}

/**
 * Believe what others made of the desired capacity once two answers show it. A rise is theirs. A cut is theirs when it
 * removed an instance; else it took back surge before it was launched, and that is missing now.
 */
export function believeOthers(accounts: Accounts, seen: Observation): Accounts {
  const { drift: before, ...memory } = accounts.memory;
  if (accounts.raise !== undefined) return { ...accounts, memory };
  const drift = driftOf(accounts, seen);
  const members = stayingMembers(seen, accounts).length;
  const asExpected = { ...memory, unlaunched: unlaunchedOf(accounts, seen, members) };
  if (drift === 0) return { ...accounts, memory: asExpected };
  const { desiredCapacity } = seen.sizes;
  if (before?.desired !== desiredCapacity) {
    return { ...accounts, memory: { ...memory, drift: { desired: desiredCapacity, since: seen.at } } };
  }
  const age = secondsBetween(before.since, seen.at);
  const isJudged = drift > 0 || members <= desiredCapacity || age >= CUT_SECONDS;
  if (age < BELIEF_SECONDS || !isJudged) return accounts;
  if (drift < 0 && -drift <= Math.min(memory.unlaunched, accounts.surge)) {
    const missingSurge = memory.missingSurge - drift;
    return { ...accounts, surge: accounts.surge + drift, memory: { ...asExpected, missingSurge } };
  }
  return { ...accounts, wish: Math.max(0, accounts.wish + drift), memory: asExpected };
}

/** A MinSize above the wish is somebody's wish: that much of the surge is theirs now. */
export function yieldToMinimum(accounts: Accounts, { sizes }: Observation): Accounts {
  const theirs = Math.min(accounts.surge, Math.max(0, sizes.minSize - accounts.wish));
  if (theirs === 0) return accounts;
  const { memory, wish, surge } = accounts;
  const mostSurge = Math.max(0, memory.mostSurge - theirs);
  return { ...accounts, wish: wish + theirs, surge: surge - theirs, memory: { ...memory, mostSurge } };
}
