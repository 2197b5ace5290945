import type { Deps } from '../../clients/ports.ts';
import { AlarmTriggered, LockLost, UpgradeCancelled } from '../../domain/errors.ts';
import type { EksRun } from '../../domain/state.ts';
import { alarmsInAlarm } from '../admission/alarms.ts';
import { findRecord } from '../lease/record.ts';

/**
 * Read the orders in the Lease, and the alarms. A Lease that somebody has deleted orders nothing.
 *
 * @returns the reason of a pause, which EKS cannot obey
 * @throws {LockLost} {UpgradeCancelled} {AlarmTriggered}
 */
export async function throwIfStopped(deps: Deps, run: EksRun): Promise<string | undefined> {
  const [record, alarms] = await Promise.all([
    findRecord(await deps.cluster(run.clusterName), run.autoScalingGroupName),
    alarmsInAlarm(deps, run.alarms),
  ]);
  if (record !== undefined && record.holder !== run.executionArn) {
    throw new LockLost(`${record.holder ?? 'nobody'} holds the lock of ${run.autoScalingGroupName} now`);
  }
  const { halt, cancel, pause } = record?.orders ?? {};
  if (halt !== undefined) throw new UpgradeCancelled(`stopped at once by an operator: ${halt}`);
  if (cancel !== undefined) throw new UpgradeCancelled(`cancelled by an operator: ${cancel}`);
  if (alarms.length > 0) throw new AlarmTriggered(`in ALARM: ${alarms.join(', ')}`);
  return pause;
}
