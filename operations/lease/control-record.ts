import type { Cluster, Deps } from '../../clients/ports.ts';
import { CONTROL, LEASE_NAMESPACE, leaseName } from '../../domain/admission/control.ts';
import { Conflict, InvalidInput, UpgradeInProgress } from '../../domain/errors.ts';
import type { Run } from '../../domain/state.ts';
import type { Lease } from '../../domain/types.ts';

const MOST_ATTEMPTS = 5;

/** Read the Lease of a group's upgrade. */
export const findControl = (cluster: Cluster, autoScalingGroupName: string): Promise<Lease | undefined> =>
  cluster.findLease(LEASE_NAMESPACE, leaseName(autoScalingGroupName));

/**
 * Acquire the Lease, or take it over from an execution that no longer runs.
 *
 * Orders to an earlier run (cancel, pause, halt) end with it; the list of absorbed instances stays, for the accounts.
 *
 * @returns `takenOver` when a run before this one did not end in an orderly way
 * @throws {UpgradeInProgress} when another execution that is RUNNING holds it
 * @throws {InvalidInput} when the namespace of the Leases does not exist
 */
export async function acquireLease(deps: Deps, run: Run): Promise<'acquired' | 'takenOver'> {
  const cluster = await deps.cluster(run.clusterName);
  const name = leaseName(run.autoScalingGroupName);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const lease = await cluster.findLease(LEASE_NAMESPACE, name);
    if (lease === undefined) {
      const created = await cluster.createLease(LEASE_NAMESPACE, { name, holder: run.executionArn, annotations: {} });
      if (created === 'noNamespace') {
        throw new InvalidInput(
          `Cluster ${run.clusterName} has no namespace ${LEASE_NAMESPACE}: create it, then start again`,
        );
      }
      if (created !== 'conflict') return 'acquired';
      continue;
    }
    if (lease.holder === run.executionArn) return 'acquired';
    const isForeign = lease.holder !== undefined && lease.holder !== '';
    if (isForeign && (await deps.executions.isRunning(lease.holder))) {
      throw new UpgradeInProgress(
        `${run.autoScalingGroupName} is being upgraded by ${lease.holder}; wait for it, or cancel it, then start again`,
      );
    }
    const absorbed = lease.annotations[CONTROL.absorbed];
    const annotations = absorbed === undefined ? {} : { [CONTROL.absorbed]: absorbed };
    const replaced = await cluster.replaceLease(LEASE_NAMESPACE, { ...lease, holder: run.executionArn, annotations });
    if (replaced !== 'conflict') return isForeign ? 'takenOver' : 'acquired';
  }
  throw new Conflict(`the lease ${name} changed ${MOST_ATTEMPTS} times while it was being acquired`);
}

/**
 * Change the control record of the run that holds it.
 *
 * @returns the lease as it is now; `undefined` when this execution does not hold it any more
 * @throws {Conflict} when it keeps changing
 */
export async function changeControl(
  cluster: Cluster,
  run: Run,
  edit: (lease: Lease) => Lease,
): Promise<Lease | undefined> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const lease = await findControl(cluster, run.autoScalingGroupName);
    if (lease === undefined || lease.holder !== run.executionArn) return undefined;
    const replaced = await cluster.replaceLease(LEASE_NAMESPACE, edit(lease));
    if (replaced !== 'conflict') return replaced;
  }
  throw new Conflict(
    `the lease of ${run.autoScalingGroupName} changed ${MOST_ATTEMPTS} times while it was being written`,
  );
}
