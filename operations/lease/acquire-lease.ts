import type { Cluster, Deps } from '../../clients/ports.ts';
import { nodeExecutionName } from '../../domain/admission/entry.ts';
import { isOfSameHome } from '../../domain/admission/holder.ts';
import { type GroupRecord, LEASE_NAMESPACE, leaseName, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import { heldBy } from '../../domain/admission/record-text.ts';
import { Conflict, InvalidInput, UpgradeInProgress } from '../../domain/errors.ts';
import type { Run } from '../../domain/state.ts';
import { isAlive } from './holder.ts';
import { findRecord } from './record.ts';

const MOST_ATTEMPTS = 5;
/** The state of an execution has no room for more. */
const MOST_NAMES = 100;

/** What AcquireLock answers. */
export interface Acquired {
  /** `takenOver`: the run before this one did not end in an orderly way. */
  readonly status: 'acquired' | 'takenOver';
  /** Names of node executions of an earlier run that this one follows; at most 100. */
  readonly adopted: readonly string[];
  readonly adoptedCount: number;
}

const nameOf = (run: Run): string => `${LEASE_NAMESPACE}/${leaseName(run.autoScalingGroupName)}`;

function acquired(status: Acquired['status'], run: Run, record?: GroupRecord): Acquired {
  const entries = record?.accounts === 'unreadable' ? [] : (record?.accounts?.entries ?? []);
  const names = entries.map((entry) => nodeExecutionName(run.autoScalingGroupName, entry));
  return { status, adopted: names.slice(0, MOST_NAMES), adoptedCount: names.length };
}

function throwIfUnreadable({ accounts }: GroupRecord, run: Run): void {
  if (accounts !== 'unreadable') return;
  throw new InvalidInput(
    `the annotation ${RECORD_ANNOTATIONS.accounts} of the Lease ${nameOf(run)} was edited and cannot be read: delete the Lease (kubectl --namespace ${LEASE_NAMESPACE} delete lease ${leaseName(run.autoScalingGroupName)}), then start again; the next run rebuilds it from the nodes`,
  );
}

async function throwIfHeld(deps: Deps, run: Run, holder: string): Promise<void> {
  if (!(await isAlive(deps, holder, run.executionArn))) return;
  const wayOut = isOfSameHome(holder, run.executionArn)
    ? 'wait for it, or cancel it, then start again'
    : `it is of another account or region and cannot be looked up from here: once it has ended, delete the Lease ${nameOf(run)}, then start again`;
  throw new UpgradeInProgress(`${run.autoScalingGroupName} is being upgraded by ${holder}; ${wayOut}`);
}

/** Create the Lease of a group that has none. @throws {InvalidInput} when its namespace does not exist */
async function create(cluster: Cluster, run: Run): Promise<boolean> {
  const lease = { name: leaseName(run.autoScalingGroupName), holder: run.executionArn, annotations: {} };
  const created = await cluster.createLease(LEASE_NAMESPACE, lease);
  if (created === 'noNamespace') {
    throw new InvalidInput(
      `cluster ${run.clusterName} has no namespace ${LEASE_NAMESPACE}, in which a run keeps its record: kubectl apply -f kubernetes/rbac.yaml, then start again`,
    );
  }
  return created !== 'conflict';
}

/**
 * Acquire the Lease of the group, or take it over from an execution that no longer runs, with what that one has in hand.
 *
 * @throws {UpgradeInProgress} when another execution that is alive holds it
 * @throws {InvalidInput} when the namespace does not exist, or the record was edited into nonsense
 */
export async function acquireLease(deps: Deps, run: Run): Promise<Acquired> {
  const cluster = await deps.cluster(run.clusterName);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const record = await findRecord(cluster, run.autoScalingGroupName);
    if (record === undefined) {
      if (await create(cluster, run)) return acquired('acquired', run);
      continue;
    }
    const { holder } = record;
    if (holder !== undefined && holder !== run.executionArn) await throwIfHeld(deps, run, holder);
    throwIfUnreadable(record, run);
    if (holder === run.executionArn) return acquired('acquired', run, record);
    const replaced = await cluster.replaceLease(LEASE_NAMESPACE, heldBy(run.executionArn, record.lease));
    if (replaced !== 'conflict') return acquired(holder === undefined ? 'acquired' : 'takenOver', run, record);
  }
  throw new Conflict(`the Lease ${nameOf(run)} changed ${MOST_ATTEMPTS} times while it was being acquired`);
}
