import { executionName } from '../../domain/cluster/execution-name.ts';
import type { ExecutionHistory, UpgradeHistory } from '../../report/read/history.ts';
import { createHistoryWriter } from './history-writer.ts';
import { type Child, runChild, type SyntheticOptions } from './synthetic-child.ts';
import { ACCOUNT, factsOf, type NodeFacts, START } from './synthetic-nodes.ts';
import { planFor } from './synthetic-plan.ts';

export type { SyntheticOptions } from './synthetic-child.ts';

/** Histories of a made-up run, as Step Functions would have written them; the same for the same options. */
export function syntheticRun(options: SyntheticOptions): UpgradeHistory {
  const nodes = Array.from({ length: options.nodes }, (_, index) => factsOf(index));
  const name = executionName('shop-workers', new Date(START).toISOString(), 'ana', '3f2a');
  const arn = `${ACCOUNT}:execution:upgrade-nodegroup:${name}`;
  const plan = planFor(options, nodes, arn);
  const input = {
    clusterName: 'shop-production',
    autoScalingGroupName: 'shop-workers',
    updateConfig: { maxUnavailablePercentage: 10 },
  };
  const parent = createHistoryWriter({ arn, name, startAt: START, input });
  const children: Child[] = [];
  const untilAt = START + (options.observedAfterSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const seen = (): UpgradeHistory => ({
    ...parent.finish(untilAt),
    children: children
      .map(({ execution }) => execution.finish(untilAt))
      .filter(({ history }): boolean => history.length > 0) as ExecutionHistory[],
  });

  parent.task('PlanUpgrade', plan, 4);
  parent.step('Choice', 'IsDryRun');
  if (options.isDryRun === true) {
    parent.succeed('PlanReported', { plan });
    return seen();
  }
  parent.task('AcquireLock', { status: 'acquired' });
  parent.task('CreateLaunchTemplateVersion', { launchTemplateVersion: '5' });
  parent.task('UpdateAutoScalingGroup', { status: 'updated' });
  parent.step('Choice', 'IsSurgeWanted');
  parent.task('ScaleUp', { status: 'scaled' });
  const surge = plan.run.surge;
  for (const newReadyNodes of [0, 0, Math.ceil(surge / 2), surge]) {
    const status = newReadyNodes === surge ? 'ready' : 'waiting';
    parent.task('CheckNewNodes', { status, newReadyNodes, readyNodes: options.nodes + newReadyNodes }, 24);
    parent.step('Choice', 'AreNewNodesReady');
    if (status === 'waiting') parent.wait('WaitForNewNodes', 5);
  }
  parent.task('TaintOutdatedNodes', { tainted: options.nodes }, 3);
  parent.step('Pass', 'BeginWaves');

  let remaining = nodes;
  const parked: string[] = [];
  for (let number = 1; remaining.length > 0 && number <= 2; number += 1) {
    const wave = remaining.map(({ instanceId, nodeName, zone }, position) => ({
      instanceId,
      nodeName,
      zone,
      absorb: position >= remaining.length - surge,
      attempt: number,
    }));
    parent.task('SelectNodes', {
      status: 'selected',
      number,
      nodes: wave,
      outdatedCount: remaining.length,
      readyNodes: options.nodes + surge,
      parked,
      canary: 'passed',
      results: [],
    });
    parent.step('Choice', 'IsAnyNodeOutdated');
    const blocked: NodeFacts[] = [];
    parent.map('UpgradeNodes', `${ACCOUNT}:mapRun:upgrade-nodegroup/node:${number}`, () => {
      const slots = Array.from({ length: options.parallelism }, () => parent.at() + 1000);
      remaining.forEach((node, position) => {
        const slot = slots.indexOf(Math.min(...slots));
        const left = remaining.length - position;
        const ready = options.nodes + Math.min(surge, left) + (position % 3 === 2 ? 0 : -Math.min(1, position % 3));
        const child = runChild(options, node, (slots[slot] ?? 0) + 300, number, wave[position]?.absorb === true, ready);
        slots[slot] = child.endAt;
        children.push(child);
        if (child.fate === 'blocked') blocked.push(node);
      });
      return Math.max(...slots);
    });
    parked.push(...blocked.map(({ instanceId }) => instanceId));
    remaining = blocked;
  }
  if (remaining.length > 0) {
    const cause = `${remaining.length} of ${options.nodes} nodes could not be drained: ${remaining.map(({ nodeName }) => nodeName).join(', ')}. Pod shop/${options.hostileName ?? 'ledger-0'} (StatefulSet ledger) has blocked the drain for 15 minutes: PodDisruptionBudget shop/ledger allows 0 disruptions (2 of 3 pods Ready, 3 needed). To do: set maxUnavailable of shop/ledger to at least 1, or make its unready pods Ready.`;
    parent.task('SelectNodes', undefined, 1, [{ error: 'PodEvictionFailure', message: cause }]);
    const { length: left } = remaining;
    const ending = `${cause} ${options.nodes - left} of ${options.nodes} nodes are on the target; the ${left} outdated ones are usable again. Sizes were left as they are (desired ${options.nodes}) for the next run. To continue, start an execution with the same input. To go back, start one with {"target": {"launchTemplateVersion": "4"}}.`;
    const recovery = {
      status: 'recovered',
      cleanedNodes: left,
      outdatedNodes: left,
      totalNodes: options.nodes,
      desiredCapacity: options.nodes,
    };
    parent.task('RecoverFromFailure', { error: 'PodEvictionFailure', cause: ending, recovery }, 3);
    parent.fail('UpgradeFailed', 'PodEvictionFailure', ending);
    return seen();
  }
  parent.task('SelectNodes', {
    status: 'done',
    number: 2,
    nodes: [],
    outdatedCount: 0,
    readyNodes: options.nodes,
    parked,
    canary: 'passed',
    results: [],
  });
  parent.step('Choice', 'IsAnyNodeOutdated');
  parent.task('ScaleDown', { status: 'working', waitSeconds: 5, readyNodes: options.nodes });
  parent.step('Choice', 'IsScaledDown');
  parent.wait('WaitForScaleDown', 5);
  parent.task('ScaleDown', { status: 'done', readyNodes: options.nodes });
  parent.step('Choice', 'IsScaledDown');
  parent.task('CompleteUpgrade', { status: 'complete' }, 3);
  parent.succeed('UpgradeSucceeded', {});
  return seen();
}
