import { giveOrders } from '../../operations/lease/give-orders.ts';
import { EXIT_CODES, notNow } from '../failure.ts';
import { type Command, INVOCATION } from './command.ts';
import { findSteeredRun, notHeld, printOutcome, RUN, reasonOf, throwIfEnded } from './steered-run.ts';

export const REASON = {
  type: 'string',
  value: 'TEXT',
  description: 'why, for the status and the report; default: the name of the user',
} as const;

export const pause: Command = {
  name: 'pause',
  summary: 'let an upgrade take no further node; nodes in hand are finished',
  operand: RUN,
  options: { reason: REASON },
  details:
    'It writes an annotation on the Lease of the group, with your own rights in the cluster. The run follows it within a minute. An update by EKS cannot be paused.',
  examples: ['pause --reason "incident 4711"', 'pause workers-20260120-101500-by-ana-3f2a'],
  async run(context) {
    const run = await findSteeredRun(context);
    const { name, executionArn, clusterName, autoScalingGroupName, engine, deps } = run;
    throwIfEnded(run, 'pause');
    if (engine === 'eks') throw notNow(`${name} is an update by EKS, which cannot be paused`);
    const reason = reasonOf(context, 'paused');
    const cluster = await deps.cluster(clusterName);
    const record = await giveOrders(cluster, autoScalingGroupName, executionArn, { pause: reason });
    if (record === 'notHeld') throw notHeld(run);
    const sentence = `Paused ${name}: it takes no further node within a minute from now; nodes in hand are finished. Go on with: ${INVOCATION} resume ${name}`;
    printOutcome(context, sentence, { executionArn, status: 'paused', reason: record.orders.pause });
    return EXIT_CODES.success;
  },
};
