import type { Deps } from '../../clients/ports.ts';
import { describeUpdate, hasSameTarget } from '../../domain/eks-update/target.ts';
import { UpgradeInProgress } from '../../domain/errors.ts';
import type { UpdateRequest } from '../../domain/state.ts';
import type { EksUpdate } from '../../domain/types.ts';

/** Updates described at the same time. A group has at most one under way, and seldom more than a few in its list. */
const AT_ONCE = 10;

interface Nodegroup {
  readonly clusterName: string;
  readonly nodegroupName: string;
}

/** The update of a managed node group that is under way, whoever started it. */
async function findRunning(deps: Deps, { clusterName, nodegroupName }: Nodegroup): Promise<EksUpdate | undefined> {
  const ids = await deps.eks.listUpdates(clusterName, nodegroupName);
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const some = ids.slice(start, start + AT_ONCE);
    const found = await Promise.all(some.map((id) => deps.eks.findUpdate(clusterName, nodegroupName, id)));
    const running = found.find((update) => update?.status === 'InProgress');
    if (running !== undefined) return running;
  }
  return undefined;
}

/**
 * Find the update under way, if it has our target.
 *
 * @returns `undefined` when none is under way
 * @throws {UpgradeInProgress} naming an update with another target
 */
export async function findFollowable(
  deps: Deps,
  nodegroup: Nodegroup,
  request: UpdateRequest,
): Promise<EksUpdate | undefined> {
  const running = await findRunning(deps, nodegroup);
  if (running === undefined || hasSameTarget(running, request)) return running;
  throw new UpgradeInProgress(
    `EKS is carrying out ${describeUpdate(running)} on node group ${nodegroup.nodegroupName}, which has another target: wait for it, then start again. ` +
      'An update of EKS cannot be stopped',
  );
}
