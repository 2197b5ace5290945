import type { Cluster } from '../../clients/ports.ts';
import {
  type Accounts,
  LEASE_NAMESPACE,
  leaseName,
  type Orders,
  RECORD_ANNOTATIONS,
} from '../../domain/admission/record.ts';
import { readRecord, writeRecord } from '../../domain/admission/record-text.ts';
import { Conflict, LockLost } from '../../domain/errors.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import type { Lease } from '../../domain/types.ts';

/** The record as one invocation holds it. Only who wrote the nonce last may write. */
export interface RecordSession {
  readonly run: WorkflowRun;
  readonly nonce: string;
  readonly lease: Lease;
  readonly holder: string | undefined;
  readonly orders: Orders;
  /** As written last; absent before the first write, or when the record was lost. */
  readonly accounts: Accounts | undefined;
  readonly inputs: Readonly<Record<string, string>>;
}

const MOST_ATTEMPTS = 5;
const NONCE = RECORD_ANNOTATIONS.nonce;

/** @throws {LockLost} when another execution has taken the record over */
function checkHolder(run: WorkflowRun, lease: Lease): void {
  const { holder } = readRecord(lease);
  if (holder === run.executionArn) return;
  throw new LockLost(`${holder ?? 'nobody'} holds the lock of ${run.autoScalingGroupName} now`);
}

/**
 * Check that the Lease is still the one that this invocation has opened.
 *
 * Whether a later invocation of the step has opened it, or somebody has deleted or edited it, cannot be told. Either way this
 * invocation must not write: the later one would lose its record. If there is none, Step Functions retries the step, which
 * opens the record again.
 *
 * @throws {LockLost} when another execution has taken the record over
 * @throws {Conflict} when the Lease is gone, is another one, or has another nonce
 */
function checkOpened({ run, nonce, lease: opened }: RecordSession, lease: Lease | undefined): Lease {
  const { autoScalingGroupName } = run;
  if (lease !== undefined) checkHolder(run, lease);
  if (lease === undefined || lease.uid !== opened.uid) {
    throw new Conflict(`somebody has deleted the Lease of ${autoScalingGroupName}`);
  }
  if (lease.annotations[NONCE] === nonce) return lease;
  throw new Conflict(
    `a later invocation of this step, or somebody else, has written the nonce of ${autoScalingGroupName}`,
  );
}

/** True when the accounts are those that this Lease was written with: one restored from a copy has another uid. */
const belongsTo = (accounts: Accounts, { uid }: Lease): boolean =>
  accounts.memory.leaseUid === undefined || uid === undefined || accounts.memory.leaseUid === uid;

function sessionOf(run: WorkflowRun, nonce: string, lease: Lease): RecordSession {
  const { holder, orders, accounts, inputs } = readRecord(lease);
  const isOurs = accounts !== undefined && accounts !== 'unreadable' && belongsTo(accounts, lease);
  return { run, nonce, lease, holder, orders, inputs, accounts: isOurs ? accounts : undefined };
}

/** The Lease, made again for this run when somebody has deleted it. */
async function findOrCreate(cluster: Cluster, run: WorkflowRun): Promise<Lease | 'conflict'> {
  const name = leaseName(run.autoScalingGroupName);
  const found = await cluster.findLease(LEASE_NAMESPACE, name);
  if (found !== undefined) return found;
  const created = await cluster.createLease(LEASE_NAMESPACE, { name, holder: run.executionArn, annotations: {} });
  return created === 'noNamespace' ? 'conflict' : created;
}

/**
 * Open the record for one invocation: from now on no invocation before it can write any more.
 *
 * @throws {LockLost} when another execution holds it
 */
export async function openRecord(cluster: Cluster, run: WorkflowRun, nonce: string): Promise<RecordSession> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const lease = await findOrCreate(cluster, run);
    if (lease === 'conflict') continue;
    checkHolder(run, lease);
    const session = sessionOf(run, nonce, lease);
    const fenced = { ...lease, annotations: { ...lease.annotations, [NONCE]: nonce } };
    const written = await cluster.replaceLease(LEASE_NAMESPACE, fenced);
    if (written !== 'conflict') return { ...session, lease: written };
  }
  throw new Conflict(
    `the Lease of ${run.autoScalingGroupName} changed ${MOST_ATTEMPTS} times while it was being opened`,
  );
}

/** Read the record again: for orders that were given meanwhile. @throws {LockLost} {Conflict} */
export async function rereadRecord(cluster: Cluster, session: RecordSession): Promise<RecordSession> {
  const name = leaseName(session.run.autoScalingGroupName);
  const lease = checkOpened(session, await cluster.findLease(LEASE_NAMESPACE, name));
  const { orders, holder } = readRecord(lease);
  return { ...session, lease, orders, holder };
}

/** The accounts with the uid of the Lease that they are written to. */
const stamp = (accounts: Accounts, { uid }: Lease): Accounts => ({
  ...accounts,
  memory: { ...accounts.memory, ...(uid !== undefined && { leaseUid: uid }) },
});

/**
 * Write the accounts, if they have changed.
 *
 * Orders may be given meanwhile, so a conflict is read again: orders are taken from the server, accounts from memory.
 *
 * @throws {LockLost} {Conflict}
 */
export async function saveAccounts(
  cluster: Cluster,
  session: RecordSession,
  accounts: Accounts,
): Promise<RecordSession> {
  if (accounts === session.accounts) return session;
  const { run, nonce, inputs } = session;
  let { lease } = session;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const changed = writeRecord(lease, { nonce, accounts: stamp(accounts, lease), inputs });
    const written = await cluster.replaceLease(LEASE_NAMESPACE, changed);
    if (written !== 'conflict') {
      const { orders, holder } = readRecord(written);
      return { ...session, lease: written, orders, holder, accounts };
    }
    lease = checkOpened(session, await cluster.findLease(LEASE_NAMESPACE, lease.name));
  }
  throw new Conflict(
    `the Lease of ${run.autoScalingGroupName} changed ${MOST_ATTEMPTS} times while it was being written`,
  );
}
