import * as z from 'zod';
import { boundedText } from '../text.ts';
import type { Lease } from '../types.ts';
import { type Accounts, accountsSchema, type GroupRecord, type Orders, RECORD_ANNOTATIONS } from './record.ts';
import { restoreEntry, storedEntrySchema, storeEntry } from './stored-entry.ts';

/** Names of the same group and run differ in the middle only: the rest is stored once. */
function storeNames(names: readonly string[]): readonly string[] {
  const [first = ''] = names;
  const start = first.match(/^.*?(?=i-[0-9a-f]+-\d+-)/)?.[0] ?? '';
  const end = first.match(/-[^-]*$/)?.[0] ?? '';
  const isAlike = names.every(
    (name) => name.startsWith(start) && name.endsWith(end) && name.length >= start.length + end.length,
  );
  return isAlike
    ? [start, end, ...names.map((name) => name.slice(start.length, name.length - end.length))]
    : ['', '', ...names];
}

const restoreNames = ([start, end, ...middles]: readonly string[]): string[] =>
  middles.map((middle) => `${start}${middle}${end}`);

const storedSchema = z.looseObject({
  entries: z.array(storedEntrySchema),
  unreported: z.array(z.string()),
  memory: z.looseObject({ runId: z.string() }),
});

function parse(text: string): Accounts | undefined {
  const stored = storedSchema.safeParse(JSON.parse(text));
  if (!stored.success) return undefined;
  const { entries, unreported, memory } = stored.data;
  const accounts = {
    ...stored.data,
    entries: entries.map((entry) => restoreEntry(entry, memory.runId)),
    unreported: restoreNames(unreported),
  };
  return accountsSchema.safeParse(accounts).data;
}

function readAccounts(text: string | undefined): GroupRecord['accounts'] {
  if (text === undefined) return undefined;
  try {
    return parse(text) ?? 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function isJsonObject(text: string): boolean {
  try {
    return z.looseObject({}).safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/** Inputs that somebody has edited into nonsense are dropped: an execution would refuse them. */
function readInputs(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  try {
    const inputs = z.record(z.string(), z.string()).safeParse(JSON.parse(text)).data ?? {};
    return Object.fromEntries(Object.entries(inputs).filter(([, shared]) => isJsonObject(shared)));
  } catch {
    return {};
  }
}

/** Read the record from its Lease. */
export function readRecord(lease: Lease): GroupRecord {
  const { annotations } = lease;
  const orders = Object.fromEntries(
    (['halt', 'cancel', 'pause', 'approve'] as const).flatMap((order) => {
      const text = annotations[RECORD_ANNOTATIONS[order]];
      return text === undefined ? [] : [[order, boundedText(text)]];
    }),
  ) as Orders;
  return {
    lease,
    holder: lease.holder === '' ? undefined : lease.holder,
    orders,
    nonce: annotations[RECORD_ANNOTATIONS.nonce],
    accounts: readAccounts(annotations[RECORD_ANNOTATIONS.accounts]),
    inputs: readInputs(annotations[RECORD_ANNOTATIONS.inputs]),
  };
}

const accountsText = (accounts: Accounts): string =>
  JSON.stringify({
    ...accounts,
    entries: accounts.entries.map((entry) => storeEntry(entry, accounts.memory.runId)),
    unreported: storeNames(accounts.unreported),
  });

/** The inputs that an entry still needs. */
const neededInputs = ({ entries, memory }: Accounts, inputs: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(inputs).filter(([id]) => id === memory.runId || entries.some(({ runId }) => runId === id)),
  );

/** The Lease with what the conductor writes; orders and whatever others have written on it stay. */
export function writeRecord(
  lease: Lease,
  { nonce, accounts, inputs }: { nonce: string; accounts: Accounts; inputs: Readonly<Record<string, string>> },
): Lease {
  return {
    ...lease,
    annotations: {
      ...lease.annotations,
      [RECORD_ANNOTATIONS.nonce]: nonce,
      [RECORD_ANNOTATIONS.accounts]: accountsText(accounts),
      [RECORD_ANNOTATIONS.inputs]: JSON.stringify(neededInputs(accounts, inputs)),
    },
  };
}

/** The Lease without orders: they end with the run they were meant for. */
export function withoutOrders(lease: Lease): Lease {
  const { cancel, pause, approve, halt } = RECORD_ANNOTATIONS;
  const orders: readonly string[] = [cancel, pause, approve, halt];
  return {
    ...lease,
    annotations: Object.fromEntries(Object.entries(lease.annotations).filter(([key]) => !orders.includes(key))),
  };
}

/**
 * The Lease with a new holder, or with none (`''`): orders and nonce end with the holder they were meant for, the accounts go on.
 */
export function heldBy(holder: string, lease: Lease): Lease {
  const { annotations, ...rest } = withoutOrders(lease);
  const { [RECORD_ANNOTATIONS.nonce]: _, ...kept } = annotations;
  return { ...rest, holder, annotations: kept };
}
