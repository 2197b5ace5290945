import { type Entry, nodeExecutionName } from '../../../domain/admission/entry.ts';
import type { Accounts, GroupRecord, HeldEntry } from '../../../domain/admission/record.ts';
import { aLease, NOW_AT, ZONES } from '../builders.ts';

/** An outdated node that a run has taken now, to be replaced without a decrement. */
export const anEntry = (overrides: Partial<Entry> = {}): Entry => ({
  instanceId: 'i-0000000000000001a',
  nodeName: 'ip-10-0-1-1.eu-west-1.compute.internal',
  uid: '00000000-0000-4000-8000-000000000001',
  zone: ZONES[0],
  attempt: 1,
  runId: 'c0ffee00',
  decrement: false,
  kind: 'outdated',
  enters: 'drain',
  admittedAt: NOW_AT,
  ...overrides,
});

/** The same entry in the record, in hand. */
export const aHeldEntry = (overrides: Partial<HeldEntry> = {}): HeldEntry => {
  const entry = anEntry(overrides);
  return { state: 'inHand', since: entry.admittedAt, missed: 0, ...overrides, ...entry };
};

/** Name of the execution of an entry of group `workers`. */
export const executionOf = (entry: Entry = anEntry()): string => nodeExecutionName('workers', entry);

/** Accounts with these entries, and otherwise those of a run that has just begun. */
export const accountsWith = (entries: readonly HeldEntry[]): Accounts => ({
  entries: [...entries],
  parked: [],
  wish: 3,
  surge: 3,
  unreported: [],
  memory: {
    runId: 'c0ffee00',
    upgraded: 0,
    blockedInRow: 0,
    readyAtStart: 3,
    mostReady: 3,
    mostSurge: 3,
    unlaunched: 0,
    attempts: {},
    unreadySince: {},
    missingSurge: 0,
    raises: 0,
  },
});

/** The record of group `workers` with these entries. */
export const aRecord = (entries: readonly HeldEntry[], overrides: Partial<GroupRecord> = {}): GroupRecord => ({
  lease: aLease(),
  holder: aLease().holder,
  orders: {},
  nonce: undefined,
  accounts: accountsWith(entries),
  inputs: {},
  ...overrides,
});
