import type { Cluster, Deps } from '../../clients/ports.ts';
import { type Accounts, type GroupRecord, type HeldEntry, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import { heldBy, writeRecord } from '../../domain/admission/record-text.ts';
import { makeNonce } from '../admission/nonce.ts';
import { changeRecord, type RecordChange } from '../lease/record.ts';

/**
 * Write a nonce of our own on the Lease, so that a conductor whose Lambda lives on stops at its next write.
 *
 * @returns the record as it is now; `undefined` when there is none
 */
export const fenceLease = (
  deps: Pick<Deps, 'random'>,
  cluster: Cluster,
  groupName: string,
  own: string,
): Promise<GroupRecord | undefined> =>
  changeRecord(cluster, groupName, ({ lease, holder }) => {
    if (holder !== own) return 'keep';
    return { ...lease, annotations: { ...lease.annotations, [RECORD_ANNOTATIONS.nonce]: makeNonce(deps.random) } };
  });

/** The Lease without a holder, for the accounts that the next run needs. */
const released = ({ lease }: GroupRecord): RecordChange => heldBy('', lease);

/**
 * Release the Lease after a success: it is deleted, unless an entry still counts. One that is gone, or held by another
 * execution, is none of ours.
 *
 * Nobody would come back for it: the group has no tags of ours any more, by which the janitor finds Leases.
 *
 * @param isOver whether nothing more can come of an entry: its instance shuts down already
 */
export async function endLease(
  cluster: Cluster,
  groupName: string,
  holder: string,
  isOver: (entry: HeldEntry) => boolean,
): Promise<void> {
  await changeRecord(cluster, groupName, (record) => {
    if (record.holder !== holder) return 'keep';
    const { accounts } = record;
    const counts = accounts === 'unreadable' || !(accounts?.entries ?? []).every(isOver);
    return counts ? released(record) : 'delete';
  });
}

/**
 * Release the Lease after a failure: orders end with the run, the accounts stay for the next one. One without accounts is
 * deleted.
 *
 * @param leave the accounts as they are left
 */
export async function releaseLease(
  cluster: Cluster,
  groupName: string,
  holder: string,
  leave = (accounts: Accounts): Accounts => accounts,
): Promise<void> {
  await changeRecord(cluster, groupName, (record) => {
    const { lease, accounts, nonce = '', inputs } = record;
    if (record.holder !== holder) return 'keep';
    if (accounts === undefined) return 'delete';
    if (accounts === 'unreadable') return released(record);
    return heldBy('', writeRecord(lease, { nonce, accounts: leave(accounts), inputs }));
  });
}

/**
 * Write accounts that were changed by the clean-up; nobody else may have changed them meanwhile.
 *
 * @returns false when the Lease has changed, or has another holder, since it was read
 */
export async function writeAccounts(
  cluster: Cluster,
  groupName: string,
  read: GroupRecord,
  accounts: Accounts,
): Promise<boolean> {
  let isWritten = false;
  await changeRecord(cluster, groupName, (record) => {
    isWritten = record.lease.resourceVersion === read.lease.resourceVersion && record.holder === read.holder;
    const { lease, nonce = '', inputs } = record;
    return isWritten ? writeRecord(lease, { nonce, accounts, inputs }) : 'keep';
  });
  return isWritten;
}
