import * as z from 'zod';
import type { HeldEntry } from './record.ts';

/** An entry as it is stored, at most 200 bytes: 500 in hand and 500 leaving must fit into the annotations of one object. */
type StoredEntry = readonly (string | number | null)[];

/** Milliseconds instead of text where that is the same instant in the same words: names and inputs must come back byte for byte. */
const storeInstant = (instant: string): string | number => {
  const milliseconds = Date.parse(instant);
  return new Date(milliseconds).toISOString() === instant ? milliseconds : instant;
};
const restoreInstant = (stored: string | number): string =>
  typeof stored === 'number' ? new Date(stored).toISOString() : stored;

const OUTCOMES = ['yes', 'no', 'atMinimum'] as const;

/** Write an entry, without what it shares with the run that holds the record. */
export const storeEntry = (entry: HeldEntry, ownRunId: string): StoredEntry => [
  entry.instanceId,
  entry.nodeName ?? null,
  entry.uid ?? null,
  entry.zone,
  entry.attempt,
  entry.runId === ownRunId ? null : entry.runId,
  entry.decrement ? 1 : 0,
  entry.kind === 'surplus' ? 1 : 0,
  entry.enters === 'terminate' ? 1 : 0,
  storeInstant(entry.admittedAt),
  entry.state === 'leaving' ? 1 : 0,
  entry.since === entry.admittedAt ? null : storeInstant(entry.since),
  entry.missed,
  entry.outcome === undefined ? null : OUTCOMES.indexOf(entry.outcome),
];

const flag = z.literal([0, 1]);
const instant = z.union([z.string(), z.int()]);

export const storedEntrySchema = z.tuple([
  z.string(),
  z.string().nullable(),
  z.string().nullable(),
  z.string(),
  z.int(),
  z.string().nullable(),
  flag,
  flag,
  flag,
  instant,
  flag,
  instant.nullable(),
  z.int(),
  z.int().min(0).max(2).nullable(),
]);

/** Read an entry. */
export function restoreEntry(stored: z.infer<typeof storedEntrySchema>, ownRunId: string): HeldEntry {
  const [instanceId, nodeName, uid, zone, attempt, runId, decrement, surplus, terminates, ...rest] = stored;
  const [admittedAt, isLeaving, since, missed, outcome] = rest;
  return {
    instanceId,
    ...(nodeName !== null && { nodeName }),
    ...(uid !== null && { uid }),
    zone,
    attempt,
    runId: runId ?? ownRunId,
    decrement: decrement === 1,
    kind: surplus === 1 ? 'surplus' : 'outdated',
    enters: terminates === 1 ? 'terminate' : 'drain',
    admittedAt: restoreInstant(admittedAt),
    state: isLeaving === 1 ? 'leaving' : 'inHand',
    since: restoreInstant(since ?? admittedAt),
    missed,
    ...(outcome !== null && { outcome: OUTCOMES[outcome] as (typeof OUTCOMES)[number] }),
  };
}
