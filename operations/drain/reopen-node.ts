import type { Deps } from '../../clients/ports.ts';
import { reopen } from '../../domain/drain/execution-patches.ts';
import type { NodeStep } from '../../domain/drain/node-step.ts';
import { executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import type { DrainedNode } from '../../domain/state.ts';
import { changeOwnNode } from './change-own-node.ts';

/**
 * Make a node usable again that stays, and say on it that its execution has ended.
 *
 * An outdated node keeps its taint, except under MINIMAL; a surplus node is a new one, and loses it.
 *
 * @param isBlocked it could not be drained, and is set aside
 */
export async function reopenNode(
  deps: Deps,
  { run, node, execution }: NodeStep,
  drained: DrainedNode,
  { isBlocked }: { isBlocked: boolean },
): Promise<void> {
  const cluster = await deps.cluster(run.clusterName);
  const by = executionNameOf(run.executionArn);
  const options = {
    untaint: run.updateStrategy === 'MINIMAL' || node.kind === 'surplus',
    parkedSinceAt: isBlocked ? node.admittedAt : undefined,
    inHand: { execution, phase: 'blocked', since: deps.clock.now().toISOString() } as const,
  };
  await changeOwnNode(cluster, drained, undefined, (seen) => reopen(seen, by, options));
}
