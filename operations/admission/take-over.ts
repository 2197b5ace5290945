import type { Deps } from '../../clients/ports.ts';
import { beginAnew, type Continued } from '../../domain/admission/continuation.ts';
import { LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import { readRecord } from '../../domain/admission/record-text.ts';
import { InvalidInput } from '../../domain/errors.ts';

/**
 * Take up a run, if the record says that it was handed over to the execution of this name.
 *
 * @throws {InvalidInput} else
 */
export async function takeOverFrom(
  deps: Deps,
  continued: Continued | undefined,
  executionName: string,
): Promise<Continued> {
  const refusal = new InvalidInput(
    '"continued" is written by the workflow itself when it goes on in another execution: leave it out',
  );
  if (continued === undefined) throw refusal;
  const { run } = continued.plan;
  const cluster = await deps.cluster(run.clusterName);
  const lease = await cluster.findLease(LEASE_NAMESPACE, leaseName(run.autoScalingGroupName));
  const record = lease === undefined ? undefined : readRecord(lease);
  const accounts = record?.accounts === 'unreadable' ? undefined : record?.accounts;
  if (record?.holder !== run.executionArn || accounts?.memory.continuedAs !== executionName) throw refusal;
  return beginAnew(continued);
}
