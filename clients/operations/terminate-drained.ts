import { originalSizes } from '../../domain/journal.ts';
import type { Run } from '../../domain/run.ts';
import type { Deps } from '../ports.ts';
import { readGroup } from './observe-group.ts';

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
      const status = await deps.autoScaling.terminate(instanceId, { decrement: true });
      if (status !== 'atMinimum') return { status, decremented: status === 'terminating' };
    }
  }
  const status = await deps.autoScaling.terminate(instanceId, { decrement: false });
  return { status: status === 'terminating' ? 'terminating' : 'gone', decremented: false };
}
