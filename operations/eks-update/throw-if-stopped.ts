import type { Deps } from '../../clients/ports.ts';
import { LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import { readRecord } from '../../domain/admission/record-text.ts';
import { AlarmTriggered, LockLost, UpgradeCancelled } from '../../domain/errors.ts';
import type { EksRun } from '../../domain/state.ts';
import { alarmsInAlarm } from '../admission/alarms.ts';

/**
 * Read the orders in the Lease, and the alarms.
 *
 * @returns the reason of a pause, which EKS cannot obey
 * @throws {LockLost} {UpgradeCancelled} {AlarmTriggered}
 */
export async function throwIfStopped(deps: Deps, run: EksRun): Promise<string | undefined> {
  const [lease, alarms] = await Promise.all([
    (await deps.cluster(run.clusterName)).findLease(LEASE_NAMESPACE, leaseName(run.autoScalingGroupName)),
    alarmsInAlarm(deps, run.alarms),
  ]);
  const record = lease === undefined ? undefined : readRecord(lease);
  // A Lease that somebody has deleted is nobody's: EKS continues, and so does the run.
  if (record !== undefined && record.holder !== run.executionArn) {
    throw new LockLost(`${record.holder ?? 'nobody'} holds the lock of ${run.autoScalingGroupName} now`);
  }
  const { cancel, pause } = record?.orders ?? {};
  if (cancel !== undefined) throw new UpgradeCancelled(`cancelled by an operator: ${cancel}`);
  if (alarms.length > 0) throw new AlarmTriggered(`in ALARM: ${alarms.join(', ')}`);
  return pause;
}
