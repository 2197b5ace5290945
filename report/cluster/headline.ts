import { plural } from '../../domain/text.ts';
import { duration } from '../model/text.ts';
import type { ClusterReport, GroupOutcome } from './model.ts';

type Facts = Pick<ClusterReport, 'status' | 'plan' | 'nodegroups' | 'failure' | 'durationSeconds'>;

const count = ({ nodegroups }: Pick<Facts, 'nodegroups'>, ...outcomes: GroupOutcome[]): number =>
  nodegroups.filter(({ outcome }) => outcomes.includes(outcome)).length;

/** The result of the run of a cluster in one sentence, or its progress. */
export function clusterHeadline(facts: Facts): string {
  const { status, plan, nodegroups, failure, durationSeconds } = facts;
  const of = plan?.clusterName === undefined ? '' : ` of ${plan.clusterName}`;
  const upgraded = count(facts, 'upgraded');
  const toUpgrade = nodegroups.length - count(facts, 'onTarget');
  const progress = `${upgraded} of ${plural(toUpgrade, 'outdated node group')}${of} upgraded`;
  if (status === 'SUCCEEDED') {
    if ((plan?.isDryRun || plan?.isNothingToDo) && plan.summary !== undefined) return plan.summary;
    const nodes = nodegroups.reduce((sum, group) => sum + group.nodes.upgraded, 0);
    return `${plural(upgraded, 'node group')}${of} upgraded in ${duration(durationSeconds)}, ${plural(nodes, 'node')}`;
  }
  if (status === 'RUNNING')
    return nodegroups.length === 0 ? 'Planning the upgrade of the cluster' : `${progress} so far`;
  const verb = { FAILED: 'failed', ABORTED: 'was aborted', TIMED_OUT: 'timed out' }[status];
  const name = status === 'FAILED' && failure !== undefined ? ` with ${failure.error}` : '';
  const start = `Upgrade of the cluster ${verb}${name}`;
  return nodegroups.length === 0 ? start : `${start}: ${progress}`;
}

/** What to do next, where the cause does not say it. */
export function clusterAdvice({ status, plan }: Facts): string[] {
  if (status !== 'ABORTED' && status !== 'TIMED_OUT') return [];
  if (plan === undefined) return ['Nothing was changed. Start it again.'];
  return [
    'The executions of groups in progress were stopped with it. The next run of each of these groups cleans up first.',
    'Start it again with the same input: groups on the target are left alone.',
  ];
}
