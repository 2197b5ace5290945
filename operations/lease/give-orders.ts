import type { Cluster } from '../../clients/ports.ts';
import { type GroupRecord, LEASE_NAMESPACE, type Orders, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import { readRecord } from '../../domain/admission/record-text.ts';
import { Conflict } from '../../domain/errors.ts';
import { boundedText } from '../../domain/text.ts';
import { findRecord } from './record.ts';

const MOST_ATTEMPTS = 5;

/** Orders to give, with their reasons; `null` takes one back. */
export type NewOrders = { readonly [Order in keyof Orders]?: string | null };

const annotationsOf = (orders: NewOrders): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(orders).map(([order, reason]) => [
      RECORD_ANNOTATIONS[order as keyof Orders],
      reason === null ? null : boundedText(reason),
    ]),
  );

/**
 * Give orders to the run that holds the record of a group.
 *
 * @param holder ARN of that run
 * @returns the record with the orders; `notHeld` when another execution holds it, or nobody does
 * @throws {Conflict} when the Lease keeps changing
 */
export async function giveOrders(
  cluster: Cluster,
  groupName: string,
  holder: string,
  orders: NewOrders,
): Promise<GroupRecord | 'notHeld'> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const record = await findRecord(cluster, groupName);
    if (record?.holder !== holder) return 'notHeld';
    const written = await cluster.annotateLease(LEASE_NAMESPACE, record.lease, annotationsOf(orders));
    if (written !== 'conflict') return readRecord(written);
  }
  throw new Conflict(`the Lease of ${groupName} changed ${MOST_ATTEMPTS} times while an order was being written`);
}
