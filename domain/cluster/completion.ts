import { plural, truncate } from '../text.ts';
import {
  type ClusterCompletion,
  type NodegroupEnd,
  type NodegroupPlan,
  type NodegroupResult,
  nodegroupEndSchema,
} from './cluster.ts';
import { type ClusterProgress, hasFailed, resultsOf, withShortReasons } from './selection.ts';

function endOf(group: NodegroupPlan, results: readonly NodegroupResult[]): NodegroupEnd {
  const { name, status, error, reason } = group;
  if (status === 'onTarget') return { name, outcome: 'onTarget' };
  if (status === 'refused') return { name, outcome: 'refused', ...(error && { error }), ...(reason && { reason }) };
  const result = results.find((each) => each.name === name);
  if (result === undefined) return { name, outcome: 'notStarted', reason: 'a group before it failed' };
  const { executionArn } = result;
  const ended = { name, ...(executionArn !== undefined && { executionArn }) };
  if (!hasFailed(result)) {
    return { ...ended, outcome: result.planStatus === 'nothingToDo' ? 'onTarget' : 'upgraded' };
  }
  return {
    ...ended,
    outcome: 'failed',
    error: result.error ?? 'States.TaskFailed',
    ...(result.reason !== undefined && { reason: result.reason }),
  };
}

const NAMES: Readonly<Record<NodegroupEnd['outcome'], string>> = {
  upgraded: 'upgraded',
  onTarget: 'on the target already',
  failed: 'failed',
  refused: 'refused',
  notStarted: 'not started',
};

/** How many groups ended in which way, e.g. `2 upgraded, 1 failed`. */
const tally = (ends: readonly NodegroupEnd[]): string =>
  nodegroupEndSchema.shape.outcome.options
    .map((outcome) => ({ outcome, groups: ends.filter((end) => end.outcome === outcome).length }))
    .filter(({ groups }) => groups > 0)
    .map(({ outcome, groups }) => `${groups} ${NAMES[outcome]}`)
    .join(', ');

/** Step Functions keeps 32,768 characters of a cause; the state has less room. */
const MOST_CAUSE_CHARACTERS = 12_000;
/** Only the reason of the first failure is given in full: each group has an execution of its own. */
const MOST_FURTHER_CHARACTERS = 200;

/** One group's end in the cause, without the full stop. */
function sentenceOf({ name, outcome, error, reason }: NodegroupEnd, isFirst: boolean): string {
  const sentence =
    reason === undefined ? '' : (isFirst ? reason : truncate(reason, MOST_FURTHER_CHARACTERS)).replace(/[.…\s]+$/, '');
  const why = [error, sentence].filter((part) => part !== undefined && part !== '').join(': ');
  return `${name}: ${NAMES[outcome]}${why === '' ? '' : ` (${why})`}`;
}

/**
 * Summarise how the run of a cluster ended: every group of its plan with its end and, for a run that did not upgrade all of
 * them, the error of the first that failed.
 */
export function completeCluster({ plan, selection }: ClusterProgress): ClusterCompletion {
  const results = resultsOf(selection);
  const nodegroups = withShortReasons(plan.groups.map((group) => endOf(group, results)));
  const failures = nodegroups.filter(({ outcome }) => outcome === 'failed' || outcome === 'refused');
  // In the order in which they happened: a group before it in the plan may have failed later, or been refused at the start.
  const first =
    results.filter(hasFailed).map(({ name }) => failures.find((end) => end.name === name))[0] ?? failures[0];
  const groups = plural(nodegroups.length, 'node group');
  const summary = `${groups} of ${plan.run.clusterName}: ${tally(nodegroups)}`;
  if (first === undefined) return { status: 'succeeded', summary, nodegroups };
  const others = nodegroups.filter((end) => end !== first);
  const sentences = [sentenceOf(first, true), ...others.map((end) => sentenceOf(end, false))].join('. ');
  const ending = ' To continue, start an execution with the same input: groups on the target are left alone.';
  return {
    status: 'failed',
    summary,
    nodegroups,
    error: first.error ?? 'States.TaskFailed',
    cause: `${truncate(`${summary}. ${sentences}`, MOST_CAUSE_CHARACTERS - ending.length - 1)}.${ending}`,
  };
}
