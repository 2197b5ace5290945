import { causes } from '../../auto-scaling/state/activities.ts';
import { isCounted } from '../../auto-scaling/state/group.ts';
import { UpdateFailure } from '../state/update.ts';
import type { KubernetesNode } from './cluster-access.ts';
import { drainNode } from './drain-node.ts';
import { instanceIdOf, type UpdateRun } from './update-run.ts';

/** From cordoning an empty node until its instance is ended. */
const CORDON_SECONDS = 60;

/** Empty a node. @returns false when pods are left, and must not be deleted */
async function emptyNode({ state, access, mustForce }: UpdateRun, nodeName: string): Promise<boolean> {
  const left = await drainNode(access, state.clock, nodeName);
  if (left.length > 0 && !mustForce) return false;
  for (const pod of left) await access.deletePod(pod);
  return true;
}

/** End the instance of an empty node; Auto Scaling launches another from the newest template. */
async function endNode({ state, access }: UpdateRun, node: KubernetesNode): Promise<void> {
  const { clock, autoScaling } = state;
  await access.changeNode(node.metadata.name, ({ spec }) =>
    spec?.unschedulable ? undefined : { spec: { unschedulable: true } },
  );
  await clock.sleep(CORDON_SECONDS);
  const membership = autoScaling.find(instanceIdOf(node));
  // It may have ended by itself meanwhile.
  if (membership !== undefined && isCounted(membership.member))
    autoScaling.terminate(membership, causes.requested(clock.now(), membership.member.instance.instanceId));
}

/**
 * Replace every node that lacks the newest configuration, as many at a time as the update may, in an order of chance.
 *
 * @param afterEach what to wait for before the place of a node is given to the next one
 * @throws {UpdateFailure} PodEvictionFailure with the names of the nodes that could not be emptied, once those in hand are done
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html (upgrade phase)
 */
export async function replaceNodes(
  update: UpdateRun,
  afterEach: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { state, nodegroup, group, access, maxParallel, isNewest } = update;
  const { clock, eksRandom } = state;
  const taken = new Set<string>();
  const blocked: string[] = [];
  const failures: unknown[] = [];

  let seen: readonly KubernetesNode[] = [];
  const isOpen = (node: KubernetesNode): boolean => {
    const member = group.members.get(instanceIdOf(node));
    return !isNewest(node) && !taken.has(node.metadata.name) && member !== undefined && isCounted(member);
  };
  const takeFrom = (nodes: readonly KubernetesNode[]): KubernetesNode | undefined => {
    const node = nodes[eksRandom.integer(nodes.length)];
    if (node !== undefined) taken.add(node.metadata.name);
    return node;
  };
  /** Nodes are listed again when all that were seen are taken: there may be more by then. */
  const takeNode = async (): Promise<KubernetesNode | undefined> => {
    const left = seen.filter(isOpen);
    if (left.length > 0) return takeFrom(left);
    seen = await access.nodesOf(nodegroup.name);
    return takeFrom(seen.filter(isOpen));
  };

  const work = async (): Promise<void> => {
    while (blocked.length === 0 && failures.length === 0) {
      const node = await takeNode();
      if (node === undefined) return;
      if (!(await emptyNode(update, node.metadata.name))) {
        blocked.push(node.metadata.name);
        return;
      }
      await endNode(update, node);
      await afterEach();
    }
  };

  const places = Array.from({ length: maxParallel }, () =>
    clock.run(() => work().catch((thrown: unknown) => void failures.push(thrown))),
  );
  await clock.idleUntil(Promise.all(places));
  if (failures.length > 0) throw failures[0];
  if (blocked.length > 0)
    throw new UpdateFailure(
      'PodEvictionFailure',
      `Reached max retries while trying to evict pods from nodes in node group ${nodegroup.name}`,
      blocked,
    );
}
