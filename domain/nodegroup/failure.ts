import * as z from 'zod';
import { runSchema } from '../state.ts';
import { withoutFullStop } from '../text.ts';
import { type FailedExecution, failedExecutionIn } from './failed-execution.ts';
import { launchTemplateSchema } from './launch-template.ts';

/** The state of a failed execution, as far as it got. */
export const failureStateSchema = z.looseObject({
  plan: z
    .looseObject({ run: runSchema, group: z.looseObject({ launchTemplateVersion: z.string() }).optional() })
    .optional(),
  lock: z.looseObject({ status: z.string() }).optional(),
  launchTemplate: launchTemplateSchema.optional(),
  group: z
    .looseObject({ isRebalancingSuspended: z.boolean() })
    .optional()
    .describe('written by UpdateAutoScalingGroup'),
  update: z.looseObject({ updateId: z.string() }).optional().describe('engine eks: what EKS was asked for'),
  error: z.looseObject({ Error: z.string(), Cause: z.string().optional() }),
});
export type FailureState = z.infer<typeof failureStateSchema>;

const count = z.int().min(0);

/** What recovery did. */
export const recoverySchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('nothingTouched') }),
  z.strictObject({ status: z.literal('lockLost') }),
  z.strictObject({ status: z.literal('groupGone') }),
  z.strictObject({
    status: z.literal('recovered'),
    cleanedNodes: count,
    outdatedNodes: count,
    renewedNodes: count,
    desiredCapacity: count,
    nodesInHand: count.optional().describe('nodes that their executions still work on'),
    cordonedNodes: count.optional().describe('blocked nodes that stay cordoned, as the input asks for'),
    putBack: z
      .strictObject({
        terminatedInstances: count,
        launchTemplateVersion: z.string().describe('what the group launches from again, as it states it'),
        isComplete: z.boolean().describe('nothing of the run is left on the group'),
      })
      .optional()
      .describe('no new node was healthy, so that the group was put back'),
    closedNodes: count.optional().describe('engine eks: outdated nodes that EKS has closed to new pods, and left so'),
    updateStatus: z.string().optional().describe('engine eks: status of the update, as EKS describes it'),
    failedNodes: z
      .array(z.string())
      .optional()
      .describe('engine eks: names of nodes, or ids of instances, in the errors of the update; at most 100'),
  }),
]);
export type Recovery = z.infer<typeof recoverySchema>;

/** Step Functions keeps 32,768 characters of a cause; this one is in the state as well, beside the error itself. */
const MOST_CAUSE_CHARACTERS = 10_000;

/** The sentence inside a Lambda error, which comes as JSON; any other cause as it is. */
export function sentenceOf(error: string, cause: string | undefined): string {
  if (cause === undefined || cause === '') {
    return error === 'States.Timeout' ? 'a step did not answer within its time' : `${error}, without a cause`;
  }
  try {
    const parsed = JSON.parse(cause) as { errorMessage?: unknown };
    const { errorMessage } = parsed;
    return typeof errorMessage === 'string' && errorMessage !== '' ? errorMessage : cause;
  } catch {
    return fromCut(cause);
  }
}

/** The sentence in JSON that was cut off behind it; any other cause as it is. */
function fromCut(cause: string): string {
  const [, escaped] = /^\{"errorType":"[^"]*","errorMessage":"((?:[^"\\]|\\.)*)/.exec(cause) ?? [];
  return escaped === undefined ? cause : escaped.replace(/\\(["\\/])/g, '$1').replace(/\\n/g, ' ');
}

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** What recovery has cleaned up and left. */
export type Recovered = Extract<Recovery, { status: 'recovered' }>;

/** What was put back of a run none of whose new nodes became healthy. */
function describePutBack(
  state: FailureState,
  { terminatedInstances, launchTemplateVersion, isComplete }: NonNullable<Recovered['putBack']>,
  { outdatedNodes, desiredCapacity }: Recovered,
): string {
  const terminated =
    terminatedInstances === 0
      ? ''
      : ` ${plural(terminatedInstances, 'new instance was', 'new instances were')} terminated,`;
  const stated = state.plan?.group?.launchTemplateVersion;
  const pinned =
    stated === '$Latest' && launchTemplateVersion !== stated
      ? ' It is pinned to that number now, because somebody has made a later version than the one it followed as $Latest.'
      : '';
  const sizes = isComplete ? 'the sizes are as before' : 'sizes were left as they are';
  return (
    `No new node was healthy, so the group was put back:${terminated} it launches from version ${launchTemplateVersion} again, ` +
    `${sizes} (desired ${desiredCapacity}), and ${plural(outdatedNodes, 'node is', 'nodes are')} as they were.${pinned} ` +
    'Start an execution again once the cause is mended.'
  );
}

/** What EKS has left or continues with, and how to continue: the run undoes nothing that EKS did. */
function aftermathOfUpdate(updateId: string | undefined, recovery: Recovered): string {
  if (updateId === undefined) return 'EKS was not asked for anything.';
  const { outdatedNodes, renewedNodes, desiredCapacity, closedNodes = 0, updateStatus } = recovery;
  const nodes = `${plural(renewedNodes, 'node is', 'nodes are')} on the target and Ready, ${plural(outdatedNodes, 'is', 'are')} outdated`;
  if (updateStatus === 'InProgress') {
    return (
      `EKS continues with update ${updateId}: an update of EKS cannot be stopped. So far ${nodes}. ` +
      'To follow it, start an execution with the same input: the update is found and followed.'
    );
  }
  if (updateStatus === undefined) {
    return (
      `EKS does not say how update ${updateId} stands: aws eks list-updates tells which there are. So far ${nodes}. ` +
      'To continue, start an execution with the same input: an update that is under way is found and followed.'
    );
  }
  const them = closedNodes === 1 ? 'it' : 'them';
  const closed =
    closedNodes === 0
      ? ''
      : ` ${plural(closedNodes, 'outdated node accepts', 'outdated nodes accept')} no new pods until the next update replaces ${them}. To use ${them} now, remove the taint eks.amazonaws.com/nodegroup or uncordon ${them}.`;
  return (
    `${nodes}: EKS does not roll nodes back.${closed} Sizes are as EKS left them (desired ${desiredCapacity}). ` +
    'To continue, start an execution with the same input: EKS does not replace renewed nodes again.'
  );
}

function aftermath(state: FailureState, recovery: Recovery): string {
  if (recovery.status === 'nothingTouched') return 'Nothing was changed.';
  if (recovery.status === 'lockLost') return 'The lock is held by another execution, so nothing was undone.';
  if (recovery.status === 'groupGone') {
    return 'The Auto Scaling group does not exist any more, so there is nothing to clean up or to continue.';
  }
  if (state.plan?.run.engine === 'eks') return aftermathOfUpdate(state.update?.updateId, recovery);
  const { outdatedNodes, renewedNodes, desiredCapacity, nodesInHand = 0, cordonedNodes = 0 } = recovery;
  if (recovery.putBack !== undefined) return describePutBack(state, recovery.putBack, recovery);
  const inHand =
    nodesInHand === 0
      ? ''
      : ` ${plural(nodesInHand, 'node is', 'nodes are')} still in hand: what was begun is finished, and the rest is cleaned up within minutes of it.`;
  const cordoned =
    cordonedNodes === 0
      ? ''
      : ` ${plural(cordonedNodes, 'blocked node stays', 'blocked nodes stay')} cordoned, as "blockedNodes" says, until the next run or \`cleanup\`.`;
  const usable = Math.max(0, outdatedNodes - nodesInHand - cordonedNodes);
  const previous = state.launchTemplate?.previousVersion;
  const back =
    previous === undefined ? '' : ` To go back, start one with {"target": {"launchTemplateVersion": "${previous}"}}.`;
  return (
    `${plural(renewedNodes, 'node is', 'nodes are')} on the target and Ready; ${plural(usable, 'outdated one is', 'outdated ones are')} usable again.${cordoned}${inHand} ` +
    `Sizes were left as they are (desired ${desiredCapacity}) for the next run. To continue, start an execution with the same input.${back}`
  );
}

/** Error and reason of the run: its own, or those of the execution that continued it and did not end by itself. */
function endOf({ Error: error, Cause: cause }: FailureState['error'], inner: FailedExecution | undefined) {
  if (inner?.Status === 'ABORTED') {
    const why = inner.Cause === undefined || inner.Cause === '' ? '' : ` (${inner.Cause})`;
    return { error: 'UpgradeCancelled', said: `the execution that continued this one was stopped${why}` };
  }
  if (inner?.Status === 'TIMED_OUT') {
    return { error: 'States.Timeout', said: 'the execution that continued this one exceeded its time limit' };
  }
  return { error, said: sentenceOf(error, cause) };
}

/** Put the original error and what was done about it into the words the execution ends with. */
export function describeFailure(
  state: FailureState,
  recovery: Recovery,
): { error: string; cause: string; recovery: Recovery } {
  const inner = failedExecutionIn(state.error);
  // A long cause cuts the status off.
  if (inner?.Error !== undefined && (inner.Status ?? 'FAILED') === 'FAILED') {
    // The execution that continued this one has cleaned up, and its cause says so.
    const cause = sentenceOf(inner.Error, inner.Cause).slice(0, MOST_CAUSE_CHARACTERS);
    return { error: inner.Error, cause, recovery };
  }
  const { error, said } = endOf(state.error, inner);
  const sentence = withoutFullStop(said);
  const ending = `${/[?!]$/.test(sentence) ? '' : '.'} ${aftermath(state, recovery)}`;
  // What is cut off is the end of a long list of pods, never how to go on.
  const cause = sentence.slice(0, MOST_CAUSE_CHARACTERS - ending.length) + ending;
  return { error, cause, recovery };
}
