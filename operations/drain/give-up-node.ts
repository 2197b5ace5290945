import type { Deps } from '../../clients/ports.ts';
import type { NodeStep } from '../../domain/drain/node-step.ts';
import type { Drain } from '../../domain/state.ts';
import { reopenNode } from './reopen-node.ts';

/** Make a blocked node usable again, and say why it was blocked in an Event on it. */
export async function giveUpNode(
  deps: Deps,
  step: NodeStep,
  { node, cause }: Extract<Drain, { status: 'blocked' }>,
): Promise<void> {
  await reopenNode(deps, step, node, { isBlocked: true });
  const cluster = await deps.cluster(step.run.clusterName);
  await cluster.recordNodeEvent(node, { type: 'Warning', reason: 'NodeUpgradeBlocked', message: cause });
}
