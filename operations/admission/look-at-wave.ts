import type { Cluster, Deps } from '../../clients/ports.ts';
import { readControl } from '../../domain/admission/control.ts';
import type { WaveFacts } from '../../domain/admission/wave.ts';
import { explainObstacles } from '../../domain/drain/blocking-pods.ts';
import { describeBlockingPods } from '../../domain/drain/blocking-sentences.ts';
import { obstaclesOf } from '../../domain/drain/drain.ts';
import { sortPods } from '../../domain/drain/pod-filters.ts';
import { NodeTerminationFailure, PodEvictionFailure } from '../../domain/errors.ts';
import { parkedSince } from '../../domain/nodegroup/node-ownership.ts';
import type { GroupNode } from '../../domain/nodegroup/nodegroup.ts';
import { outstandingSurge } from '../../domain/nodegroup/original-settings.ts';
import type { Wave, WorkflowRun } from '../../domain/state.ts';
import type { Budget, Node } from '../../domain/types.ts';
import { findControl } from '../lease/control-record.ts';
import { observeGroup } from '../nodegroup/observe-group.ts';
import { alarmsInAlarm } from './look-at-turn.ts';

const MOST_NODES_DESCRIBED = 20;
const MOST_PODS_DESCRIBED = 20;

/** Gather what the choice of the next wave depends on. */
export async function lookAtWave(
  deps: Deps,
  request: { run: WorkflowRun; wave: Wave; launchTemplateVersion: string },
): Promise<WaveFacts> {
  const { run, wave, launchTemplateVersion } = request;
  const cluster = await deps.cluster(run.clusterName);
  const [{ group, members }, lease, alarms] = await Promise.all([
    observeGroup(deps, run, launchTemplateVersion),
    findControl(cluster, run.autoScalingGroupName),
    alarmsInAlarm(deps, run.alarms),
  ]);
  const isOurs = lease?.holder === run.executionArn;
  const control = lease === undefined ? { absorbed: [] } : readControl(lease);
  return {
    run,
    wave,
    members,
    surplus: outstandingSurge(group, control.absorbed),
    halt: control.halt,
    cancel: isOurs ? control.cancel : 'the run no longer holds the lock of this group',
    alarms,
    nowAt: deps.clock.now().toISOString(),
    random: deps.random,
  };
}

async function describeBlocked(
  deps: Deps,
  cluster: Cluster,
  run: WorkflowRun,
  node: Node,
  budgets: Budget[],
): Promise<string> {
  const nowAt = deps.clock.now().toISOString();
  const { pods } = await cluster.listPodsOnNode(node.name);
  const obstacles = obstaclesOf(sortPods(pods, nowAt, run.pods), new Map());
  const sinceAt = parkedSince(node) ?? nowAt;
  const blockingPods = explainObstacles(obstacles, budgets, nowAt).map((pod) => ({ ...pod, sinceAt }));
  return `${node.name}: ${describeBlockingPods(blockingPods, nowAt, MOST_PODS_DESCRIBED)}`;
}

/**
 * End the run because of the nodes that stay blocked, naming every pod still there and what blocks it.
 *
 * @throws {PodEvictionFailure} or, when the nodes are empty and only their instances would not go, {NodeTerminationFailure}
 */
export async function failBlocked(
  deps: Deps,
  run: WorkflowRun,
  wave: Wave,
  { nodes, because }: { nodes: readonly GroupNode[]; because: string },
): Promise<never> {
  const failedToTerminate = wave.results.filter(({ error }) => error === 'NodeTerminationFailure');
  if (nodes.length > 0 && failedToTerminate.length === nodes.length) {
    const reasons = failedToTerminate.map(({ instanceId, reason }) => `${instanceId}: ${reason}`);
    throw new NodeTerminationFailure(`drained instances were not terminated: ${reasons.join('; ')}`);
  }
  const cluster = await deps.cluster(run.clusterName);
  const budgets = await cluster.listBudgets();
  const blocked = nodes.flatMap(({ node }) => (node === undefined ? [] : [node]));
  const described = [];
  for (const node of blocked.slice(0, MOST_NODES_DESCRIBED)) {
    described.push(await describeBlocked(deps, cluster, run, node, budgets));
  }
  const more = blocked.length > MOST_NODES_DESCRIBED ? ` And ${blocked.length - MOST_NODES_DESCRIBED} more nodes.` : '';
  const count = `${nodes.length} node${nodes.length === 1 ? '' : 's'}`;
  throw new PodEvictionFailure(`${count} could not be drained (${because}). ${described.join(' ')}${more}`);
}
