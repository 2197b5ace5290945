import { executionName } from '../../domain/cluster/execution-name.ts';
import type { UpgradeHistory } from '../../report/read/history.ts';
import { createHistoryWriter } from './history-writer.ts';
import { conduct, runArn } from './synthetic-conductor.ts';
import { runNodes } from './synthetic-fleet.ts';
import type { SyntheticNode } from './synthetic-node-execution.ts';
import { factsOf, START } from './synthetic-nodes.ts';
import type { SyntheticOptions } from './synthetic-options.ts';
import { planFor } from './synthetic-plan.ts';

export type { SyntheticOptions } from './synthetic-options.ts';

type Writer = ReturnType<typeof createHistoryWriter>;

/** Write everything up to the upgrade of the first node. */
function begin(writer: Writer, { nodes }: SyntheticOptions, surge: number): void {
  writer.task('AcquireLock', { status: 'acquired' });
  writer.step('Choice', 'WhichEngine');
  writer.task('CreateLaunchTemplateVersion', { launchTemplateVersion: '5' });
  writer.task('UpdateAutoScalingGroup', { status: 'updated' });
  writer.step('Choice', 'IsSurgeWanted');
  writer.task('ScaleUp', { status: 'scaled' });
  for (const newReadyNodes of [0, 0, Math.ceil(surge / 2), surge]) {
    const status = newReadyNodes === surge ? 'ready' : 'waiting';
    writer.task('CheckNewNodes', { status, newReadyNodes, readyNodes: nodes + newReadyNodes }, 24);
    writer.step('Choice', 'AreNewNodesReady');
    if (status === 'waiting') writer.wait('WaitForNewNodes', 5);
  }
  writer.task('TaintOutdatedNodes', { tainted: nodes }, 3);
  writer.step('Pass', 'BeginUpgrade');
}

/** Histories of a made-up run, as Step Functions would have written them; the same for the same options. */
export function syntheticRun(options: SyntheticOptions): UpgradeHistory {
  const facts = Array.from({ length: options.nodes }, (_, index) => factsOf(index));
  const firstName = executionName('shop-workers', new Date(START).toISOString(), 'ana', '3f2a');
  const plan = planFor(options, facts, runArn(firstName));
  const input = {
    clusterName: 'shop-production',
    autoScalingGroupName: 'shop-workers',
    updateConfig: { maxUnavailablePercentage: 10 },
  };
  const first = createHistoryWriter({ arn: runArn(firstName), name: firstName, startAt: START, input });
  const continuations: Writer[] = [];
  let nodes: SyntheticNode[] = [];
  const untilAt = START + (options.observedAfterSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const finish = (writers: readonly Writer[]) =>
    writers.map((writer) => writer.finish(untilAt)).filter(({ history }) => history.length > 0);
  const seen = (): UpgradeHistory => ({
    ...first.finish(untilAt),
    ...(continuations.length === 0 ? {} : { continuations: finish(continuations) }),
    children: finish(nodes.map(({ execution }) => execution)),
  });

  first.step('Choice', 'IsContinued');
  first.task('PlanUpgrade', plan, 4);
  first.step('Choice', 'IsDryRun');
  if (options.isDryRun === true) {
    first.succeed('PlanReported', { plan });
    return seen();
  }
  begin(first, options, plan.run.surge);
  nodes = runNodes(options, plan.run, first.at());
  conduct(first, firstName, { options, plan, nodes, continuations });
  return seen();
}
