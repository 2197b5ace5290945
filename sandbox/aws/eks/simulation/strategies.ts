import { BOOT_SECONDS, creationFailure, readyNodes } from './new-nodes.ts';
import { replaceNodes } from './replace-nodes.ts';
import { scaleDown } from './scale-down.ts';
import { scaleUp } from './scale-up.ts';
import { CHECK_SECONDS, type UpdateRun } from './update-run.ts';

/** Change every node without the newest configuration, and only those: what an earlier update has renewed is left alone. */
async function changeOldNodes(
  { access, nodegroup, isNewest }: UpdateRun,
  change: Parameters<UpdateRun['access']['changeNode']>[1],
): Promise<void> {
  for (const { metadata } of await access.nodesOf(nodegroup.name))
    await access.changeNode(metadata.name, (node) => (isNewest(node) ? undefined : change(node)));
}

/**
 * Replace nodes with more capacity than before in between: the strategy `DEFAULT`.
 *
 * Old nodes are tainted once new ones have come, so that nothing new goes to them and load balancers let them go.
 *
 * @throws {UpdateFailure}
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
 */
export async function replaceWithSurge(run: UpdateRun): Promise<void> {
  const { maxSize, desiredCapacity } = run.group;
  const taint = { key: 'eks.amazonaws.com/nodegroup', value: 'unschedulable', effect: 'NoSchedule' } as const;
  const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' };
  await scaleUp(run);
  await changeOldNodes(run, ({ spec }) => ({
    metadata: { labels },
    spec: { taints: [...(spec?.taints ?? []).filter(({ key }) => key !== taint.key), taint] },
  }));
  await replaceNodes(run);
  await scaleDown(run, { maxSize, desiredCapacity });
}

/**
 * Replace nodes without ever having more than before: the strategy `MINIMAL`.
 *
 * All old nodes are cordoned first, and the place of a node is given to the next one when its replacement is Ready.
 *
 * @throws {UpdateFailure}
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
 */
export async function replaceWithinSize(run: UpdateRun): Promise<void> {
  const { state, access, nodegroup } = run;
  const { clock } = state;
  const countReady = async () => readyNodes(run, await access.nodesOf(nodegroup.name)).length;
  await changeOldNodes(run, () => ({ spec: { unschedulable: true } }));
  const renewedBefore = await countReady();
  let replaced = 0;
  await replaceNodes(run, async () => {
    replaced += 1;
    const wanted = renewedBefore + replaced;
    const deadlineAt = clock.now() + BOOT_SECONDS * 1000;
    while ((await countReady()) < wanted) {
      if (clock.now() >= deadlineAt) throw creationFailure(run);
      await clock.sleep(CHECK_SECONDS);
    }
  });
}
