import pMap from 'p-map';
import type { Clock, Cluster } from '../../clients/ports.ts';
import type { DrainRound } from '../../domain/drain/drain.ts';
import type { DrainProgress } from '../../domain/drain/drain-progress.ts';
import { withoutGoneOwners } from '../../domain/drain/gone-owners.ts';
import { isIgnoredByDrain, sortPods } from '../../domain/drain/pod-filters.ts';
import { mayComeBack } from '../../domain/drain/pods.ts';
import { hasReturned, rememberListed } from '../../domain/drain/returns.ts';
import { executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import type { Pod } from '../../domain/types.ts';
import { restoreMissingTaint } from './restore-taint.ts';
import { withoutOutlasted } from './without-outlasted.ts';

/** Whoever removes the taint more often will do so again. */
const MOST_TAINTS_RESTORED = 3;

/** Evictions under way at once: as many as connections to the API server, so that none waits for a connection. */
export const MOST_AT_ONCE = 50;

/** The pods of a node, and what the Eviction API answered for those that must leave. */
export type Listing = Pick<DrainRound, 'pods' | 'answers'> & { readonly resourceVersion: string };

/** The drain of a node within one step. */
export interface DrainStep {
  readonly clock: Pick<Clock, 'now'>;
  readonly cluster: Cluster;
  readonly run: WorkflowRun;
  /** Pods seen to have returned in this step, by uid: the taint was looked at when each of them came. */
  readonly returnedUids: Set<string>;
  /** By name of a PersistentVolume that was looked up in this step. */
  readonly claimOfVolume: Map<string, string | undefined>;
  /** When the step should be over, in milliseconds: what is not asked for by then is left to the next step. */
  readonly endsAt: number;
}

/** Look at the taint of the node when a pod has returned that it should have kept away, and put it back. */
async function keepTaint({ cluster, run, returnedUids }: DrainStep, progress: DrainProgress, pods: readonly Pod[]) {
  const returned = pods.filter(
    (pod) => !isIgnoredByDrain(pod) && hasReturned(pod, progress.memory) && !mayComeBack(pod),
  );
  const isNew = returned.some(({ uid }) => !returnedUids.has(uid));
  for (const { uid } of returned) returnedUids.add(uid);
  if (!isNew || progress.taintsRestored >= MOST_TAINTS_RESTORED) return progress;
  const wasMissing = await restoreMissingTaint(cluster, progress.target.node, executionNameOf(run.executionArn));
  return { ...progress, taintsRestored: progress.taintsRestored + (wasMissing ? 1 : 0) };
}

/** List the pods of the node, remember them, and ask once for each eviction that its drain needs. */
export async function evictOnce(
  step: DrainStep,
  before: DrainProgress,
): Promise<{ listing: Listing; progress: DrainProgress }> {
  const { clock, cluster, run } = step;
  const found = await cluster.listPodsOnNode(before.target.node.name);
  const listed = { ...found, pods: withoutGoneOwners(found.pods, run.goneOwners) };
  const progress = await keepTaint(step, before, listed.pods);
  const isOver = clock.now().getTime() >= Date.parse(before.target.deadlineAt);
  // Without force an eviction now would only hide that the pod comes back.
  const patience = !isOver ? 'all' : run.force ? 'untolerating' : 'none';
  const sorted = sortPods(listed.pods, run.pods, progress.memory, patience);
  const pods = await withoutOutlasted(step, before.target.node.name, sorted);
  const memory = rememberListed(
    progress.memory,
    listed.pods.filter((pod) => !isIgnoredByDrain(pod)),
  );
  const answers = await pMap(
    pods.evict,
    async (pod) => (clock.now().getTime() < step.endsAt ? ([[pod.uid, await cluster.evict(pod)]] as const) : []),
    { concurrency: MOST_AT_ONCE },
  );
  return {
    listing: { pods, answers: new Map(answers.flat()), resourceVersion: listed.resourceVersion },
    progress: { ...progress, memory },
  };
}
