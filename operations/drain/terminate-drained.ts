import type { Deps } from '../../clients/ports.ts';
import { type Absorption, mayAbsorb } from '../../domain/admission/capacity.ts';
import { readControl, withControl } from '../../domain/admission/control.ts';
import { isTainted } from '../../domain/nodegroup/node-ownership.ts';
import { originalSizes } from '../../domain/nodegroup/original-settings.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import { changeControl } from '../lease/control-record.ts';
import { observeGroup } from '../nodegroup/observe-group.ts';

/** Write down that an instance takes back a surge node before it does, or that it turned out not to. */
async function account(deps: Deps, run: WorkflowRun, instanceId: string, isAbsorbed: boolean): Promise<void> {
  await changeControl(await deps.cluster(run.clusterName), run, (lease) => {
    const others = readControl(lease).absorbed.filter((absorbed) => absorbed !== instanceId);
    return withControl(lease, { absorbed: isAbsorbed ? [...others, instanceId] : others });
  });
}

/** Check whether one more surge node can be removed, now that the other drains have ended as they did. */
async function isAbsorbable(
  deps: Deps,
  run: WorkflowRun,
  instanceId: string,
  absorption: Absorption,
): Promise<boolean> {
  if (absorption === 'never') return false;
  const { group, members } = await observeGroup(deps, run);
  const others = members.filter((member) => member.instanceId !== instanceId);
  // Somebody else has taken it already, in whatever way: it cannot take a surge node back any more.
  if (others.length === members.length) return false;
  return mayAbsorb({
    absorption,
    desiredCapacity: group.desiredCapacity,
    originalDesired: originalSizes(group).desiredCapacity,
    parallelism: run.parallelism,
    othersOutdated: others.filter(({ node }) => node !== undefined && isTainted(node)).length,
  });
}

/**
 * Terminate a drained instance through its group.
 *
 * @param absorption whether to take one off the desired capacity, as long as it is above what it was before the upgrade
 */
export async function terminateDrained(
  deps: Deps,
  run: WorkflowRun,
  instanceId: string,
  absorption: Absorption,
): Promise<{ status: 'terminating' | 'gone'; decremented: boolean }> {
  if (await isAbsorbable(deps, run, instanceId, absorption)) {
    await account(deps, run, instanceId, true);
    const status = await deps.autoScaling.terminate(instanceId, { decrement: true });
    if (status === 'terminating') return { status, decremented: true };
    // It went without us, and the group replaces it: nothing was taken back.
    await account(deps, run, instanceId, false);
    if (status === 'gone') return { status, decremented: false };
  }
  const status = await deps.autoScaling.terminate(instanceId, { decrement: false });
  return { status: status === 'terminating' ? 'terminating' : 'gone', decremented: false };
}
