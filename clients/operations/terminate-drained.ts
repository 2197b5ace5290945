import { readControl, withControl } from '../../domain/control.ts';
import { originalSizes } from '../../domain/journal.ts';
import type { Run } from '../../domain/run.ts';
import type { Deps } from '../ports.ts';
import { changeControl } from './control-record.ts';
import { readGroup } from './observe-group.ts';

/** Write down that an instance takes back a surge node before it does, or that it turned out not to. */
async function account(deps: Deps, run: Run, instanceId: string, isAbsorbed: boolean): Promise<void> {
  await changeControl(await deps.cluster(run.clusterName), run, (lease) => {
    const others = readControl(lease).absorbed.filter((absorbed) => absorbed !== instanceId);
    return withControl(lease, { absorbed: isAbsorbed ? [...others, instanceId] : others });
  });
}

/**
 * Terminate a drained instance through its group.
 *
 * @param absorb take one off the desired capacity, as long as it is above what it was before the upgrade
 */
export async function terminateDrained(
  deps: Deps,
  run: Run,
  instanceId: string,
  absorb: boolean,
): Promise<{ status: 'terminating' | 'gone'; decremented: boolean }> {
  if (absorb) {
    const group = await readGroup(deps, run.autoScalingGroupName, { withInstances: false });
    if (group.desiredCapacity > originalSizes(group).desiredCapacity) {
      await account(deps, run, instanceId, true);
      const status = await deps.autoScaling.terminate(instanceId, { decrement: true });
      if (status === 'terminating') return { status, decremented: true };
      // It went without us, and the group replaces it: nothing was taken back.
      await account(deps, run, instanceId, false);
      if (status === 'gone') return { status, decremented: false };
    }
  }
  const status = await deps.autoScaling.terminate(instanceId, { decrement: false });
  return { status: status === 'terminating' ? 'terminating' : 'gone', decremented: false };
}
