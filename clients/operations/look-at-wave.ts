import { readControl, withControl } from '../../domain/control.ts';
import { decideDrain } from '../../domain/drain.ts';
import { NodeTerminationFailure, PodEvictionFailure } from '../../domain/errors.ts';
import type { GroupNode } from '../../domain/group-nodes.ts';
import { describeHeldPods, diagnose } from '../../domain/held-pods.ts';
import { outstandingSurge } from '../../domain/journal.ts';
import type { Run, Wave } from '../../domain/run.ts';
import type { Budget } from '../../domain/types.ts';
import type { WaveFacts } from '../../domain/wave.ts';
import type { Cluster, Deps } from '../ports.ts';
import { changeControl, findControl } from './control-record.ts';
import { ringingAlarms } from './look-at-turn.ts';
import { observeGroup } from './observe-group.ts';

const MOST_NODES_DESCRIBED = 20;
const MOST_PODS_DESCRIBED = 20;

/** Gather what the choice of the next wave depends on. */
export async function lookAtWave(
  deps: Deps,
  request: { run: Run; wave: Wave; launchTemplateVersion: string },
): Promise<WaveFacts> {
  const { run, wave, launchTemplateVersion } = request;
  const cluster = await deps.cluster(run.clusterName);
  const [{ group, members }, lease, alarms] = await Promise.all([
    observeGroup(deps, run, launchTemplateVersion),
    findControl(cluster, run.autoScalingGroupName),
    ringingAlarms(deps, run.alarms),
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

/** Write down which instances take back a surge node, before any of them does. */
export async function recordAbsorbed(deps: Deps, run: Run, wave: Wave): Promise<void> {
  const chosen = wave.nodes.filter(({ absorb }) => absorb).map(({ instanceId }) => instanceId);
  if (chosen.length === 0) return;
  await changeControl(await deps.cluster(run.clusterName), run, (lease) =>
    withControl(lease, { absorbed: [...new Set([...readControl(lease).absorbed, ...chosen])] }),
  );
}

async function describeBlocked(
  deps: Deps,
  cluster: Cluster,
  run: Run,
  nodeName: string,
  budgets: Budget[],
): Promise<string> {
  const nowAt = deps.clock.now().toISOString();
  const { pods } = await cluster.listPodsOnNode(nodeName);
  const tick = decideDrain(pods, nowAt, run.pods);
  const held = diagnose({ tick, outcomes: new Map(), budgets, nowAt });
  return `${nodeName}: ${describeHeldPods(held, nowAt, MOST_PODS_DESCRIBED)}`;
}

/**
 * End the run because of the nodes that were blocked twice, naming every pod still there and what holds it.
 *
 * @throws {PodEvictionFailure} or, when the nodes are empty and only their instances would not go, {NodeTerminationFailure}
 */
export async function failBlocked(deps: Deps, run: Run, wave: Wave, nodes: readonly GroupNode[]): Promise<never> {
  const failedToTerminate = wave.results.filter(({ error }) => error === 'NodeTerminationFailure');
  if (failedToTerminate.length === nodes.length) {
    const reasons = failedToTerminate.map(({ instanceId, reason }) => `${instanceId}: ${reason}`);
    throw new NodeTerminationFailure(`drained instances were not terminated: ${reasons.join('; ')}`);
  }
  const cluster = await deps.cluster(run.clusterName);
  const budgets = await cluster.listBudgets();
  const names = nodes.flatMap(({ node }) => (node === undefined ? [] : [node.name])).sort();
  const described = [];
  for (const name of names.slice(0, MOST_NODES_DESCRIBED)) {
    described.push(await describeBlocked(deps, cluster, run, name, budgets));
  }
  const more = names.length > MOST_NODES_DESCRIBED ? ` And ${names.length - MOST_NODES_DESCRIBED} more nodes.` : '';
  const count = `${nodes.length} node${nodes.length === 1 ? '' : 's'}`;
  throw new PodEvictionFailure(
    `${count} could not be drained within ${run.drainTimeoutSeconds} s, twice; all others are done. ${described.join(' ')}${more}`,
  );
}
