import { ownerOf } from '../ledger/node-state.ts';
import { onRemoval } from '../ledger/removals.ts';
import type { CarriedRequest } from '../ledger/requests.ts';
import { nodeStepOf } from '../ledger/steps.ts';
import type { Invariant } from './invariant.ts';

/** Evictions of an owner's pods from one node, beyond those that were there at first. */
const MOST_BEYOND = 2;

interface Drained {
  readonly first: ReadonlySet<string>;
  beyond: number;
}

/** Pods that come back to a node are not evicted without end. */
export const evictionsBounded: Invariant = {
  name: 'evictions are bounded',
  promise:
    'While a node is drained, an owner’s pods that come back to it are evicted at most twice beyond its first pods: no pod is evicted more than three times from one node, unless the step that evicts is lost.',
  begin(world, broken) {
    /** By execution and owner. */
    const drained = new Map<string, Drained>();
    /** By execution, the call that evicted last, with what it was given. */
    const last = new Map<string, { readonly invocation: unknown; readonly given: string }>();
    const forgetLost = (execution: string, { invocation }: CarriedRequest) => {
      const given = JSON.stringify(invocation?.payload);
      const before = last.get(execution);
      last.set(execution, { invocation, given });
      // The same again: what the call before it had done is in no state.
      if (before === undefined || before.invocation === invocation || before.given !== given) return;
      for (const key of drained.keys()) if (key.startsWith(`${execution} `)) drained.delete(key);
    };
    onRemoval(world, ({ previous, clusterName, by, isEviction }) => {
      const step = nodeStepOf(by.invocation);
      if (step === undefined || !isEviction) return;
      forgetLost(step.execution, by);
      const owner = ownerOf(previous);
      const key = `${step.execution} ${owner}`;
      const onNode = world.stores.get(clusterName)?.podsOnNode(previous.spec.nodeName ?? '') ?? [];
      const known = drained.get(key) ?? {
        first: new Set([
          previous.metadata.uid,
          ...onNode.filter((pod) => ownerOf(pod) === owner).map(({ metadata }) => metadata.uid),
        ]),
        beyond: 0,
      };
      drained.set(key, known);
      if (known.first.has(previous.metadata.uid)) return;
      known.beyond += 1;
      if (known.beyond <= MOST_BEYOND) return;
      const { namespace, name } = previous.metadata;
      broken(
        `${step.execution} evicts ${namespace}/${name}: ${known.beyond} evictions of its owner’s pods beyond the ${known.first.size} first ones`,
      );
    });
    return undefined;
  },
};
