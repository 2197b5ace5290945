import type { Cluster } from '../../clients/ports.ts';
import { type GroupRecord, LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import { readRecord } from '../../domain/admission/record-text.ts';
import { Conflict } from '../../domain/errors.ts';
import type { Lease } from '../../domain/types.ts';

const MOST_ATTEMPTS = 5;

/** Read the record of a group; `undefined` when there is no Lease. */
export async function findRecord(cluster: Cluster, autoScalingGroupName: string): Promise<GroupRecord | undefined> {
  const lease = await cluster.findLease(LEASE_NAMESPACE, leaseName(autoScalingGroupName));
  return lease && readRecord(lease);
}

/** Delete a Lease, unless somebody has changed it since it was read. */
async function deleteLease(cluster: Cluster, lease: Lease): Promise<'deleted' | 'conflict'> {
  try {
    await cluster.deleteLease(LEASE_NAMESPACE, lease);
    return 'deleted';
  } catch (thrown) {
    if (thrown instanceof Conflict) return 'conflict';
    throw thrown;
  }
}

/** What happens to a Lease: it is replaced, deleted, or left as it is. */
export type RecordChange = Lease | 'delete' | 'keep';

/**
 * Change the Lease of a group as decided from its record, and read it again when somebody else has changed it in between.
 *
 * @returns the record as it is now; `undefined` when there is none
 * @throws {Conflict} when it keeps changing
 */
export async function changeRecord(
  cluster: Cluster,
  autoScalingGroupName: string,
  decide: (record: GroupRecord) => RecordChange,
): Promise<GroupRecord | undefined> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const record = await findRecord(cluster, autoScalingGroupName);
    if (record === undefined) return undefined;
    const change = decide(record);
    if (change === 'keep') return record;
    if (change === 'delete') {
      if ((await deleteLease(cluster, record.lease)) === 'deleted') return undefined;
      continue;
    }
    const replaced = await cluster.replaceLease(LEASE_NAMESPACE, change);
    if (replaced !== 'conflict') return readRecord(replaced);
  }
  throw new Conflict(`the Lease of ${autoScalingGroupName} changed ${MOST_ATTEMPTS} times while it was being written`);
}
