import { type DecrementOutcome, readInHand } from '../drain/in-hand.ts';
import { secondsBetween } from '../instants.ts';
import { isLeaving } from '../nodegroup/nodegroup.ts';
import { nodeExecutionName } from './entry.ts';
import type { Observation } from './observation.ts';
import type { Accounts, HeldEntry } from './record.ts';

/** An answer may be this old. Nothing is concluded from what it no longer shows before that. */
export const STALE_SECONDS = 90;
const LOOKS_TO_BELIEVE = 2;
const DETACHED_SECONDS = 600;

const lifecycleOf = ({ members }: Observation, { instanceId }: HeldEntry): string | undefined =>
  members.find((member) => member.instanceId === instanceId)?.lifecycleState;

/** True for an entry that may have lowered the desired capacity, or may still do so. */
export const mayShrink = ({ decrement, outcome }: HeldEntry): boolean =>
  decrement && (outcome === undefined || outcome === 'yes');

/** True for an entry of whose decrement nobody knows yet what became of it. */
export const isUnsettled = ({ decrement, outcome }: HeldEntry): boolean => decrement && outcome === undefined;

/** The accounts with another version of an entry. */
export const replaceEntry = (accounts: Accounts, entry: HeldEntry): Accounts => ({
  ...accounts,
  entries: accounts.entries.map((held) => (held.instanceId === entry.instanceId ? entry : held)),
});

/** The accounts without an entry. */
export const dropEntry = (accounts: Accounts, { instanceId }: Pick<HeldEntry, 'instanceId'>): Accounts => ({
  ...accounts,
  entries: accounts.entries.filter((held) => held.instanceId !== instanceId),
});

/**
 * Book what became of a decrement, once: the node of the surge comes back when the instance went without lowering the
 * desired capacity.
 *
 * After `atMinimum` as well: whatever MinSize keeps of the surge is told by the next observation.
 */
export function settleDecrement(
  accounts: Accounts,
  instanceId: string,
  outcome: DecrementOutcome | undefined,
): Accounts {
  const entry = accounts.entries.find((held) => held.instanceId === instanceId);
  if (entry === undefined || !isUnsettled(entry) || outcome === undefined || outcome === 'unknown') return accounts;
  const surge = accounts.surge + (outcome === 'yes' ? 0 : 1);
  return { ...replaceEntry(accounts, { ...entry, outcome }), surge };
}

/** Note that an entry's instance goes: it counts against the parallelism no more, and is not tried again. */
export function markLeaving(
  accounts: Accounts,
  entry: HeldEntry,
  at: string,
  { isUpgraded }: { isUpgraded: boolean },
): Accounts {
  const { memory, parked } = accounts;
  const upgraded = memory.upgraded + (isUpgraded && entry.kind === 'outdated' ? 1 : 0);
  return {
    ...replaceEntry(accounts, { ...entry, state: 'leaving', since: at, looks: 0 }),
    parked: parked.filter(({ instanceId }) => instanceId !== entry.instanceId),
    memory: { ...memory, upgraded, ...(isUpgraded && { blockedInRow: 0 }) },
  };
}

/** Drop an entry that two answers no longer show, both too late to be old ones, and whose decrement is settled. */
function dropGone(accounts: Accounts, entry: HeldEntry, seen: Observation): Accounts {
  const lifecycle = lifecycleOf(seen, entry);
  const age = secondsBetween(entry.since, seen.at);
  // The Node of an instance that was detached stays.
  const hasNode = seen.nodes.has(entry.instanceId) && !(lifecycle === undefined && age >= DETACHED_SECONDS);
  const isGone = (lifecycle === undefined || isLeaving(lifecycle)) && !hasNode;
  if (!isGone) return entry.looks === 0 ? accounts : replaceEntry(accounts, { ...entry, looks: 0 });
  const isNewAnswer = seen.at !== accounts.memory.lookedAt;
  if (!isNewAnswer || age < STALE_SECONDS) return accounts;
  const looks = entry.looks + 1;
  return looks >= LOOKS_TO_BELIEVE && !isUnsettled(entry)
    ? dropEntry(accounts, entry)
    : replaceEntry(accounts, { ...entry, looks });
}

function followEntry(before: Accounts, instanceId: string, seen: Observation, group: string): Accounts {
  const find = (accounts: Accounts) => accounts.entries.find((held) => held.instanceId === instanceId) as HeldEntry;
  const node = seen.nodes.get(instanceId);
  const note = node === undefined ? undefined : readInHand(node);
  const own = note?.execution === nodeExecutionName(group, find(before)) ? note : undefined;
  const accounts = settleDecrement(before, instanceId, own?.decrement);
  const entry = find(accounts);
  if (entry.state === 'leaving') return dropGone(accounts, entry, seen);
  if (own?.phase === 'terminating') {
    const since = own.since > seen.at ? own.since : seen.at;
    return markLeaving(accounts, entry, since, { isUpgraded: true });
  }
  const lifecycle = lifecycleOf(seen, entry);
  const hasVanished =
    lifecycle === undefined && node === undefined && secondsBetween(entry.since, seen.at) >= STALE_SECONDS;
  // The Node says first whether it was us; an older view of it cannot tell.
  const isTerminating = /^Terminat/.test(lifecycle ?? '') && (node === undefined || seen.nodesAt >= seen.at);
  return hasVanished || isTerminating ? markLeaving(accounts, entry, seen.at, { isUpgraded: false }) : accounts;
}

/** Follow each entry by what its Node and the group say. @param group name of the Auto Scaling group */
export const followEntries = (accounts: Accounts, seen: Observation, group: string): Accounts =>
  accounts.entries.reduce((before: Accounts, { instanceId }) => followEntry(before, instanceId, seen, group), accounts);
