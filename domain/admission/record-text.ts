import * as z from 'zod';
import { boundedText } from '../text.ts';
import type { Lease } from '../types.ts';
import { type Accounts, accountsSchema, type GroupRecord, type HeldEntry, type Orders, RECORD_ANNOTATIONS } from './record.ts';

/** An entry as it is stored, at most 200 bytes: 500 in hand and 500 leaving must fit into the annotations of one object. */
type StoredEntry = readonly (string | number | null)[];

const store = (entry: HeldEntry): StoredEntry => [
  entry.instanceId,
  entry.nodeName ?? null,
  entry.uid ?? null,
  entry.zone,
  entry.attempt,
  entry.runId,
  entry.decrement ? 1 : 0,
  entry.kind === 'surplus' ? 1 : 0,
  entry.enters === 'terminate' ? 1 : 0,
  entry.admittedAt,
  entry.state === 'leaving' ? entry.since : null,
  entry.looks,
];

const storedEntrySchema = z.tuple([
  z.string(),
  z.string().nullable(),
  z.string().nullable(),
  z.string(),
  z.int(),
  z.string(),
  z.literal([0, 1]),
  z.literal([0, 1]),
  z.literal([0, 1]),
  z.string(),
  z.string().nullable(),
  z.int(),
]);

function restore(stored: z.infer<typeof storedEntrySchema>): HeldEntry {
  const [instanceId, nodeName, uid, zone, attempt, runId, decrement, surplus, terminates, admittedAt, leftAt, looks] = stored;
  return {
    instanceId,
    ...(nodeName !== null && { nodeName }),
    ...(uid !== null && { uid }),
    zone,
    attempt,
    runId,
    decrement: decrement === 1,
    kind: surplus === 1 ? 'surplus' : 'outdated',
    enters: terminates === 1 ? 'terminate' : 'drain',
    admittedAt,
    state: leftAt === null ? 'inHand' : 'leaving',
    since: leftAt ?? admittedAt,
    looks,
  };
}

const storedSchema = z.looseObject({ entries: z.array(storedEntrySchema) });

function parse(text: string): Accounts | undefined {
  const stored = storedSchema.safeParse(JSON.parse(text));
  if (!stored.success) return undefined;
  return accountsSchema.safeParse({ ...stored.data, entries: stored.data.entries.map(restore) }).data;
}

function readAccounts(text: string | undefined): GroupRecord['accounts'] {
  if (text === undefined) return undefined;
  try {
    return parse(text) ?? 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function readInputs(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  try {
    return z.record(z.string(), z.string()).safeParse(JSON.parse(text)).data ?? {};
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
  JSON.stringify({ ...accounts, entries: accounts.entries.map(store) });

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
