import { boundedText } from '../text.ts';
import { type Entry, nodeExecutionName, VOID_SECONDS } from './entry.ts';
import type { GroupRecord, HeldEntry } from './record.ts';

/** A node execution that is about to work on its node. */
export interface LicenceClaim {
  readonly autoScalingGroupName: string;
  /** Name of the execution. */
  readonly execution: string;
  /** The node in its input. */
  readonly node: Entry;
  /** States of the entry that allow what it is about to do. */
  readonly states: readonly HeldEntry['state'][];
}

const isOf =
  (node: Entry) =>
  (entry: Entry): boolean =>
    entry.instanceId === node.instanceId && entry.attempt === node.attempt && entry.runId === node.runId;

/**
 * Say why an execution may not work on its node: the record has no entry for it in the right state, or is halted.
 *
 * The licence of an execution is its entry, so one that was started by hand, or again after it had ended, has none.
 *
 * @returns one sentence, or `undefined` for an execution that may
 */
export function refusalOfLicence(record: GroupRecord | undefined, claim: LicenceClaim): string | undefined {
  const { autoScalingGroupName, execution, node, states } = claim;
  if (record === undefined) return `There is no record of an upgrade of group ${autoScalingGroupName}.`;
  const { orders, accounts } = record;
  if (orders.halt !== undefined) return `The upgrade was stopped at once by an operator: ${boundedText(orders.halt)}`;
  if (accounts === undefined || accounts === 'unreadable') {
    return `The record of group ${autoScalingGroupName} has no accounts that can be read.`;
  }
  const entry = accounts.entries.find(isOf(node));
  if (entry === undefined || execution !== nodeExecutionName(autoScalingGroupName, entry)) {
    return `The record has no entry for execution ${execution} and instance ${node.instanceId}: only the conductor of a run starts such executions.`;
  }
  if (!states.includes(entry.state)) {
    return `Instance ${node.instanceId} is being terminated already.`;
  }
  return undefined;
}

/**
 * Say why a drain may not begin any more.
 *
 * @param hasBegun the Node says that this execution has begun already
 */
export function refusalOfLateBegin(
  { instanceId, admittedAt }: Pick<Entry, 'instanceId' | 'admittedAt'>,
  { hasBegun, nowAt }: { hasBegun: boolean; nowAt: string },
): string | undefined {
  const isLate = Date.parse(nowAt) > Date.parse(admittedAt) + VOID_SECONDS * 1000;
  return isLate && !hasBegun
    ? `Instance ${instanceId} was taken at ${admittedAt}, and its drain must begin within ${VOID_SECONDS / 60} minutes.`
    : undefined;
}
