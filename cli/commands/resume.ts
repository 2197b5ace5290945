import { giveOrders } from '../../operations/lease/give-orders.ts';
import { findRecord } from '../../operations/lease/record.ts';
import { EXIT_CODES, notNow } from '../failure.ts';
import type { Command } from './command.ts';
import { findSteeredRun, notHeld, printOutcome, RUN, throwIfEnded } from './steered-run.ts';

export const resume: Command = {
  name: 'resume',
  summary: 'let a paused upgrade go on',
  operand: RUN,
  options: {},
  details:
    'A paused run with nothing in hand reads its orders every minute in the first hour of the pause, later a minute more rarely for each hour, up to every 26 minutes: so long it may take until it goes on.',
  examples: ['resume', 'resume workers-20260120-101500-by-ana-3f2a'],
  async run(context) {
    const run = await findSteeredRun(context);
    const { name, executionArn, clusterName, autoScalingGroupName, deps } = run;
    throwIfEnded(run, 'resume');
    const cluster = await deps.cluster(clusterName);
    const before = await findRecord(cluster, autoScalingGroupName);
    if (before?.holder !== executionArn) throw notHeld(run);
    if (before.orders.pause === undefined) throw notNow(`${name} is not paused`);
    const record = await giveOrders(cluster, autoScalingGroupName, executionArn, { pause: null });
    if (record === 'notHeld') throw notHeld(run);
    printOutcome(context, `Resumed ${name}, which was paused: ${before.orders.pause}`, {
      executionArn,
      status: 'resumed',
      reason: before.orders.pause,
    });
    return EXIT_CODES.success;
  },
};
