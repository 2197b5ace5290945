import { ledgerOf } from '../ledger/ledger.ts';
import { createLicences } from '../ledger/licences.ts';
import { instanceIdOf } from '../ledger/node-state.ts';
import { onRemoval } from '../ledger/removals.ts';
import type { CarriedRequest } from '../ledger/requests.ts';
import { nodeStepOf } from '../ledger/steps.ts';
import type { Invariant } from './invariant.ts';

/** A call that has read its licence may end what it is about. */
const STEP_SECONDS = 120;

/** Whatever is done to a node was written into the record before. */
export const licensed: Invariant = {
  name: 'nothing without a licence',
  promise:
    'A node is drained and terminated only by the execution whose entry is in the record: one that was started by hand, redriven or forgotten touches nothing.',
  begin(world, broken) {
    const { groups } = ledgerOf(world);
    const licences = createLicences(world);
    const check = (by: CarriedRequest, what: string) => {
      const step = nodeStepOf(by.invocation);
      if (step === undefined) return;
      const heldAt = licences.lastHeldAt(step.execution);
      if (heldAt === undefined) broken(`${step.execution} ${what}, and the record never had an entry for it`);
      else if (world.clock.now() - heldAt > STEP_SECONDS * 1000)
        broken(
          `${step.execution} ${what}, ${Math.round((world.clock.now() - heldAt) / 1000)} s after its entry was dropped`,
        );
    };
    onRemoval(world, ({ previous, by }) => check(by, `evicts pod ${previous.metadata.name}`));
    for (const ledger of groups.values())
      ledger.onChange((change) => {
        const { by } = change;
        if (by === undefined) return;
        if (change.kind === 'lifecycle' && change.to.startsWith('Terminating'))
          check(by, `terminates ${change.member.instance.instanceId}`);
        if (change.kind === 'node' && by.invocation?.functionKey === 'drainNode')
          check(by, `changes node ${change.node.metadata.name}`);
      });
    return undefined;
  },
};

/** Only the node that was taken is touched. */
export const ownNodeOnly: Invariant = {
  name: 'only the taken node is changed',
  promise:
    'The execution of a node changes only the Node and the instance that were taken, also when another one has got its name or it has registered again.',
  begin(world, broken) {
    for (const ledger of ledgerOf(world).groups.values())
      ledger.onChange((change) => {
        const step = nodeStepOf(change.by?.invocation);
        if (step === undefined) return;
        const { instanceId, uid } = step.node;
        if (change.kind === 'lifecycle' && change.member.instance.instanceId !== instanceId)
          broken(`${step.execution} terminates ${change.member.instance.instanceId}`);
        if (change.kind !== 'node') return;
        const { metadata } = change.node;
        if (instanceIdOf(change.node) !== instanceId)
          broken(`${step.execution} changes node ${metadata.name} of ${instanceIdOf(change.node)}`);
        else if (uid !== undefined && metadata.uid !== uid)
          broken(`${step.execution} changes node ${metadata.name}, which has registered again since it was taken`);
      });
    return undefined;
  },
};
