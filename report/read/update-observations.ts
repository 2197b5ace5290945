import {
  type BlockedNodePods,
  type NodegroupUpdate,
  nodegroupUpdateSchema,
  type UpdateNode,
  updateNodeSchema,
} from '../../domain/eks-update/eks-update.ts';
import { blockingPodOf } from './blocking-pods.ts';
import { listOf, numberOf, objectOf, omitUndefined, textOf, textsOf } from './fields.ts';
import type { Visit } from './history.ts';

/** The states whose outputs are looks at an update that EKS carries out. */
export const UPDATE_STATES: ReadonlySet<string> = new Set(['StartNodegroupUpdate', 'CheckNodegroupUpdate']);

/** One look at an update that EKS carries out. `beganAt` and `at`: when the step was entered, and when it answered, epoch ms. */
export interface Observation {
  readonly beganAt: number;
  readonly at: number;
  readonly update: Omit<NodegroupUpdate, 'checks' | 'waitSeconds' | 'podsVersion'>;
}

function updateNodesOf(value: unknown): UpdateNode[] {
  return listOf(value)
    .map(objectOf)
    .flatMap((node) => {
      const state = updateNodeSchema.shape.state.safeParse(node.state).data;
      const [instanceId, sinceAt] = [textOf(node.instanceId), textOf(node.sinceAt) ?? ''];
      if (instanceId === undefined || state === undefined || Number.isNaN(Date.parse(sinceAt))) return [];
      return [
        omitUndefined({
          instanceId,
          nodeName: textOf(node.nodeName),
          zone: textOf(node.zone) ?? '',
          state,
          sinceAt,
          evidence: textOf(node.evidence) ?? '',
          podsLeft: numberOf(node.podsLeft) ?? 0,
          evictedCount: numberOf(node.evictedCount) ?? 0,
        }),
      ];
    });
}

const blockedNodePodsOf = (value: unknown): BlockedNodePods[] =>
  listOf(value).flatMap((entry) => {
    const blockingPods = blockingPodOf(entry);
    const [instanceId, nodeName] = [textOf(objectOf(entry).instanceId), textOf(objectOf(entry).nodeName)];
    return blockingPods === undefined || instanceId === undefined
      ? []
      : [{ ...blockingPods, instanceId, nodeName: nodeName ?? instanceId }];
  });

function observationOf({ output, enteredAt, exitedAt }: Visit): Observation {
  const update = objectOf(output);
  const at = exitedAt ?? enteredAt;
  return {
    beganAt: enteredAt,
    at,
    update: omitUndefined({
      status: update.status === 'successful' ? ('successful' as const) : ('inProgress' as const),
      updateId: textOf(update.updateId) ?? '',
      isAdopted: update.isAdopted === true,
      requestedAt: textOf(update.requestedAt) ?? new Date(at).toISOString(),
      phase: nodegroupUpdateSchema.shape.phase.safeParse(update.phase).data ?? 'scaleUp',
      outdatedCount: numberOf(update.outdatedCount) ?? 0,
      readyNodes: numberOf(update.readyNodes),
      desiredCapacity: numberOf(update.desiredCapacity),
      nodes: updateNodesOf(update.nodes),
      changes: updateNodesOf(update.changes),
      evicted: textsOf(update.evicted),
      evictedCount: numberOf(update.evictedCount) ?? textsOf(update.evicted).length,
      blockingPods: blockedNodePodsOf(update.blockingPods),
      blockingPodCount: numberOf(update.blockingPodCount) ?? listOf(update.blockingPods).length,
      warnings: textsOf(update.warnings),
    }),
  };
}

/** The looks of a run at its update, oldest first; none for a run that the workflow carries out itself. */
export const observationsOf = (visits: readonly Visit[]): Observation[] =>
  visits.filter(({ state, output }) => UPDATE_STATES.has(state) && output !== undefined).map(observationOf);
