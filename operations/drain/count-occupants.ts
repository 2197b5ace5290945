import type { Cluster, Deps } from '../../clients/ports.ts';
import { decideDrainRound } from '../../domain/drain/drain.ts';
import { withoutGoneOwners } from '../../domain/drain/gone-owners.ts';
import { deadlineOf, ignoresOccupants, type NodeStep } from '../../domain/drain/node-step.ts';
import { countRemaining, sortPods } from '../../domain/drain/pod-filters.ts';
import { NO_PODS_SEEN } from '../../domain/drain/returns.ts';
import { withoutOutlasted } from './without-outlasted.ts';

/** Count the pods that keep a node from being terminated, by the same rules as at the end of its drain. */
export async function countOccupants(deps: Deps, cluster: Cluster, step: NodeStep, nodeName: string): Promise<number> {
  const { run, drain } = step;
  const listed = await cluster.listPodsOnNode(nodeName);
  const memory = 'firstPods' in drain ? drain : NO_PODS_SEEN;
  const sorted = sortPods(withoutGoneOwners(listed.pods, run.goneOwners), run.pods, memory, 'untolerating');
  const pods = await withoutOutlasted({ clock: deps.clock, cluster }, nodeName, sorted);
  const nowAt = deps.clock.now().toISOString();
  const round = { nowAt, pods, answers: new Map(), attachedVolumes: [] };
  const { status } = decideDrainRound(round, deadlineOf(step, nowAt), run);
  return status === 'drained' || ignoresOccupants(step) ? 0 : countRemaining(pods);
}
