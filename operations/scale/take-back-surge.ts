import type { Cluster, Deps } from '../../clients/ports.ts';
import { readControl } from '../../domain/admission/control.ts';
import { countRemaining, sortPods } from '../../domain/drain/pod-filters.ts';
import { NodeCreationFailure } from '../../domain/errors.ts';
import {
  cordon,
  executionNameOf,
  OWNERSHIP_ANNOTATIONS,
  startDraining,
} from '../../domain/nodegroup/node-ownership.ts';
import { type GroupNode, lastProgress } from '../../domain/nodegroup/nodegroup.ts';
import {
  ORIGINAL_SETTINGS_TAGS,
  originalSizes,
  outstandingMaximum,
  outstandingSurge,
} from '../../domain/nodegroup/original-settings.ts';
import type { ScaleDownAction } from '../../domain/nodegroup/scale-down.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import type { AutoScalingGroup, Node } from '../../domain/types.ts';
import { terminateDrained } from '../drain/terminate-drained.ts';
import { findControl } from '../lease/control-record.ts';
import { changeNode } from '../nodegroup/change-node.ts';
import { observeGroup, readGroup } from '../nodegroup/observe-group.ts';
import { pollUntil } from '../nodegroup/poll.ts';

/** Between two observations of a surplus node whose pods are leaving. */
const POLL_SECONDS = 5;
/** After a step in which instances have not left: a lifecycle hook or a load balancer delays them. */
const TERMINATION_POLL_SECONDS = 20;

export interface Surplus {
  readonly group: AutoScalingGroup;
  readonly members: readonly GroupNode[];
  readonly surplus: number;
  readonly maximumSurplus: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  /** Instances that this upgrade has terminated and that are still in the group. */
  readonly terminating: readonly string[];
  readonly warnings: readonly string[];
}

/** Observe what is left of our surge, and what others have changed meanwhile. */
export async function observeSurplus(deps: Deps, run: WorkflowRun, launchTemplateVersion: string): Promise<Surplus> {
  const [{ group, members, terminating }, lease] = await Promise.all([
    observeGroup(deps, run, launchTemplateVersion),
    findControl(await deps.cluster(run.clusterName), run.autoScalingGroupName),
  ]);
  const surplus = outstandingSurge(group, lease === undefined ? [] : readControl(lease).absorbed);
  const foreign = group.desiredCapacity - surplus - originalSizes(group).desiredCapacity;
  return {
    group,
    members,
    surplus,
    maximumSurplus: outstandingMaximum(group),
    maxSize: group.maxSize,
    desiredCapacity: group.desiredCapacity,
    terminating,
    warnings:
      foreign === 0
        ? []
        : [
            `somebody else changed the desired capacity by ${foreign > 0 ? '+' : ''}${foreign} during the run: their change is kept`,
          ],
  };
}

/**
 * Wait for the last replacements.
 *
 * @throws {NodeCreationFailure} when none has become Ready for too long
 */
async function awaitLastNodes(deps: Deps, run: WorkflowRun, facts: Surplus, missing: number): Promise<number> {
  const stalledSeconds = (deps.clock.now().getTime() - lastProgress(facts.members, run.startedAt)) / 1000;
  if (stalledSeconds <= run.nodeReadyTimeoutSeconds) return POLL_SECONDS;
  const failures = await deps.autoScaling.launchFailures(run.autoScalingGroupName, new Date(run.startedAt));
  const reason = failures[0] === undefined ? '' : `; last failed launch: ${failures[0].message}`;
  throw new NodeCreationFailure(
    `every outdated node is gone, but ${missing} of ${facts.desiredCapacity} nodes are not Ready, and none has become so for ${run.nodeReadyTimeoutSeconds} s${reason}`,
  );
}

/** Observe the group until the terminated instances have left it, as long as a step may take. */
async function awaitTerminated(deps: Deps, { group, terminating }: Surplus): Promise<number> {
  const isGone = await pollUntil(
    deps.clock,
    POLL_SECONDS,
    async () => {
      const { instances } = await readGroup(deps, group.name);
      return instances.every(({ instanceId }) => !terminating.includes(instanceId));
    },
    Boolean,
  );
  return isGone ? 0 : TERMINATION_POLL_SECONDS;
}

/** Lower the maximum one by one, as long as a step may take, and never below the desired capacity. */
async function lowerMaximum(deps: Deps, facts: Surplus): Promise<number> {
  const { group, desiredCapacity } = facts;
  let { maximumSurplus, maxSize } = facts;
  await pollUntil(
    deps.clock,
    0,
    async () => {
      maxSize -= 1;
      maximumSurplus -= 1;
      await deps.autoScaling.resize(group.name, { maxSize });
    },
    () => maximumSurplus <= 0 || maxSize <= desiredCapacity,
  );
  await deps.autoScaling.setTags(group.name, { [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: String(maximumSurplus) });
  return 0;
}

/** Evict the pods of a surplus node. Returns true when it is empty. */
async function evictPods(deps: Deps, cluster: Cluster, node: Node): Promise<boolean> {
  const startedAt = deps.clock.now().toISOString();
  return pollUntil(
    deps.clock,
    POLL_SECONDS,
    async () => {
      const { pods } = await cluster.listPodsOnNode(node.name);
      // The scheduler may have placed a pod here that the settings refuse to evict: it must not block the surplus permanently.
      const sorted = sortPods(pods, startedAt, { unmanaged: 'evict', localStorage: 'evict' });
      await Promise.all(sorted.evict.map((pod) => cluster.evict(pod)));
      return countRemaining(sorted) === 0;
    },
    (isEmpty) => isEmpty,
  );
}

/**
 * Retire a surplus node by one step: taint it, drain it, cordon it, or terminate it with a decrement.
 *
 * The ownership annotations of the node tell what has been done.
 *
 * @returns how long to wait before the next call, seconds
 */
async function retireSurplus(deps: Deps, run: WorkflowRun, { node, instanceId }: GroupNode): Promise<number> {
  const cluster = await deps.cluster(run.clusterName);
  const by = executionNameOf(run.executionArn);
  if (node === undefined || node.annotations[OWNERSHIP_ANNOTATIONS.cordoned] !== undefined) {
    await terminateDrained(deps, run, instanceId, 'chosen');
    return POLL_SECONDS;
  }
  const tainted = await changeNode(cluster, node, (seen) => startDraining(seen, by, { taint: true, isSurplus: true }));
  if (tainted === 'absent' || !(await evictPods(deps, cluster, tainted))) return POLL_SECONDS;
  await changeNode(cluster, tainted, (seen) => cordon(seen, by));
  return run.cordonWaitSeconds;
}

/** Carry out the next unit of the scale-down. Returns the seconds to wait before the next one. */
export async function takeBack(
  deps: Deps,
  run: WorkflowRun,
  facts: Surplus,
  action: Exclude<ScaleDownAction, { kind: 'done' }>,
): Promise<number> {
  switch (action.kind) {
    case 'lowerMaximum':
      return lowerMaximum(deps, facts);
    case 'awaitReady':
      return awaitLastNodes(deps, run, facts, action.missing);
    case 'awaitTerminated':
      return awaitTerminated(deps, facts);
    default:
      return retireSurplus(deps, run, action.member);
  }
}
