import { continuationName } from '../../domain/admission/continuation.ts';
import { runIdOf } from '../../domain/admission/entry.ts';
import type { Plan, Upgrade, WorkflowRun } from '../../domain/state.ts';
import { createHistoryWriter } from './history-writer.ts';
import { EARLIER_RUN } from './synthetic-fleet.ts';
import type { SyntheticNode } from './synthetic-node-execution.ts';
import { ACCOUNT } from './synthetic-nodes.ts';
import type { SyntheticOptions } from './synthetic-options.ts';

type Writer = ReturnType<typeof createHistoryWriter>;

const STEP_SECONDS = 240;

/** ARN of an execution of the run. */
export const runArn = (name: string): string => `${ACCOUNT}:execution:upgrade-nodegroup:${name}`;

/** What a step of the conductor returned that lasted from one instant to another. */
function stepOutput(
  { nodes: total, waits = {} }: SyntheticOptions,
  { surge }: WorkflowRun,
  nodes: readonly SyntheticNode[],
  [from, until]: [from: number, until: number],
  status: Upgrade['status'],
): Upgrade {
  const isWithin = (at: number): boolean => at >= from && at < until;
  const ended = nodes.filter(({ endAt }) => endAt < until);
  const upgraded = ended.filter(({ fate }) => fate !== 'blocked' && fate !== 'dies');
  const decremented = upgraded.filter(({ entry }) => entry.decrement).length;
  const isOurs = ({ entry, startAt }: SyntheticNode): boolean =>
    entry.runId !== runIdOf(EARLIER_RUN) && isWithin(startAt);
  const isAdopted = ({ entry, endAt }: SyntheticNode): boolean => entry.runId === runIdOf(EARLIER_RUN) && endAt > from;
  return {
    status,
    waitSeconds: 0,
    ...(status === 'upgrading' ? waits : {}),
    started: nodes.filter(isOurs).map(({ name }) => name),
    adopted: nodes.filter(isAdopted).map(({ name }) => name),
    ended: nodes
      .filter(({ endAt }) => isWithin(endAt))
      .map(({ name, fate }) => ({
        execution: name,
        outcome: fate === 'slow' ? 'upgraded' : fate === 'dies' ? 'died' : fate,
      })),
    outdatedNodes: Math.max(0, total - upgraded.length),
    readyNodes: total + Math.max(0, surge - decremented),
    freeNodes: total,
    requiredNodes: total,
    inHand: nodes.filter(({ startAt, endAt }) => startAt < until && endAt >= until).length,
    leaving: 0,
    parked: 0,
    returns: 0,
    eventCount: 0,
    extraNodes: 0,
    warnings: [],
  };
}

function blockedCause({ nodes, hostileName }: SyntheticOptions, blocked: readonly SyntheticNode[]): string {
  const names = blocked.map(({ entry }) => entry.nodeName).join(', ');
  return `${blocked.length} of ${nodes} nodes could not be drained: ${names}. Pod shop/${hostileName ?? 'ledger-0'} (StatefulSet ledger) has blocked the drain for 15 minutes: PodDisruptionBudget shop/ledger allows 0 disruptions (2 of 3 pods Ready, 3 needed). To do: set maxUnavailable of shop/ledger to at least 1, or make its unready pods Ready.`;
}

function recover(writer: Writer, cause: string, cleanedNodes: number, nodes: number): void {
  const recovery = {
    status: 'recovered',
    cleanedNodes,
    outdatedNodes: cleanedNodes,
    totalNodes: nodes,
    desiredCapacity: nodes,
  };
  writer.task('RecoverFromFailure', { error: 'PodEvictionFailure', cause, recovery }, 3);
  writer.fail('UpgradeFailed', 'PodEvictionFailure', cause);
}

/** Write the end of a run whose conductor is done. */
function scaleDown(writer: Writer, nodes: number): void {
  writer.task('ScaleDown', { status: 'scalingDown', waitSeconds: 5, readyNodes: nodes });
  writer.step('Choice', 'IsScaledDown');
  writer.wait('WaitForScaleDown', 5);
  writer.task('ScaleDown', { status: 'done', readyNodes: nodes });
  writer.step('Choice', 'IsScaledDown');
  writer.task('CompleteUpgrade', { status: 'complete' }, 3);
  writer.succeed('UpgradeSucceeded', {});
}

/** What the conductor works on. Continuing a run adds to `continuations`. */
export interface Conducted {
  readonly options: SyntheticOptions;
  readonly plan: Plan & { readonly run: WorkflowRun };
  readonly nodes: readonly SyntheticNode[];
  readonly continuations: Writer[];
}

/** Write the last step of a run whose blocked nodes are left over, and the recovery. */
function giveUp(writer: Writer, { options, nodes }: Conducted, seconds: number): void {
  const blocked = nodes.filter(isLeft);
  const cause = blockedCause(options, blocked);
  writer.task('UpgradeNodes', undefined, 1, [{ error: 'PodEvictionFailure', message: cause, seconds }]);
  const [left, all] = [blocked.length, options.nodes];
  const ending = `${cause} ${all - left} of ${all} nodes are on the target; the ${left} outdated ones are usable again. Sizes were left as they are (desired ${all}) for the next run. To continue, start an execution with the same input. To go back, start one with {"target": {"launchTemplateVersion": "4"}}.`;
  recover(writer, ending, left, all);
}

const isLeft = ({ fate, entry }: SyntheticNode): boolean => fate === 'blocked' && entry.attempt === 2;

/** Write one step of the conductor and what follows it. @returns whether another step follows in the same execution */
function step(writer: Writer, name: string, conducted: Conducted, number: number): boolean {
  const { options, plan, nodes } = conducted;
  const endAt = Math.max(...nodes.map((node) => node.endAt)) + 1000;
  const from = writer.at();
  const until = Math.min(endAt, from + (options.stepSeconds ?? STEP_SECONDS) * 1000);
  const seconds = Math.max(1, (until - from) / 1000);
  const isLast = until >= endAt;
  if (isLast && nodes.some(isLeft)) {
    giveUp(writer, conducted, seconds);
    return false;
  }
  const continues = !isLast && number === options.continuesAfterSteps;
  const status = isLast ? 'done' : continues ? 'continue' : 'upgrading';
  const output = stepOutput(options, plan.run, nodes, [from, Math.max(until, from + 1000)], status);
  const continuation = continues ? { continuationName: continuationName(runArn(name)) } : {};
  writer.task('UpgradeNodes', { ...output, ...continuation }, seconds);
  writer.step('Choice', 'WhatNext');
  if (isLast) scaleDown(writer, options.nodes);
  else if (continues) continueIn(writer, name, conducted);
  else writer.wait('WaitForNodes', 0);
  return status === 'upgrading';
}

/** Write the conductor's steps and what follows them, in this execution and in those that continue it. */
export function conduct(writer: Writer, name: string, conducted: Conducted): void {
  for (let number = 1; step(writer, name, conducted, number); number += 1);
}

function continueIn(writer: Writer, name: string, conducted: Conducted): void {
  const continuation = continuationName(runArn(name));
  const end = writer.waitForExecution('ContinueUpgrade', () => {
    const next = createHistoryWriter({
      arn: runArn(continuation),
      name: continuation,
      startAt: writer.at(),
      input: {
        continued: { plan: conducted.plan },
        AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: runArn(name),
      },
    });
    conducted.continuations.push(next);
    next.step('Choice', 'IsContinued');
    next.task('TakeOver', { status: 'takenOver' });
    conduct(next, continuation, conducted);
    return next.finish();
  });
  if (end.status !== 'SUCCEEDED') {
    recover(writer, String(end.cause), 0, conducted.options.nodes);
    return;
  }
  writer.step('Pass', 'UpgradeContinued');
  writer.succeed('UpgradeSucceeded', {});
}
