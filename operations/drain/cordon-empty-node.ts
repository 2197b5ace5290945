import type { Deps } from '../../clients/ports.ts';
import { cordon, cordonOf } from '../../domain/drain/execution-patches.ts';
import type { NodeStep } from '../../domain/drain/node-step.ts';
import { executionNameOf, OWNERSHIP_ANNOTATIONS } from '../../domain/nodegroup/node-ownership.ts';
import type { Cordon, DrainedNode } from '../../domain/state.ts';
import { changeOwnNode } from './change-own-node.ts';

/** Cordon a node whose pods have left, and say so in an Event on it. A cordon that was there stays its owner's. */
export async function cordonEmptyNode(
  deps: Deps,
  { run, execution }: Pick<NodeStep, 'run' | 'execution'>,
  drained: DrainedNode,
): Promise<Cordon> {
  const cluster = await deps.cluster(run.clusterName);
  const by = executionNameOf(run.executionArn);
  const cordonedAt = deps.clock.now().toISOString();
  const inHand = { execution, phase: 'cordoned', since: cordonedAt } as const;
  const node = await changeOwnNode(cluster, drained, cordonOf(drained, by, inHand), (seen) => cordon(seen, by, inHand));
  if (node === 'absent') return { status: 'absent', cordonedAt };
  const { resourceVersion } = node;
  if (node.annotations[OWNERSHIP_ANNOTATIONS.cordoned] === undefined) {
    return { status: 'alreadyCordoned', cordonedAt, resourceVersion };
  }
  await cluster.recordNodeEvent(node, {
    type: 'Normal',
    reason: 'NodeUpgradeCordoned',
    message: `Empty and cordoned; its instance is terminated in ${run.cordonWaitSeconds} s`,
  });
  return { status: 'cordoned', cordonedAt, resourceVersion };
}
