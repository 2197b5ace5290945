import type { Cluster, Deps } from '../../clients/ports.ts';
import { refusalOfLateBegin } from '../../domain/admission/licence.ts';
import { beginDraining } from '../../domain/drain/execution-patches.ts';
import { readInHand } from '../../domain/drain/in-hand.ts';
import type { NodeStep } from '../../domain/drain/node-step.ts';
import { toDrainedNode } from '../../domain/drain/own-node.ts';
import { executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import type { Drain, DrainedNode } from '../../domain/state.ts';
import type { Node } from '../../domain/types.ts';
import { changeNode } from '../nodegroup/change-node.ts';
import { checkLicence } from './check-licence.ts';
import { findOwnNode } from './find-own-node.ts';

/** Put the node in hand: out of the load balancers, tainted, and saying that it drains. */
async function takeNode(deps: Deps, cluster: Cluster, step: NodeStep, node: Node): Promise<Node | 'absent'> {
  const { run, execution } = step;
  const inHand = { execution, phase: 'draining', since: deps.clock.now().toISOString() } as const;
  const { autoScalingGroupName } = run;
  const by = executionNameOf(run.executionArn);
  const taken = await changeNode(cluster, node, (seen) => beginDraining(seen, { by, autoScalingGroupName, inHand }));
  if (taken !== 'absent' && readInHand(node)?.execution !== execution) {
    await cluster.recordNodeEvent(taken, {
      type: 'Normal',
      reason: 'NodeUpgradeDraining',
      message: `Draining before ${step.node.instanceId} is replaced by a node on ${run.target.amiId}`,
    });
  }
  return taken;
}

/** How a drain begins: with a Node to drain, or with the end of DrainNode. */
export type Beginning =
  | { readonly status: 'begun'; readonly node: DrainedNode }
  | Extract<Drain, { status: 'unregistered' | 'absent' | 'skipped' }>;

/**
 * Begin a drain, or one that pods have undone: check the licence, find the Node, take it. An execution that does so again
 * finds its own annotation.
 */
export async function beginDrain(deps: Deps, step: NodeStep): Promise<Beginning> {
  const cluster = await deps.cluster(step.run.clusterName);
  // A termination that was lost is repeated under an entry that is leaving; pods that have come meanwhile are drained.
  const states = step.node.enters === 'terminate' ? (['inHand', 'leaving'] as const) : (['inHand'] as const);
  const refusal = await checkLicence(cluster, step, states);
  if (refusal !== undefined) return { status: 'skipped', reason: refusal };
  const own = await findOwnNode(cluster, step);
  if (own.status !== 'found') return own;
  const hasBegun = 'node' in step.drain || readInHand(own.node)?.execution === step.execution;
  const late = refusalOfLateBegin(step.node, { hasBegun, nowAt: deps.clock.now().toISOString() });
  if (late !== undefined) return { status: 'skipped', reason: late };
  const node = await takeNode(deps, cluster, step, own.node);
  if (node === 'absent') {
    return {
      status: 'absent',
      reason: `Node ${own.node.name} of instance ${step.node.instanceId} went before its drain.`,
    };
  }
  return { status: 'begun', node: toDrainedNode(node) };
}
