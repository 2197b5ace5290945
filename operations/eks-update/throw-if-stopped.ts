import type { Deps } from '../../clients/ports.ts';
import { readControl } from '../../domain/admission/control.ts';
import { AlarmTriggered, UpgradeCancelled } from '../../domain/errors.ts';
import type { EksRun } from '../../domain/state.ts';
import { alarmsInAlarm } from '../admission/look-at-turn.ts';
import { findControl } from '../lease/control-record.ts';

/**
 * Read the orders in the Lease, and the alarms.
 *
 * @returns the reason of a pause, which EKS cannot obey
 * @throws {UpgradeCancelled} {AlarmTriggered}
 */
export async function throwIfStopped(deps: Deps, run: EksRun): Promise<string | undefined> {
  const [lease, alarms] = await Promise.all([
    findControl(await deps.cluster(run.clusterName), run.autoScalingGroupName),
    alarmsInAlarm(deps, run.alarms),
  ]);
  if (lease?.holder !== run.executionArn) {
    throw new UpgradeCancelled('the run no longer holds the lock of this group');
  }
  const { cancel, pause } = readControl(lease);
  if (cancel !== undefined) throw new UpgradeCancelled(`cancelled by an operator: ${cancel}`);
  if (alarms.length > 0) throw new AlarmTriggered(`in ALARM: ${alarms.join(', ')}`);
  return pause;
}
