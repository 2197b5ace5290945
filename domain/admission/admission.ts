/*
 * Words of this folder:
 *
 * turn         the answer to a node that asks to start its drain: proceed, wait, or stop
 * wave         nodes that are upgraded together
 * capacity     Ready nodes; a node may start only while enough remain for the original desired capacity
 * parallelism  most nodes drained at a time
 * absorb       to terminate a node with a decrement, which takes back one node of the surge
 * record       the Lease of the group: lock of the run, orders of an operator, accounts of the run
 * order        cancel or pause, by an operator; halt, by the run itself
 * parked       (a node) set aside after its drain was blocked, and tried once more after all others
 * canary       the first nodes, upgraded before the others; bake is the wait after them
 */

import { EXCLUDE_LABEL, isTainted } from '../nodegroup/node-ownership.ts';
import { type GroupNode, lastProgress } from '../nodegroup/nodegroup.ts';
import type { Turn, WaveNode, WorkflowRun } from '../state.ts';
import type { Lease } from '../types.ts';
import { requiredReadyNodes } from './capacity.ts';
import { readControl } from './control.ts';

/** What AwaitTurn decides; `halt` also stops every other node, with the error the run then fails with. */
export type TurnDecision =
  | { readonly kind: 'turn'; readonly turn: Turn }
  | { readonly kind: 'halt'; readonly error: 'AlarmTriggered' | 'NodeCreationFailure'; readonly reason: string };

export interface TurnFacts {
  readonly run: WorkflowRun;
  readonly node: WaveNode;
  readonly members: readonly GroupNode[];
  readonly lease: Lease | undefined;
  /** Alarms that are in ALARM now. */
  readonly alarms: readonly string[];
  /** ISO-8601 UTC: since when this node waits. */
  readonly waitingSince: string;
  readonly nowAt: string;
}

const stop = (reason: string): TurnDecision => ({ kind: 'turn', turn: { status: 'stop', reason } });

/** Orders from outside the group, before capacity is checked. */
function orders({ run, lease, alarms }: TurnFacts): TurnDecision | undefined {
  if (lease?.holder !== run.executionArn) return stop('the run no longer holds the lock of this group');
  const { halt, cancel, pause } = readControl(lease);
  if (halt !== undefined) return stop(`the run halts: ${halt.error}`);
  if (cancel !== undefined) return stop(`cancelled by an operator: ${cancel}`);
  if (alarms.length > 0) return { kind: 'halt', error: 'AlarmTriggered', reason: `in ALARM: ${alarms.join(', ')}` };
  if (pause !== undefined) {
    return { kind: 'turn', turn: { status: 'wait', reason: `paused by an operator: ${pause}`, isPaused: true } };
  }
  return undefined;
}

/**
 * Decide whether a node may start draining.
 *
 * Orders come first (halt, cancel, alarm, pause), then capacity: the group's Ready nodes must stay at their original number
 * even if every node that may be draining left at once. A node that is not Ready is no capacity, and may go.
 */
export function decideTurn(facts: TurnFacts): TurnDecision {
  const { run, node, members, waitingSince, nowAt } = facts;
  const order = orders(facts);
  if (order !== undefined) return order;
  const self = members.find(({ instanceId }) => instanceId === node.instanceId);
  if (self === undefined) {
    return { kind: 'turn', turn: { status: 'gone', reason: 'the instance has left the group by itself' } };
  }

  const readyNodes = members.filter(({ isReady }) => isReady).length;
  const requiredNodes = requiredReadyNodes({
    updateStrategy: run.updateStrategy,
    originalDesired: run.originalSizes.desiredCapacity,
    parallelism: run.parallelism,
    outdatedLeft: members.filter((member) => member.node !== undefined && isTainted(member.node)).length,
  });
  if (readyNodes >= requiredNodes || !self.isReady) {
    const seen = {
      isExcluded: self.node?.labels[EXCLUDE_LABEL] !== undefined,
      isUnschedulable: self.node?.isUnschedulable ?? false,
    };
    return { kind: 'turn', turn: { status: 'proceed', admittedAt: nowAt, facts: seen, readyNodes, requiredNodes } };
  }
  const late = members.filter(({ isReady }) => !isReady).map((member) => member.node?.name ?? member.instanceId);
  const others = late.length === 0 ? '' : ` (not Ready: ${late.slice(0, 10).join(', ')})`;
  const reason = `${readyNodes} nodes are Ready, ${requiredNodes} are needed before one more may drain${others}`;
  if (Date.parse(nowAt) - lastProgress(members, waitingSince) > run.nodeReadyTimeoutSeconds * 1000) {
    return {
      kind: 'halt',
      error: 'NodeCreationFailure',
      reason: `${reason}, and none has become Ready for ${run.nodeReadyTimeoutSeconds} s`,
    };
  }
  return { kind: 'turn', turn: { status: 'wait', reason, readyNodes, requiredNodes } };
}
