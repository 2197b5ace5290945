import type { Pod } from 'eks-sandbox/kubernetes';
import { onRemoval } from '../ledger/removals.ts';
import { nodeStepOf } from '../ledger/steps.ts';
import { isUndisturbed } from '../ledger/undisturbed.ts';
import type { Invariant } from './invariant.ts';

/** Pods are moved once. */
export const movedOnce: Invariant = {
  name: 'pods move once',
  promise:
    'Where nobody interferes, no pod moves twice in a run: what took the place of an evicted pod stays. Under MINIMAL, which adds no node, it may have to go to an outdated one.',
  begin(world, broken) {
    if (!isUndisturbed(world.given)) return undefined;
    onRemoval(world, ({ previous, by }) => {
      const [run] = world.runs;
      const { creationTimestamp = '', namespace, name } = previous.metadata;
      const step = nodeStepOf(by.invocation);
      // What has come to a node that is being drained is not excused.
      const isExcused = step !== undefined && Date.parse(creationTimestamp) <= Date.parse(step.node.admittedAt);
      if (step?.run.updateStrategy === 'MINIMAL' && isExcused) return;
      if (run === undefined || world.runs.length > 1) return;
      if (Date.parse(creationTimestamp) > run.execution.startedAt && !comesBack(previous))
        broken(`pod ${namespace}/${name} has moved already, and is evicted from ${previous.spec.nodeName}`);
    });
    return undefined;
  },
};

/** A pod that goes where it wants, whatever the taints say. */
const comesBack = ({ spec }: Pod): boolean =>
  (spec.tolerations ?? []).some(({ key, operator }) => key === undefined && operator === 'Exists');
