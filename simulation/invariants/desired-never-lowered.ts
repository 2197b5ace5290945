import { ledgerOf } from '../ledger/ledger.ts';
import type { Invariant } from './invariant.ts';

/** A desired capacity that somebody has raised since it was read may be overwritten within this time. */
const READING_SECONDS = 30;

/** The desired capacity comes back by decrements only. */
export const desiredNeverLowered: Invariant = {
  name: 'desired is never lowered',
  promise:
    'The desired capacity is lowered only by the termination of a chosen, empty instance: Auto Scaling never chooses one because of us.',
  begin(world, broken) {
    for (const { group, onChange } of ledgerOf(world).groups.values()) {
      let raisedByOthersAt = Number.NEGATIVE_INFINITY;
      onChange((change) => {
        if (change.kind !== 'desired') return;
        const { from, to, by } = change;
        if (by === undefined && to > from) raisedByOthersAt = world.clock.now();
        if (by === undefined || to > from || by.action === 'TerminateInstanceInAutoScalingGroup') return;
        if (world.clock.now() - raisedByOthersAt <= READING_SECONDS * 1000) return;
        broken(`${by.invocation?.functionKey} lowers the desired capacity of ${group.name} from ${from} to ${to}`);
      });
    }
    return undefined;
  },
};
