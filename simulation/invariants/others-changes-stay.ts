import { ledgerOf } from '../ledger/ledger.ts';
import type { Invariant } from './invariant.ts';

/** Only what is ours is undone. */
export const othersChangesStay: Invariant = {
  name: 'others’ changes stay',
  promise:
    'A label, annotation, taint, cordon, tag or suspended process that somebody else has set is never removed or overwritten, and neither is the minimum size.',
  begin(world, broken) {
    const { groups, marks } = ledgerOf(world);
    marks.onTrespass(({ object, what, from, to, by }) => {
      const how = to === undefined ? 'removes' : `sets to ${to}`;
      broken(`${by.invocation?.functionKey} ${how} ${what}=${from} of ${object}, which is not ours`);
    });
    for (const { group, onChange } of groups.values())
      onChange((change) => {
        if (change.kind === 'minimum' && change.by !== undefined)
          broken(
            `${change.by.invocation?.functionKey} sets MinSize of ${group.name} from ${change.from} to ${change.to}`,
          );
      });
    return undefined;
  },
};
