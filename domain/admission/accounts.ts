import { secondsBetween } from '../instants.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { Sizes, WorkflowRun } from '../state.ts';
import { mayShrink, STALE_SECONDS } from './entries.ts';
import { type Entry, nodeExecutionName, runIdOf } from './entry.ts';
import { followEntries } from './follow-entries.ts';
import { believeOthers, driftOf, yieldToMinimum } from './foreign-changes.ts';
import { type Observation, stayingMembers } from './observation.ts';
import type { Accounts, HeldEntry } from './record.ts';

/** Nodes whose stamps are kept: the record has a limit. */
const MOST_REMEMBERED = 200;

/**
 * Wish and surge to begin with. Sizes that somebody has changed since the run before ended are the owner's wish. Without a
 * record, what exceeds the original size is surge of ours as far as anybody can tell, and as much as this run may add.
 */
function openingSizes(
  run: WorkflowRun,
  before: Accounts | undefined,
  { sizes }: Observation,
): Pick<Accounts, 'wish' | 'surge' | 'raise'> {
  if (before === undefined) {
    const { desiredCapacity: wish } = run.originalSizes;
    return { wish, surge: Math.max(0, Math.min(run.surge, sizes.desiredCapacity - wish)) };
  }
  if (driftOf(before, { sizes }) !== 0) return { wish: sizes.desiredCapacity, surge: 0 };
  return { wish: before.wish, surge: before.surge, ...(before.raise !== undefined && { raise: before.raise }) };
}

/**
 * How many Ready nodes the floor counts on at first. What an earlier run, or a lost record, has sent away is being replaced: to
 * count on what is Ready now would lower the floor by as many.
 *
 * @param before what was counted on before; absent: nothing was begun
 */
export const countedOn = ({ members, sizes }: Observation, before: number | undefined): number =>
  Math.max(members.filter(({ isReady }) => isReady).length, Math.min(before ?? 0, sizes.desiredCapacity));

/** The accounts of a run that has done nothing yet; what the run before it has taken and added goes on. */
export function openAccounts(run: WorkflowRun, before: Accounts | undefined, seen: Observation): Accounts {
  const ready = seen.members.filter(({ isReady }) => isReady).length;
  const sizes = openingSizes(run, before, seen);
  const entries = before?.entries ?? [];
  return {
    entries,
    parked: [],
    ...sizes,
    unreported: [],
    memory: {
      runId: runIdOf(run.executionArn),
      upgraded: 0,
      blockedInRow: 0,
      readyAtStart: countedOn(seen, before?.memory.readyAtStart),
      mostReady: ready,
      mostSurge: sizes.surge,
      unlaunched: 0,
      attempts: {},
      unreadySince: {},
      missingSurge: 0,
      raises: 0,
    },
  };
}

/** Add the entries of nodes that are taken now; their decrements are booked with this write. */
export function admitEntries(accounts: Accounts, entries: readonly Entry[], group: string): Accounts {
  const held = entries.map((entry): HeldEntry => ({ ...entry, state: 'inHand', since: entry.admittedAt, missed: 0 }));
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

/** The observation of the canary nodes begins when the last of them was sent away. */
export function beginBake(accounts: Accounts, { canary }: WorkflowRun, nowAt: string): Accounts {
  const { upgraded, canaryBakesUntil } = accounts.memory;
  if (canary === undefined || canaryBakesUntil !== undefined || upgraded < canary.nodes) return accounts;
  const until = new Date(Date.parse(nowAt) + canary.bakeSeconds * 1000).toISOString();
  return { ...accounts, memory: { ...accounts.memory, canaryBakesUntil: until } };
}

/**
 * Count a raise once an answer that was asked for later shows it. When none does in time only what has come is counted, and the
 * rest is missing: nobody has carried it out, or somebody has taken it back.
 */
function countRaise(accounts: Accounts, { at, sizes }: { at: string; sizes: Sizes }): Accounts {
  const { raise, ...rest } = accounts;
  if (raise === undefined || at < raise.since) return accounts;
  const asked = raise.to - raise.from;
  const shown = sizes.desiredCapacity + accounts.entries.filter(mayShrink).length - raise.from;
  const come = Math.max(0, Math.min(asked, shown));
  if (come < asked && secondsBetween(raise.since, at) < STALE_SECONDS) return accounts;
  const surge = accounts.surge + come;
  const mostSurge = Math.max(accounts.memory.mostSurge, surge);
  return { ...rest, surge, memory: { ...accounts.memory, mostSurge, missingSurge: asked - come } };
}

/**
 * Replacements of Ready nodes that we have sent away and that are not Ready yet: while one node after the other is leaving, all
 * that has arrived is never there at one time.
 */
function replacementsUnderWay(seen: Observation, accounts: Accounts, staying: readonly GroupNode[]): number {
  const sentAway = accounts.entries.filter((entry) => entry.state === 'leaving' && !mayShrink(entry)).length;
  const unlaunched = Math.max(0, seen.sizes.desiredCapacity - staying.length);
  const booting = staying.filter(({ isReady, isOutdated }) => !isReady && !isOutdated).length;
  return Math.min(sentAway, unlaunched + booting);
}

/** Note since when each member has not been Ready, and how many Ready ones there were at most. */
function rememberReadiness(accounts: Accounts, seen: Observation): Accounts {
  const { memory } = accounts;
  const staying = stayingMembers(seen, accounts);
  const unready = staying.filter(({ isReady }) => !isReady).map(({ instanceId }) => instanceId);
  const since = unready.map((id) => [id, memory.unreadySince[id] ?? seen.nodesAt] as const);
  const oldest = since.sort(([, left], [, right]) => left.localeCompare(right)).slice(0, MOST_REMEMBERED);
  const arrived = staying.length - unready.length + replacementsUnderWay(seen, accounts, staying);
  const mostReady = Math.max(memory.mostReady, arrived);
  return { ...accounts, memory: { ...memory, unreadySince: Object.fromEntries(oldest), mostReady } };
}

/** Forget what was noted about instances that have left. */
function forgetGone(accounts: Accounts, seen: Observation): Accounts {
  const { memory, entries } = accounts;
  const known = new Set([...seen.members, ...entries].map(({ instanceId }) => instanceId));
  return {
    ...accounts,
    parked: accounts.parked.filter(({ instanceId }) => known.has(instanceId)),
    memory: {
      ...memory,
      attempts: Object.fromEntries(Object.entries(memory.attempts).filter(([id]) => known.has(id))),
      settledAt: seen.at,
    },
  };
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
    (before: Accounts) => forgetGone(before, seen),
  ];
  return steps.reduce((before, step) => step(before), accounts);
}
