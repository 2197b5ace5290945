import type { Cluster } from '../../clients/ports.ts';
import { refusalOfLicence } from '../../domain/admission/licence.ts';
import { type HeldEntry, LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import { readRecord } from '../../domain/admission/record-text.ts';
import type { NodeStep } from '../../domain/drain/node-step.ts';

/**
 * Read the record, and say why this execution may not go on.
 *
 * @param states of its entry that allow what it is about to do
 * @returns one sentence, or `undefined` for an execution that may
 */
export async function checkLicence(
  cluster: Cluster,
  { run, node, execution }: NodeStep,
  states: readonly HeldEntry['state'][],
): Promise<string | undefined> {
  const { autoScalingGroupName } = run;
  const lease = await cluster.findLease(LEASE_NAMESPACE, leaseName(autoScalingGroupName));
  const record = lease && readRecord(lease);
  return refusalOfLicence(record, { autoScalingGroupName, execution, node, states });
}
