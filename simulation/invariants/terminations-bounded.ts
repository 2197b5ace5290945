import { ledgerOf } from '../ledger/ledger.ts';
import { nodeStepOf } from '../ledger/steps.ts';
import type { Invariant } from './invariant.ts';
import { isOutdatedFor } from './rightful-nodes.ts';

/** Nothing new is terminated but what was added. */
export const terminationsBounded: Invariant = {
  name: 'terminations are bounded',
  promise:
    'No more instances are terminated than were outdated, and than the run has added: nodes + surge + interruptions.',
  begin(world, broken) {
    for (const ledger of ledgerOf(world).groups.values()) {
      let renewed = 0;
      ledger.onChange((change) => {
        if (change.kind !== 'lifecycle' || change.by === undefined) return;
        if (!change.to.startsWith('Terminating') || change.from.startsWith('Terminating')) return;
        const step = nodeStepOf(change.by.invocation);
        if (step !== undefined && isOutdatedFor(change.member, step)) return;
        renewed += 1;
        if (renewed > ledger.raised)
          broken(
            `${change.member.instance.instanceId} is the ${renewed}th new instance that is terminated, and ${ledger.raised} were added`,
          );
      });
    }
    return undefined;
  },
};
