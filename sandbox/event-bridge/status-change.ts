import type { Place } from '../step-functions/executions/arns.ts';
import type { Execution } from '../step-functions/executions/execution.ts';
import type { Payload } from '../step-functions/expressions/json.ts';
import { isoSeconds } from '../world/clock.ts';

/** An event as EventBridge hands it to a function. */
export type EventBridgeEvent = Readonly<Record<string, unknown>>;

/** Most characters of input and output together in an event, which has room for 256 KiB in all. */
const DATA_LIMIT = 248 * 1024;

const detailsOf = (payload: Payload | undefined, included: boolean) => (payload === undefined ? null : { included });

/** What of an execution its event shows. */
function detailOf(execution: Execution, redriveStatusReason: string | undefined) {
  const { input, output, error, cause, status, stoppedAt, redrivenAt } = execution;
  const hasData = input.text.length + (output?.text.length ?? 0) <= DATA_LIMIT;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.stateMachineArn,
    name: execution.name,
    status,
    startDate: execution.startedAt,
    stopDate: stoppedAt ?? null,
    input: hasData ? input.text : null,
    output: hasData ? (output?.text ?? null) : null,
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    redriveCount: execution.redriveCount,
    redriveDate: redrivenAt ?? null,
    redriveStatus: redriveStatusReason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    redriveStatusReason: redriveStatusReason ?? null,
    inputDetails: detailsOf(input, hasData),
    outputDetails: detailsOf(output, hasData),
    error: error ?? null,
    cause: cause ?? null,
  };
}

/**
 * Describe a change of an execution's status, as Step Functions does to EventBridge.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export const statusChange = (
  { region, accountId }: Place,
  { id, at, redriveStatusReason }: { id: string; at: number; redriveStatusReason: string | undefined },
  execution: Execution,
): EventBridgeEvent => ({
  version: '0',
  id,
  'detail-type': 'Step Functions Execution Status Change',
  source: 'aws.states',
  account: accountId,
  time: isoSeconds(at),
  region,
  resources: [execution.arn],
  detail: detailOf(execution, redriveStatusReason),
});
