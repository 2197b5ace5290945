import { readInHand } from '../drain/in-hand.ts';
import { secondsBetween } from '../instants.ts';
import { isLeaving } from '../nodegroup/nodegroup.ts';
import { dropEntry, isUnsettled, markLeaving, replaceEntry, STALE_SECONDS, settleDecrement } from './entries.ts';
import { nodeExecutionName } from './entry.ts';
import type { Observation } from './observation.ts';
import type { Accounts, HeldEntry } from './record.ts';

/*
 * The life of an entry as far as an observation shows it: in hand until its Node or the group says that its instance goes,
 * leaving until both have lost it. What only its execution knows is asked of that: lookups.ts says when, closing.ts what
 * follows.
 */

/** Observations in a row that must miss an instance before its entry is dropped. */
const OBSERVATIONS_TO_DROP = 2;
/** An instance that was detached keeps its Node; after this time that is taken for its end. */
const DETACHED_SECONDS = 600;

const lifecycleOf = ({ members }: Observation, { instanceId }: HeldEntry): string | undefined =>
  members.find((member) => member.instanceId === instanceId)?.lifecycleState;

/** Drop an entry that two answers no longer show, both too late to be old ones, and whose decrement is settled. */
function dropGone(accounts: Accounts, entry: HeldEntry, seen: Observation): Accounts {
  const lifecycle = lifecycleOf(seen, entry);
  const age = secondsBetween(entry.since, seen.at);
  // The Node of an instance that was detached stays.
  const hasNode = seen.nodes.has(entry.instanceId) && !(lifecycle === undefined && age >= DETACHED_SECONDS);
  const isGone = (lifecycle === undefined || isLeaving(lifecycle)) && !hasNode;
  if (!isGone) return entry.missed === 0 ? accounts : replaceEntry(accounts, { ...entry, missed: 0 });
  const isNewAnswer = seen.at !== accounts.memory.settledAt;
  if (!isNewAnswer || age < STALE_SECONDS) return accounts;
  const missed = entry.missed + 1;
  return missed >= OBSERVATIONS_TO_DROP && !isUnsettled(entry)
    ? dropEntry(accounts, entry)
    : replaceEntry(accounts, { ...entry, missed });
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
