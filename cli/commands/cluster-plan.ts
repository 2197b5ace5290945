import { type ClusterPlan, clusterPlanSchema, type NodegroupPlan } from '../../domain/cluster/cluster.ts';
import { describeBlockingPod } from '../../domain/drain/blocking-sentences.ts';
import { sentenceOf } from '../../domain/nodegroup/failure.ts';
import { plural } from '../../domain/text.ts';
import { duration } from '../../report/model/text.ts';
import { planIn } from '../../report/read/plan.ts';
import { columns } from '../display/cells.ts';
import { EXIT_CODES } from '../failure.ts';
import type { CommandContext } from './command.ts';

const POLL_SECONDS = 1;

const STATES: Readonly<Record<NodegroupPlan['status'], string>> = {
  outdated: 'outdated',
  onTarget: 'on target',
  refused: 'refused',
};

const rowOf = ({
  name,
  engine,
  status,
  nodes,
  currentAmiId,
  target,
  blockingPodCount,
  durationSeconds,
}: NodegroupPlan) => [
  name,
  engine,
  STATES[status],
  status === 'refused' ? `${nodes.total}` : `${nodes.outdated} of ${nodes.total}`,
  currentAmiId ?? '-',
  target === undefined ? '-' : (target.releaseVersion ?? target.amiId),
  status === 'outdated' ? duration(durationSeconds) : '-',
  status === 'outdated' ? String(blockingPodCount) : '-',
];

const listed = (title: string, sentences: readonly string[]): string[] =>
  sentences.length === 0 ? [] : ['', title, ...sentences.map((sentence) => `  - ${sentence}`)];

/** The plan of a cluster for people, in lines. */
function clusterPlanText({ summary, groups, outOfScope, durationSeconds, warnings, run }: ClusterPlan): string[] {
  const heading = ['GROUP', 'ENGINE', 'STATE', 'OUTDATED', 'FROM', 'TO', 'TAKES', 'BLOCKING PODS'];
  const takes = `${duration(durationSeconds)} in all, ${plural(run.maxParallelNodegroups, 'group')} at a time; after a group that fails: ${run.onNodegroupFailure}`;
  const blockingPods = groups.flatMap(({ name, blockingPods: pods }) =>
    pods.map((pod) => `${name}: ${describeBlockingPod(pod, run.startedAt)}`),
  );
  const unnamed = groups.reduce((sum, { blockingPodCount }) => sum + blockingPodCount, 0) - blockingPods.length;
  return [
    summary,
    ...(groups.length === 0 ? [] : ['', ...columns([heading, ...groups.map(rowOf)])]),
    ...(durationSeconds === 0 ? [] : ['', takes]),
    ...listed(
      'refused',
      groups.flatMap(({ name, error, reason }) => (error === undefined ? [] : [`${name}: ${error}: ${reason}`])),
    ),
    ...listed(
      'would block a drain',
      unnamed > 0 ? [...blockingPods, `and ${unnamed} more, which the plan of each group names`] : blockingPods,
    ),
    ...listed('warnings', [
      ...warnings,
      ...groups.flatMap(({ name, warnings: own }) => own.map((warning) => `${name}: ${warning}`)),
    ]),
    ...listed(
      'out of scope',
      outOfScope.map(({ name, nodes, reason }) => `${name} (${plural(nodes, 'node')}): ${reason}`),
    ),
  ];
}

/** Wait for the dry run of a cluster and print its plan. @returns the exit code */
export async function printClusterPlan(context: CommandContext, executionArn: string): Promise<number> {
  const { options, stdout, stderr, signal } = context;
  const executions = await context.executions();
  let run = await executions.describe(executionArn);
  while (run.status === 'RUNNING') {
    await context.sleep(POLL_SECONDS);
    if (signal.aborted) return EXIT_CODES.interrupted;
    run = await executions.describe(executionArn);
  }
  const parsed = clusterPlanSchema.safeParse(planIn(run.output));
  if (run.status !== 'SUCCEEDED' || !parsed.success) {
    const { error = run.status ?? 'States.Runtime', cause } = run;
    stderr.write(`${error}: ${sentenceOf(error, cause ?? 'the execution has no plan')}\n`);
    return error === 'InvalidInput' ? EXIT_CODES.usage : EXIT_CODES.upgradeFailed;
  }
  const lines = options.flag('json') ? [JSON.stringify(parsed.data, null, 2)] : clusterPlanText(parsed.data);
  stdout.write(`${lines.join('\n')}\n`);
  return EXIT_CODES.success;
}
