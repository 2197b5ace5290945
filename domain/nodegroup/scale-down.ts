import { spareSurge } from '../admission/decrements.ts';
import { type Observation, outdatedMembers, stayingMembers } from '../admission/observation.ts';
import type { Accounts, HeldEntry } from '../admission/record.ts';
import type { Sizes, WorkflowRun } from '../state.ts';

/** What the end of an upgrade still waits for. */
export type ScaleDownAction =
  /** Something is left for the conductor. */
  | { readonly kind: 'return'; readonly reason: string }
  /** Lower the maximum by one. */
  | { readonly kind: 'lowerMaximum' }
  /** The last replacements are still booting. */
  | { readonly kind: 'awaitReady'; readonly missing: number }
  /** The last terminated instances are still shutting down. */
  | { readonly kind: 'awaitTerminated' }
  | { readonly kind: 'done' };

/**
 * How long the run waits for the last instances to shut down, seconds. Twice the 300 s for which a load balancer lets connections
 * finish by default; a lifecycle hook may delay an instance for hours, for which the upgrade does not wait.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
 */
const TERMINATION_PATIENCE_SECONDS = 600;

/** Why the conductor must go on, if it must. */
function whatIsLeft(facts: {
  run: WorkflowRun;
  accounts: Accounts;
  seen: Observation;
  launchesTarget: boolean;
}): string | undefined {
  const { run, accounts, seen, launchesTarget } = facts;
  if (!launchesTarget) return 'the group launches from another template version';
  const outdated = outdatedMembers(seen, accounts, run).length;
  if (outdated > 0) return `${outdated} outdated`;
  if (accounts.entries.some(({ state }) => state === 'inHand')) return 'nodes in hand';
  const spare = spareSurge(seen, accounts);
  return spare > 0 ? `${spare} of the surge` : undefined;
}

/**
 * Decide what the end of an upgrade waits for: everything that a success promises.
 *
 * Desired capacity is not changed here: it has come back with the decrements of the last nodes. The maximum follows, one by
 * one, never below desired. An instance that takes long to shut down is waited for within limits.
 *
 * @param maximumSurplus what is left of what this run added to the maximum
 */
export function decideScaleDown(facts: {
  run: WorkflowRun;
  accounts: Accounts;
  seen: Observation;
  launchesTarget: boolean;
  maximumSurplus: number;
  nowAt: string;
}): ScaleDownAction {
  const { accounts, seen, maximumSurplus, nowAt } = facts;
  const reason = whatIsLeft(facts);
  if (reason !== undefined) return { kind: 'return', reason };
  if (maximumSurplus > 0 && seen.sizes.maxSize > seen.sizes.desiredCapacity) return { kind: 'lowerMaximum' };
  const ready = stayingMembers(seen, accounts).filter(({ isReady }) => isReady).length;
  const missing = seen.sizes.desiredCapacity - ready;
  if (missing > 0) return { kind: 'awaitReady', missing };
  const isAwaited = remainingEntries(accounts, seen).some((entry) => !isLate(entry, nowAt));
  return isAwaited ? { kind: 'awaitTerminated' } : { kind: 'done' };
}

/**
 * Entries whose instance is still in the group. No node is taken any more, so an old answer, which can only show what is gone
 * as still there, does no harm.
 */
export const remainingEntries = ({ entries }: Accounts, { members }: Observation): HeldEntry[] =>
  entries.filter((entry) => members.some(({ instanceId }) => instanceId === entry.instanceId));

const isLate = ({ since }: HeldEntry, nowAt: string): boolean =>
  Date.parse(nowAt) - Date.parse(since) >= TERMINATION_PATIENCE_SECONDS * 1000;

const MOST_INSTANCES_NAMED = 10;

/** Warn of terminated instances that have not left the group; no warning when there are none. */
export function warnOfTerminating(terminating: readonly string[]): string[] {
  if (terminating.length === 0) return [];
  const more = terminating.length - MOST_INSTANCES_NAMED;
  const names = [...terminating.slice(0, MOST_INSTANCES_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return [
    `drained, but still terminating after ${TERMINATION_PATIENCE_SECONDS} s: ${names}; check the group's lifecycle hooks and load balancers`,
  ];
}

/**
 * Tell what others have made of the desired capacity during the run: once nothing of our own is under way, all of the difference
 * is theirs.
 */
export function warnOfChange(
  { originalSizes }: Pick<WorkflowRun, 'originalSizes'>,
  { desiredCapacity }: Sizes,
): string[] {
  const change = desiredCapacity - originalSizes.desiredCapacity;
  if (change === 0) return [];
  const by = `${change > 0 ? '+' : ''}${change}`;
  return [`somebody else changed the desired capacity by ${by} during the run: their change is kept`];
}
