import { knownAt } from '../ledger/admitted.ts';
import type { GroupLedger, Member } from '../ledger/group-ledger.ts';
import { ledgerOf } from '../ledger/ledger.ts';
import { instanceIdOf } from '../ledger/node-state.ts';
import { onRemoval } from '../ledger/removals.ts';
import { type NodeStep, nodeStepOf } from '../ledger/steps.ts';
import type { SimulatedWorld } from '../world.ts';
import type { Invariant } from './invariant.ts';

/** Whether an instance is not what a run's target is. */
export function isOutdatedFor({ instance, launchedTemplate }: Member, { run }: Pick<NodeStep, 'run'>): boolean {
  const { amiId, comparesVersion, launchTemplateId, launchTemplateVersion } = run.target;
  if (!comparesVersion) return instance.image.id !== amiId;
  return (
    launchedTemplate?.templateId !== launchTemplateId ||
    String(launchedTemplate.versionNumber) !== launchTemplateVersion
  );
}

/** Whether the group has a node more than its owner wants, or had when the node was taken. */
const isSurplus = (world: SimulatedWorld, ledger: GroupLedger, step: NodeStep): boolean =>
  ledger.group.desiredCapacity > ledger.leastNeededSince(knownAt(world, step)) ||
  ledger.lostSince(knownAt(world, step)) > 0;

/** Nothing is evicted from a node that may stay. */
export const rightfulNodes: Invariant = {
  name: 'only rightful nodes are drained',
  promise: 'A pod is evicted only from a node that is outdated and within `nodes`, or that only the surge needs.',
  begin(world, broken) {
    const { groups } = ledgerOf(world);
    onRemoval(world, ({ previous, by }) => {
      const step = nodeStepOf(by.invocation);
      const { name, namespace } = previous.metadata;
      if (step === undefined) {
        broken(`${by.invocation?.functionKey} removes pod ${namespace}/${name}, and works on no node`);
        return;
      }
      const ledger = groups.get(step.run.autoScalingGroupName);
      const nodeName = previous.spec.nodeName ?? '';
      const node = ledger?.store.get('nodes', undefined, nodeName);
      const instanceId = node === undefined ? undefined : instanceIdOf(node);
      const member = ledger?.everMembers.get(instanceId ?? '');
      if (ledger === undefined || instanceId === undefined || member === undefined) return;
      if (instanceId !== step.node.instanceId)
        broken(`pod ${namespace}/${name} is evicted from ${instanceId}, by the execution of ${step.node.instanceId}`);
      const isInScope = step.run.nodes === undefined || step.run.nodes.includes(instanceId);
      if (isOutdatedFor(member, step) ? isInScope : isSurplus(world, ledger, step)) return;
      broken(`pod ${namespace}/${name} is evicted from ${instanceId}, which is not outdated, and no surplus`);
    });
    return undefined;
  },
};
