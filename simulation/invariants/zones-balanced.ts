import type { Group } from '../ledger/group-ledger.ts';
import { ledgerOf } from '../ledger/ledger.ts';
import { onRunEnded } from '../ledger/runs.ts';
import { isUndisturbed } from '../ledger/undisturbed.ts';
import type { Invariant } from './invariant.ts';

/** How many more nodes the fullest zone has than the emptiest. */
function spreadOf({ zones, members }: Group): number {
  const counts = zones.map(
    (zone) =>
      [...members.values()].filter(
        ({ instance, lifecycleState }) =>
          instance.availabilityZone === zone && !lifecycleState.startsWith('Terminating'),
      ).length,
  );
  return Math.max(...counts) - Math.min(...counts);
}

/** Zones end as balanced as they began. */
export const zonesBalanced: Invariant = {
  name: 'zones stay balanced',
  promise: 'Where nobody interferes, the zones of a group are as balanced when a run has succeeded as before it.',
  begin(world, broken) {
    if (!isUndisturbed(world.given)) return undefined;
    const { groups } = ledgerOf(world);
    const before = new Map([...groups].map(([name, { group }]) => [name, spreadOf(group)]));
    onRunEnded(world, ({ status }, run) => {
      const group = groups.get(run.autoScalingGroupName)?.group;
      if (status !== 'SUCCEEDED' || group === undefined || run.nodes !== undefined) return;
      const was = Math.max(1, before.get(group.name) ?? 1);
      const now = spreadOf(group);
      if (now > was) broken(`the zones of ${group.name} differ by ${now} nodes, and differed by ${was} at most`);
    });
    return undefined;
  },
};
