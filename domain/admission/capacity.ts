import { isKeptFree } from '../nodegroup/node-ownership.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { WorkflowRun } from '../state.ts';
import { type Observation, stayingMembers } from './observation.ts';
import type { Accounts } from './record.ts';

/** True for a node that pods can use: Ready, and not kept free for the end. */
export const isCapacity = ({ isReady, node }: GroupNode): boolean => isReady && node !== undefined && !isKeptFree(node);

/** How many nodes there are to work with. */
export interface Capacity {
  /** Ready nodes that nobody has taken. */
  readonly free: number;
  /** How many of them must be left. */
  readonly floor: number;
  /** Ready nodes, those in hand included. */
  readonly ready: number;
}

/**
 * Count the capacity.
 *
 * A member beyond the desired capacity is doomed: the Auto Scaling group is about to terminate one, nobody knows which. What
 * was sent away counts as gone from that moment, whatever an old answer says. The floor is the desired capacity without our
 * surge, but never more than was Ready at the start and what has arrived since beyond the surge, which would wait for ever.
 */
export function capacityOf(seen: Observation, accounts: Accounts, run: WorkflowRun): Capacity {
  const { entries, wish, memory } = accounts;
  const staying = stayingMembers(seen, accounts);
  const taken = new Set(entries.map(({ instanceId }) => instanceId));
  const ready = staying.filter(isCapacity);
  const doomed = Math.max(0, staying.length - seen.sizes.desiredCapacity);
  const free = Math.max(0, ready.filter(({ instanceId }) => !taken.has(instanceId)).length - doomed);
  const reachable = Math.max(memory.readyAtStart, memory.mostReady - memory.mostSurge);
  const wanted = Math.min(Math.max(seen.sizes.minSize, wish), reachable);
  const floor = Math.max(0, run.updateStrategy === 'MINIMAL' ? wanted - run.parallelism : wanted);
  return { free, floor, ready: ready.length };
}
