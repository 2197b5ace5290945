import type { DecrementOutcome } from '../drain/in-hand.ts';
import { readInHand } from '../drain/in-hand.ts';
import { isLeaving } from '../nodegroup/nodegroup.ts';
import type { WorkflowRun } from '../state.ts';
import { type Entry, nodeExecutionName, runIdOf } from './entry.ts';
import { type Observation, stayingMembers } from './observation.ts';
import type { Accounts, HeldEntry } from './record.ts';

/** An answer may be this old. Nothing is concluded from what it no longer shows before that. */
const STALE_SECONDS = 90;
/** Two looks at a foreign change must be this far apart. */
const BELIEF_SECONDS = 30;
/** A cut is judged after this time even if the members have not come down to it. */
const CUT_SECONDS = 300;
/** Nodes whose stamps are kept: the record has a limit. */
const MOST_REMEMBERED = 200;

const secondsSince = (instant: string, at: string) => (Date.parse(at) - Date.parse(instant)) / 1000;

/** The accounts of a run that has done nothing yet; those of the run before it go on but for what that one remembered. */
export function openAccounts(run: WorkflowRun, before: Accounts | undefined, seen: Observation): Accounts {
  const ready = seen.members.filter(({ isReady }) => isReady).length;
  return {
    entries: before?.entries ?? [],
    parked: [],
    wish: before?.wish ?? run.originalSizes.desiredCapacity,
    surge: before?.surge ?? 0,
    ...(before?.raise !== undefined && { raise: before.raise }),
    unreported: [],
    memory: {
      runId: runIdOf(run.executionArn),
      upgraded: 0,
      blockedInRow: 0,
      readyAtStart: ready,
      mostReady: ready,
      mostSurge: before?.surge ?? 0,
      members: stayingMembers(seen, { entries: [] as HeldEntry[] } as Accounts).length,
      attempts: {},
      unreadySince: {},
      missingSurge: 0,
      raises: 0,
    },
  };
}

/** Add the entries of nodes that are taken now; their decrements are settled with this write. */
export function admitEntries(accounts: Accounts, entries: readonly Entry[], group: string): Accounts {
  const held = entries.map((entry): HeldEntry => ({ ...entry, state: 'inHand', since: entry.admittedAt, looks: 0 }));
  const ids = new Set(entries.map(({ instanceId }) => instanceId));
  const { waitingSince: _waiting, waitingFree: _free, ...memory } = accounts.memory;
  return {
    ...accounts,
    entries: [...accounts.entries.filter(({ instanceId }) => !ids.has(instanceId)), ...held],
    surge: accounts.surge - entries.filter(({ decrement }) => decrement).length,
    unreported: [...accounts.unreported, ...entries.map((entry) => nodeExecutionName(group, entry))],
    memory,
  };
}

/**
 * Book what became of a decrement: it is refunded once, when the instance went without lowering the desired capacity.
 *
 * The entry loses its decrement with the refund, so no second one can follow.
 */
export function settleDecrement(
  accounts: Accounts,
  instanceId: string,
  outcome: DecrementOutcome | undefined,
  { desiredCapacity, minSize }: Observation['sizes'],
): Accounts {
  const entry = accounts.entries.find((held) => held.instanceId === instanceId);
  if (entry?.decrement !== true || (outcome !== 'no' && outcome !== 'atMinimum')) return accounts;
  const surge = outcome === 'no' ? accounts.surge + 1 : Math.max(0, desiredCapacity - minSize);
  const entries = accounts.entries.map((held) => (held === entry ? { ...held, decrement: false } : held));
  return { ...accounts, entries, surge };
}

/** Note that the termination of an entry's instance was asked for. */
function sendAway(accounts: Accounts, entry: HeldEntry, at: string): Accounts {
  const entries = accounts.entries.map((held) =>
    held === entry ? { ...held, state: 'leaving' as const, since: at, looks: 0 } : held,
  );
  const upgraded = accounts.memory.upgraded + (entry.kind === 'outdated' ? 1 : 0);
  return { ...accounts, entries, memory: { ...accounts.memory, upgraded, blockedInRow: 0 } };
}

/** Follow each entry by what its Node and the group say: sent away, or gone for good (rule 6: old enough, and two looks). */
function followEntries(accounts: Accounts, seen: Observation, group: string): Accounts {
  return accounts.entries.reduce((before: Accounts, { instanceId }) => {
    const entry = before.entries.find((held) => held.instanceId === instanceId) as HeldEntry;
    const node = seen.nodes.get(instanceId);
    const lifecycle = seen.members.find((member) => member.instanceId === instanceId)?.lifecycleState;
    const own = node === undefined ? undefined : readInHand(node);
    const isTerminating =
      (own?.phase === 'terminating' && own.execution === nodeExecutionName(group, entry)) ||
      /^Terminat/.test(lifecycle ?? '');
    const after = settleDecrement(before, instanceId, own?.decrement, seen.sizes);
    if (entry.state === 'inHand') {
      return isTerminating ? sendAway(after, after.entries.find((held) => held.instanceId === instanceId) as HeldEntry, seen.at) : after;
    }
    const isGone = (lifecycle === undefined || isLeaving(lifecycle)) && node === undefined;
    const isNewAnswer = seen.at !== accounts.memory.lookedAt;
    if (!isGone || !isNewAnswer || secondsSince(entry.since, seen.at) < STALE_SECONDS) return after;
    const looks = entry.looks + 1;
    const others = after.entries.filter((held) => held.instanceId !== instanceId);
    return { ...after, entries: looks >= 2 ? others : [...others, { ...entry, looks }] };
  }, accounts);
}

/** The observation of the canary nodes begins when the last of them was sent away. */
export function beginBake(accounts: Accounts, { canary }: WorkflowRun, nowAt: string): Accounts {
  const { upgraded, canaryBakesUntil } = accounts.memory;
  if (canary === undefined || canaryBakesUntil !== undefined || upgraded < canary.nodes) return accounts;
  const until = new Date(Date.parse(nowAt) + canary.bakeSeconds * 1000).toISOString();
  return { ...accounts, memory: { ...accounts.memory, canaryBakesUntil: until } };
}

/** Count a raise once a describe shows it; drift judges what has become of it if none does in time. */
function countRaise(accounts: Accounts, { at, sizes }: Observation): Accounts {
  const { raise, ...rest } = accounts;
  if (raise === undefined || at < raise.since) return accounts;
  if (sizes.desiredCapacity < raise.to && secondsSince(raise.since, at) < STALE_SECONDS) return accounts;
  const surge = accounts.surge + raise.to - raise.from;
  return { ...rest, surge, memory: { ...accounts.memory, mostSurge: Math.max(accounts.memory.mostSurge, surge), missingSurge: 0 } };
}

/** How far the desired capacity lies outside of what we have made of it. */
export function driftOf({ wish, surge, raise, entries }: Accounts, { sizes }: Observation): number {
  if (raise !== undefined) return 0;
  const lowest = wish + surge;
  const highest = lowest + entries.filter(({ decrement }) => decrement).length;
  return sizes.desiredCapacity < lowest
    ? sizes.desiredCapacity - lowest
    : Math.max(0, sizes.desiredCapacity - highest);
}

/**
 * Believe what others made of the desired capacity once two answers show it. A rise is theirs. A cut is theirs when it
 * removed an instance; else it took back surge before it was launched, and that is missing now.
 */
function believeOthers(accounts: Accounts, seen: Observation): Accounts {
  const { drift: before, ...memory } = accounts.memory;
  const drift = driftOf(accounts, seen);
  const members = stayingMembers(seen, accounts).length;
  if (drift === 0) return { ...accounts, memory: { ...memory, members } };
  const { desiredCapacity } = seen.sizes;
  if (before?.desired !== desiredCapacity) {
    return { ...accounts, memory: { ...memory, drift: { desired: desiredCapacity, since: seen.at } } };
  }
  const age = secondsSince(before.since, seen.at);
  const isSettled = drift > 0 || members <= desiredCapacity || age >= CUT_SECONDS;
  if (age < BELIEF_SECONDS || !isSettled) return accounts;
  const unlaunched = Math.max(0, accounts.wish + accounts.surge - memory.members);
  if (drift < 0 && -drift <= Math.min(unlaunched, accounts.surge)) {
    const missingSurge = memory.missingSurge - drift;
    return { ...accounts, surge: accounts.surge + drift, memory: { ...memory, members, missingSurge } };
  }
  return { ...accounts, wish: Math.max(0, accounts.wish + drift), memory: { ...memory, members } };
}

/** Note since when each member has not been Ready, and how many Ready ones there were at most. */
function rememberReadiness(accounts: Accounts, seen: Observation): Accounts {
  const staying = stayingMembers(seen, accounts);
  const unready = staying.filter(({ isReady }) => !isReady).map(({ instanceId }) => instanceId);
  const since = unready.map((id) => [id, accounts.memory.unreadySince[id] ?? seen.at] as const);
  const oldest = since.sort(([, left], [, right]) => left.localeCompare(right)).slice(0, MOST_REMEMBERED);
  const unreadySince = Object.fromEntries(oldest);
  const mostReady = Math.max(accounts.memory.mostReady, staying.length - unready.length);
  return { ...accounts, memory: { ...accounts.memory, unreadySince, mostReady } };
}

/** MinSize above the wish is somebody's wish: that much of the surge is theirs. */
function yieldToMinimum(accounts: Accounts, { sizes }: Observation): Accounts {
  const theirs = Math.min(accounts.surge, Math.max(0, sizes.minSize - accounts.wish));
  return theirs === 0 ? accounts : { ...accounts, wish: accounts.wish + theirs, surge: accounts.surge - theirs };
}

/**
 * Bring the accounts up to date with an observation.
 *
 * @param group name of the Auto Scaling group
 */
export function settle(accounts: Accounts, seen: Observation, group: string): Accounts {
  const steps = [
    (before: Accounts) => followEntries(before, seen, group),
    (before: Accounts) => countRaise(before, seen),
    (before: Accounts) => believeOthers(before, seen),
    (before: Accounts) => yieldToMinimum(before, seen),
    (before: Accounts) => rememberReadiness(before, seen),
    (before: Accounts) => ({ ...before, memory: { ...before.memory, lookedAt: seen.at } }),
  ];
  return steps.reduce((before, step) => step(before), accounts);
}
