import type { Cluster, Deps } from '../../clients/ports.ts';
import type { NodeStep } from '../../domain/drain/node-step.ts';
import { toDrainedNode } from '../../domain/drain/own-node.ts';
import type { DrainedNode, Termination } from '../../domain/state.ts';
import { announceTermination, type PhaseBefore, readPhaseBefore } from './announce-termination.ts';
import { checkLicence } from './check-licence.ts';
import { countOccupants } from './count-occupants.ts';
import { findOwnNode } from './find-own-node.ts';
import { followTermination, keptAtMinimum, requestTermination } from './request-termination.ts';

/** The Node as the last patch of this execution left it, or as it is found now; `undefined` when the instance has none. */
async function lastSeen(cluster: Cluster, step: NodeStep): Promise<DrainedNode | undefined> {
  const { drain } = step;
  if ('node' in drain) {
    const cordon = 'cordon' in drain ? drain.cordon : undefined;
    return { ...drain.node, resourceVersion: cordon?.resourceVersion ?? drain.node.resourceVersion };
  }
  const own = await findOwnNode(cluster, step);
  return own.status === 'found' ? toDrainedNode(own.node) : undefined;
}

/** Read how far this execution had come, and announce the termination unless pods forbid it. */
async function phaseBefore(
  deps: Deps,
  cluster: Cluster,
  { execution, drain }: NodeStep,
  own: DrainedNode | undefined,
  occupants: number,
): Promise<PhaseBefore> {
  if (own === undefined) return 'gone';
  if (occupants > 0) return (await readPhaseBefore(cluster, own, execution)).phase;
  const since = deps.clock.now().toISOString();
  const cordonedAt = 'cordon' in drain && drain.cordon?.status !== 'absent' ? drain.cordon?.cordonedAt : undefined;
  const before = cordonedAt === undefined ? undefined : ({ execution, phase: 'cordoned', since: cordonedAt } as const);
  return announceTermination(cluster, own, { execution, phase: 'terminating', since }, before);
}

/**
 * Terminate the instance of a node on which no pod is left that must leave, as listed in this same step.
 *
 * Nothing is asked for twice: where the termination may have been asked for already, the group is asked about the instance
 * first.
 */
export async function terminateEmptyNode(deps: Deps, step: NodeStep): Promise<Termination> {
  const cluster = await deps.cluster(step.run.clusterName);
  const refusal = await checkLicence(cluster, step, ['inHand', 'leaving']);
  if (refusal !== undefined) return { status: 'skipped', reason: refusal };
  const own = await lastSeen(cluster, step);
  const occupants = own === undefined ? 0 : await countOccupants(deps, cluster, step, own.name);
  const phase = await phaseBefore(deps, cluster, step, own, occupants);
  if (phase === 'blocked') return keptAtMinimum(step);
  const mayBeUnderWay = phase !== 'none' || step.node.enters === 'terminate';
  const followed = mayBeUnderWay ? await followTermination(deps, step, own) : undefined;
  if (followed !== undefined) return followed;
  return occupants > 0 ? { status: 'occupied', pods: occupants } : requestTermination(deps, step, own);
}
