import type { Clock, Cluster } from '../../clients/ports.ts';
import { countOverdueAsGone, overduePods } from '../../domain/drain/outlasted.ts';
import type { SortedPods } from '../../domain/drain/pod-filters.ts';

/** Count pods that outlast their grace period as gone where the node is not Ready: only then its kubelet is asked about. */
export async function withoutOutlasted(
  { clock, cluster }: { readonly clock: Pick<Clock, 'now'>; readonly cluster: Cluster },
  nodeName: string,
  pods: SortedPods,
): Promise<SortedPods> {
  const nowAt = clock.now().toISOString();
  if (overduePods(pods, nowAt).length === 0) return pods;
  const node = await cluster.findNode(nodeName);
  return node === undefined || node.isReady ? pods : countOverdueAsGone(pods, nowAt);
}
