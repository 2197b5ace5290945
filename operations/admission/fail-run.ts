import type { Deps } from '../../clients/ports.ts';
import type { Admission } from '../../domain/admission/admit.ts';
import type { Parked } from '../../domain/admission/record.ts';
import { explainObstacles } from '../../domain/drain/blocking-pods.ts';
import { describeBlockingPods } from '../../domain/drain/blocking-sentences.ts';
import { obstaclesOf } from '../../domain/drain/drain.ts';
import { withoutGoneOwners } from '../../domain/drain/gone-owners.ts';
import { sortPods } from '../../domain/drain/pod-filters.ts';
import { ERROR_CLASSES, NodeTerminationFailure, PodEvictionFailure } from '../../domain/errors.ts';
import type { BlockingPod } from '../../domain/state.ts';
import { plural } from '../../domain/text.ts';
import type { Budget } from '../../domain/types.ts';
import type { Conductor } from './conductor.ts';

/** What is known of the run that ends. */
type Ending = Pick<Conductor, 'cluster' | 'seen' | 'request' | 'accounts'>;

const MOST_NODES_DESCRIBED = 20;
const MOST_PODS_DESCRIBED = 20;

/** False where only the drain knows what blocks a pod: the answer of a webhook, or that it returns again and again. */
const isSeenNow = ({ reason, budget }: BlockingPod, budgets: readonly Budget[]): boolean =>
  reason === 'budget'
    ? budgets.some((seen) => `${seen.namespace}/${seen.name}` === budget && seen.disruptionsAllowed === 0)
    : reason !== 'retry' && reason !== 'admission';

/** What the drain said names the node already. */
const ofNode = (name: string, reason: string): string =>
  reason.startsWith(`node ${name} `) ? reason : `${name}: ${reason}`;

async function describeParked(
  deps: Deps,
  { cluster, seen, request }: Ending,
  parked: Parked,
  budgets: readonly Budget[],
): Promise<string> {
  const node = seen.nodes.get(parked.instanceId);
  if (node === undefined) return `${parked.instanceId}: ${parked.reason}`;
  const { pods } = await cluster.listPodsOnNode(node.name);
  const obstacles = obstaclesOf(sortPods(withoutGoneOwners(pods, request.run.goneOwners), request.run.pods), new Map());
  if (parked.error !== 'PodEvictionFailure' || obstacles.length === 0) return ofNode(node.name, parked.reason);
  const { drainTimeoutSeconds } = request.run;
  const nowAt = deps.clock.now().toISOString();
  const blockingPods = explainObstacles(obstacles, { budgets, nowAt, drainTimeoutSeconds }).map((pod) => ({
    ...pod,
    sinceAt: parked.since,
  }));
  if (!blockingPods.every((pod) => isSeenNow(pod, budgets))) return ofNode(node.name, parked.reason);
  // As long as its last drain has lasted, as the report has it: between two drains nothing was blocked.
  return `${node.name}: ${describeBlockingPods(blockingPods, parked.until, MOST_PODS_DESCRIBED)}`;
}

/** End the run because of the nodes that stay blocked, naming every pod still there and what blocks it. */
async function failBlocked(deps: Deps, conductor: Ending, because: string): Promise<never> {
  const { parked } = conductor.accounts;
  if (parked.length > 0 && parked.every(({ error }) => error === 'NodeTerminationFailure')) {
    const reasons = parked.map(({ instanceId, reason }) => `${instanceId}: ${reason}`);
    throw new NodeTerminationFailure(`drained instances were not terminated: ${reasons.join('; ')}`);
  }
  const budgets = await conductor.cluster.listBudgets();
  const described: string[] = [];
  for (const node of parked.slice(0, MOST_NODES_DESCRIBED)) {
    described.push(await describeParked(deps, conductor, node, budgets));
  }
  const left = parked.length - described.length;
  const more = left > 0 ? ` And ${plural(left, 'more node')}.` : '';
  throw new PodEvictionFailure(
    `${plural(parked.length, 'node')} could not be drained (${because}). ${described.join(' ')}${more}`,
  );
}

/** Throw the error that the run ends with. */
export async function failRun(
  deps: Deps,
  conductor: Ending,
  { error, cause }: Extract<Admission, { kind: 'stop' }>,
): Promise<never> {
  if (error === 'PodEvictionFailure') return failBlocked(deps, conductor, cause);
  if (error !== 'NodeCreationFailure') throw new ERROR_CLASSES[error](cause);
  const { run } = conductor.request;
  const [latest] = await deps.autoScaling.launchFailures(run.autoScalingGroupName, new Date(run.startedAt));
  throw new ERROR_CLASSES[error](latest === undefined ? cause : `${cause}; last failed launch: ${latest.message}`);
}
