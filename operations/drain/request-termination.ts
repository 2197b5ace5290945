import type { Deps } from '../../clients/ports.ts';
import { sayPhase } from '../../domain/drain/execution-patches.ts';
import type { DecrementOutcome } from '../../domain/drain/in-hand.ts';
import type { NodeStep } from '../../domain/drain/node-step.ts';
import { decrementOutcomeOf, isGoing } from '../../domain/drain/termination.ts';
import type { DrainedNode, Termination } from '../../domain/state.ts';
import { changeOwnNode } from './change-own-node.ts';
import { reopenNode } from './reopen-node.ts';

/** Write on the Node what became of the decrement where it is not what was asked for. */
async function tellDecrement(deps: Deps, step: NodeStep, own: DrainedNode | undefined, decrement: DecrementOutcome) {
  const { run, node, execution } = step;
  if (own === undefined || !node.decrement || decrement === 'yes') return;
  const inHand = { execution, phase: 'terminating', since: deps.clock.now().toISOString(), decrement } as const;
  await changeOwnNode(await deps.cluster(run.clusterName), own, undefined, (seen) => sayPhase(seen, inHand));
}

const effectOf = ({ autoScaling }: Deps, { run, node }: NodeStep) =>
  autoScaling.terminationOf(run.autoScalingGroupName, node.instanceId, new Date(node.admittedAt));

/** The end of a termination that was asked for, or was not needed any more. */
async function conclude(
  deps: Deps,
  step: NodeStep,
  own: DrainedNode | undefined,
  end: { isGone: boolean; decrement: DecrementOutcome },
): Promise<Termination> {
  const { isGone, decrement } = end;
  await tellDecrement(deps, step, own, decrement);
  return isGone
    ? {
        status: 'gone',
        decrement,
        reason: `Instance ${step.node.instanceId} had left its group before it was terminated.`,
      }
    : { status: 'terminating', decrement, terminatedAt: deps.clock.now().toISOString() };
}

/**
 * Follow a termination that may have been asked for already. Whether a second request would decrement again is not documented.
 *
 * @returns `undefined` when the instance is still in service, so that it has to be asked for
 */
export async function followTermination(
  deps: Deps,
  step: NodeStep,
  own: DrainedNode | undefined,
): Promise<Termination | undefined> {
  const found = await deps.autoScaling.findInstance(step.node.instanceId);
  if (found !== undefined && !isGoing(found.lifecycleState)) return undefined;
  const effect = step.node.decrement || found === undefined ? await effectOf(deps, step) : undefined;
  const decrement = decrementOutcomeOf(step.node.decrement, effect, 'unknown');
  return conclude(deps, step, own, { isGone: found === undefined && effect === undefined, decrement });
}

/** Say of a surplus node that it stays, as the group may not become smaller. */
export const keptAtMinimum = ({ run, node }: NodeStep): Termination => ({
  status: 'kept',
  decrement: 'atMinimum',
  reason: `Group ${run.autoScalingGroupName} is at its minimum size, which keeps surplus instance ${node.instanceId}.`,
});

/**
 * Terminate an instance through its group. Where the minimum size forbids the decrement an outdated node is replaced, and a
 * surplus node is reopened and stays.
 */
export async function requestTermination(
  deps: Deps,
  step: NodeStep,
  own: DrainedNode | undefined,
): Promise<Termination> {
  const { instanceId, decrement: wasAsked, kind } = step.node;
  const first = await deps.autoScaling.terminate(instanceId, { decrement: wasAsked });
  if (first === 'terminating') return conclude(deps, step, own, { isGone: false, decrement: wasAsked ? 'yes' : 'no' });
  // Somebody else's cut, or a health check, was faster: whoever lowered the desired capacity, it was not this request.
  if (first === 'goingAlready') return conclude(deps, step, own, { isGone: false, decrement: 'no' });
  if (first === 'atMinimum' && kind === 'surplus') {
    if (own !== undefined) await reopenNode(deps, step, own, { isBlocked: false });
    return keptAtMinimum(step);
  }
  const last = first === 'gone' ? first : await deps.autoScaling.terminate(instanceId, { decrement: false });
  if (last === 'terminating' || last === 'goingAlready')
    return conclude(deps, step, own, { isGone: false, decrement: 'atMinimum' });
  const effect = wasAsked ? await effectOf(deps, step) : undefined;
  return conclude(deps, step, own, { isGone: true, decrement: decrementOutcomeOf(wasAsked, effect, 'no') });
}
