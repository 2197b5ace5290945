/*
 * Words of this folder:
 *
 * conductor    the one step of a run that decides: it observes the group, admits nodes, starts their executions
 * observation  what was read of group, instances and nodes, with the instant before each was asked for
 * admission    the decision to take nodes, or why none is taken; `admit()` makes it
 * gate         a reason to take no node at all: cancelled, paused, in ALARM
 * node rule    a reason not to take one node: capacity, zone, budgets
 * hold         the rule, and its reason, for which the first node in the order was not taken
 * stall        nothing is in hand and no node can be taken, although no gate is closed
 * record       the Lease of the group: holder, orders of operators, accounts of the conductor
 * accounts     what the conductor keeps in the record: entries, parked nodes, wish and surge, memory
 * settle       bring the accounts up to date with an observation
 * entry        a node that was taken, in the record: the licence of its execution
 * attempt      number of an entry among those of its instance; part of the execution's name
 * in hand      (an entry) being drained; counts against the parallelism
 * leaving      (an entry) its instance goes; no longer capacity, no longer in hand
 * parked       (a node) its drain was blocked; reopened, and tried once more after all others
 * free         (a node) Ready, not taken, and not about to be terminated by Auto Scaling
 * floor        free nodes that must be left: what the owner wants, and under MINIMAL less the parallelism
 * outdated     (a node) not on the target; surplus: a new one that only the surge needs
 * wish         the desired capacity without our surge: the original one and what others changed
 * surge        nodes that the run has added and not yet given to a decrement
 * raise        more surge that was asked for and that no observation shows yet
 * drift        how far the desired capacity is from what the accounts explain: what somebody else has done
 * decrement    a termination that lowers the desired capacity and so gives back one node of the surge
 * unsettled    (a decrement) nobody knows yet whether it took effect
 * quota        decrements by zone, so that zones end balanced
 * contended    (a budget) our own drains use up what it allows
 * order        cancel, pause or approve, by an operator; halt, by `cancel --now`
 * nonce        random text of one invocation of the conductor: only who wrote it last may write the record
 * continue     go on in another execution, because the history of this one is nearly full
 */

import * as z from 'zod';
import { decrementOutcomeSchema } from '../drain/in-hand.ts';
import { ERROR_NAMES } from '../errors.ts';
import { checksumOf } from '../text.ts';
import type { Lease } from '../types.ts';
import { entrySchema } from './entry.ts';

/** Namespace of the Leases; nothing else is in it. */
export const LEASE_NAMESPACE = 'eks-nodegroup-upgrade';

/** Annotations of the Lease. Operators set `cancel`, `pause` and `approve`; all others are the conductor's. */
export const RECORD_ANNOTATIONS = {
  cancel: 'eks-nodegroup-upgrade/cancel',
  pause: 'eks-nodegroup-upgrade/pause',
  approve: 'eks-nodegroup-upgrade/approve',
  /** Nothing may begin, and nothing may be terminated: set by `cancel --now`. */
  halt: 'eks-nodegroup-upgrade/halt',
  nonce: 'eks-nodegroup-upgrade/nonce',
  accounts: 'eks-nodegroup-upgrade/accounts',
  /** What the inputs of node executions share, JSON by run id. */
  inputs: 'eks-nodegroup-upgrade/inputs',
} as const;

/** Name of the Lease of an Auto Scaling group, whose names allow characters and lengths that Kubernetes names do not. */
export function leaseName(autoScalingGroupName: string): string {
  const safe = autoScalingGroupName
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  if (safe === autoScalingGroupName && safe.length <= 200) return safe;
  // Distinct groups must not meet in one record, so what was cut or replaced comes back as a checksum.
  return `${safe.slice(0, 200) || 'group'}-${checksumOf(autoScalingGroupName)}`;
}

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });

/** An entry and where it stands. */
const heldEntrySchema = z.strictObject({
  ...entrySchema.shape,
  state: z.enum(['inHand', 'leaving']),
  since: instant.describe('of the state'),
  missed: count.describe('observations in a row that no longer found the instance or its Node'),
  outcome: decrementOutcomeSchema
    .exclude(['unknown'])
    .optional()
    .describe('what became of its decrement, once that is known: anything but `yes` was refunded'),
});
export type HeldEntry = z.infer<typeof heldEntrySchema>;

const parkedSchema = z.strictObject({
  instanceId: z.string(),
  tries: z.int().min(1).describe('drains that were blocked'),
  since: instant.describe('begin of its last drain'),
  until: instant.describe('when that drain was given up'),
  error: z.string(),
  reason: z.string(),
  budgets: z.array(z.string()).describe('namespace/name of the budgets that blocked it'),
});
export type Parked = z.infer<typeof parkedSchema>;

/** What a run remembers between its steps, because a retry must not forget it. A new run starts afresh. */
const memorySchema = z.strictObject({
  runId: z.string(),
  upgraded: count.describe('outdated nodes sent away'),
  blockedInRow: count,
  canaryBakesUntil: instant.optional(),
  readyAtStart: count,
  mostReady: count.describe('most Ready nodes seen'),
  mostSurge: count.describe('most surge nodes at a time'),
  unlaunched: count.describe('launches that had not begun when the desired capacity was last as expected'),
  attempts: z.record(z.string(), count).describe('last attempt by instance id, of members that may be taken again'),
  unreadySince: z.record(z.string(), instant).describe('by instance id: first seen NotReady or without a Node'),
  waitingSince: instant.optional().describe('nothing is in hand, and capacity is waited for'),
  waitingFree: count.optional().describe('free nodes at that moment'),
  gatedSince: instant.optional(),
  drift: z.strictObject({ desired: count, since: instant }).optional(),
  missingSurge: count.describe('surge that somebody took back before it was launched'),
  raises: count.describe('how often more surge was asked for'),
  fatal: z
    .strictObject({ error: z.enum([...ERROR_NAMES.refused, ...ERROR_NAMES.upgrade]), cause: z.string() })
    .optional()
    .describe('why no further node may be taken, whatever becomes of those in hand'),
  settledAt: instant.optional().describe('of the last answer of Auto Scaling that was settled'),
  continuedAs: z.string().optional().describe('name of the execution that this one hands the run over to'),
  leaseUid: z.string().optional().describe('of the Lease this was written to; another one is a restored copy'),
});
export type Memory = z.infer<typeof memorySchema>;

export const accountsSchema = z.strictObject({
  entries: z.array(heldEntrySchema),
  parked: z.array(parkedSchema),
  wish: count,
  surge: count,
  raise: z.strictObject({ from: count, to: count, since: instant }).optional().describe('asked for, not seen yet'),
  unreported: z
    .array(z.string())
    .describe('names of executions started, until the output of a step that names them was seen'),
  memory: memorySchema,
});
/** What the conductor keeps in the record. Pure functions in accounts.ts change it. */
export type Accounts = z.infer<typeof accountsSchema>;

/** What operators want; texts are theirs. */
export interface Orders {
  readonly halt?: string;
  readonly cancel?: string;
  readonly pause?: string;
  readonly approve?: string;
}

/** The Lease, read. */
export interface GroupRecord {
  readonly lease: Lease;
  readonly holder: string | undefined;
  readonly orders: Orders;
  readonly nonce: string | undefined;
  /** Absent before the first step of a conductor; `unreadable` when somebody has edited it into nonsense. */
  readonly accounts: Accounts | 'unreadable' | undefined;
  /** JSON by run id. */
  readonly inputs: Readonly<Record<string, string>>;
}
