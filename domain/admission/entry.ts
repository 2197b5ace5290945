import * as z from 'zod';
import type { WorkflowRun } from '../state.ts';
import { checksumOf } from '../text.ts';

/** A node that the conductor has taken: its licence to be drained and terminated. Instants are ISO-8601 UTC. */
export const entrySchema = z.strictObject({
  instanceId: z.string(),
  nodeName: z.string().optional().describe('absent when the instance had no Node when it was taken'),
  uid: z.string().optional().describe('of the Node; another uid is another Node'),
  zone: z.string(),
  attempt: z.int().min(1).describe('2 and more: taken again after it was parked, or after its execution died'),
  runId: z.string().describe('id of the run that took it'),
  decrement: z
    .boolean()
    .describe('terminated with ShouldDecrementDesiredCapacity, which gives back one node of the surge'),
  kind: z.enum(['outdated', 'surplus']),
  enters: z
    .enum(['drain', 'terminate'])
    .describe('where its execution begins: `terminate` repeats a termination that was lost'),
  admittedAt: z.iso.datetime({ offset: true }),
});
export type Entry = z.infer<typeof entrySchema>;

/** An entry whose drain has not begun by then is void: the conductor has taken the node again, or given it up. */
export const VOID_SECONDS = 600;

/** Most characters of the group's name in the name of a node execution, so that the whole has at most 58. */
const MOST_GROUP_CHARACTERS = 26;

/** Short id of a run, from the ARN of its first execution: 8 hexadecimal digits. */
export const runIdOf = (executionArn: string): string => checksumOf(executionArn).padStart(8, '0');

/**
 * Name of a node's execution: group, instance, attempt and run, at most 58 characters.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (at most 80 characters)
 */
export function nodeExecutionName(
  autoScalingGroupName: string,
  entry: Pick<Entry, 'instanceId' | 'attempt' | 'runId'>,
): string {
  const group = autoScalingGroupName.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, MOST_GROUP_CHARACTERS);
  return `${group}-${entry.instanceId}-${entry.attempt}-${entry.runId}`;
}

/** What the inputs of all node executions of a run have in common, as JSON; the console links them to the run by it. */
export const sharedInput = (run: WorkflowRun): string =>
  JSON.stringify({ run, AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: run.executionArn });

/**
 * Input of a node's execution, byte for byte the same whenever it is built from the record.
 *
 * @param shared JSON that the record holds for the run that took the node
 */
export function nodeExecutionInput(shared: string, entry: Entry): string {
  const node: Entry = {
    instanceId: entry.instanceId,
    ...(entry.nodeName !== undefined && { nodeName: entry.nodeName }),
    ...(entry.uid !== undefined && { uid: entry.uid }),
    zone: entry.zone,
    attempt: entry.attempt,
    runId: entry.runId,
    decrement: entry.decrement,
    kind: entry.kind,
    enters: entry.enters,
    admittedAt: entry.admittedAt,
  };
  return JSON.stringify({ ...JSON.parse(shared), node, drain: { status: 'pending' } });
}
