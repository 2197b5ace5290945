import { plural } from '../../domain/text.ts';
import { stopNodeExecutions } from '../../operations/clean-up/stop-node-executions.ts';
import { tidyGroup } from '../../operations/clean-up/tidy-group.ts';
import { giveOrders } from '../../operations/lease/give-orders.ts';
import { findRecord } from '../../operations/lease/record.ts';
import { CliFailure, EXIT_CODES } from '../failure.ts';
import type { Command, CommandContext } from './command.ts';
import { REASON } from './pause.ts';
import { findSteeredRun, notHeld, printOutcome, RUN, reasonOf, type SteeredRun, throwIfEnded } from './steered-run.ts';

const POLL_SECONDS = 5;
/** A conductor's step takes at most 15 minutes, and the recovery follows it. */
const MOST_POLLS = 360;

/** Ask a run to end in good order. */
async function cancelOrderly(context: CommandContext, run: SteeredRun): Promise<number> {
  const { name, executionArn, clusterName, autoScalingGroupName, engine, deps } = run;
  throwIfEnded(run, 'cancel');
  const cluster = await deps.cluster(clusterName);
  const cancel = reasonOf(context, 'cancelled');
  const record = await giveOrders(cluster, autoScalingGroupName, executionArn, { cancel });
  if (record === 'notHeld') throw notHeld(run);
  const then =
    engine === 'eks'
      ? 'the run ends within a minute; the update by EKS cannot be cancelled, and continues'
      : 'nodes in hand are finished, then it cleans up and ends';
  printOutcome(context, `Cancelled ${name}: ${then}`, {
    executionArn,
    status: 'cancelling',
    reason: record.orders.cancel,
  });
  return EXIT_CODES.success;
}

/** Stop the executions of nodes again and again until the run has ended: its conductor may start one more. */
async function stopUntilEnded(
  context: CommandContext,
  run: SteeredRun,
  cause: string,
): Promise<Set<string> | 'interrupted'> {
  const { executionArn, clusterName, autoScalingGroupName, deps } = run;
  const cluster = await deps.cluster(clusterName);
  const executions = await context.executions();
  const stopped = new Set<string>();
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    const record = await findRecord(cluster, autoScalingGroupName);
    for (const name of await stopNodeExecutions(deps, autoScalingGroupName, record, cause)) stopped.add(name);
    if ((await executions.describe(executionArn)).status !== 'RUNNING') return stopped;
    await context.sleep(POLL_SECONDS);
    if (context.signal.aborted) return 'interrupted';
  }
  throw new CliFailure(
    `${run.name} is halted, but has not ended after half an hour: see its history`,
    EXIT_CODES.upgradeFailed,
  );
}

/** Stop everything now: nothing may begin or be terminated any more, then the run cleans up, or we do. */
async function cancelNow(context: CommandContext, run: SteeredRun): Promise<number> {
  const { name, executionArn, status, clusterName, autoScalingGroupName, deps } = run;
  const cluster = await deps.cluster(clusterName);
  const cause = reasonOf(context, 'cancelled');
  const record = await giveOrders(cluster, autoScalingGroupName, executionArn, { halt: cause, cancel: cause });
  if (record === 'notHeld' && status === 'RUNNING') throw notHeld(run);
  const stopped = await stopUntilEnded(context, run, cause);
  if (stopped === 'interrupted') return EXIT_CODES.interrupted;
  // A run that ended by itself has done this; one that was stopped before has not.
  const tidied = await tidyGroup(deps, {
    clusterName,
    autoScalingGroupName,
    ownArn: executionArn,
    endedArn: executionArn,
  });
  const sentence = `Cancelled ${name}: ${plural(stopped.size, 'node execution')} stopped, nodes and group are cleaned up`;
  printOutcome(context, sentence, { executionArn, status: 'cancelled', stopped: [...stopped], cleanUp: tidied.status });
  return EXIT_CODES.success;
}

export const cancel: Command = {
  name: 'cancel',
  summary: 'end an upgrade: in good order, or at once',
  operand: RUN,
  options: {
    now: {
      type: 'boolean',
      description: 'stop drains under way as well, wait until the run has ended, and clean up after it if it cannot',
    },
    reason: REASON,
  },
  details:
    'Without --now, nodes in hand are finished first. Either way nodes that are left become usable again, sizes stay as they are for the next run, and the run ends with UpgradeCancelled.',
  examples: ['cancel --reason "incident 4711"', 'cancel --now'],
  async run(context) {
    const run = await findSteeredRun(context);
    if (context.options.flag('now')) return cancelNow(context, run);
    return cancelOrderly(context, run);
  },
};
