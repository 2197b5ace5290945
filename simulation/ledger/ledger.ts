/*
 * Words of this folder:
 *
 * ledger   what everybody did to the groups of a world, kept by watching the world: nothing that the workflow says is believed
 * carried  (a request of the workflow's functions) that reached the world, whatever the function was told of it
 * wish     the desired capacity without the workflow's surge
 * serving  (a node) that pods can use and the workflow has not taken
 * lost     (nodes that served) taken away by others
 * mark     what somebody has set on a node or a group: a label, a taint, a tag …
 */

import type { SimulatedWorld } from '../world.ts';
import { createGroupLedger, type GroupLedger } from './group-ledger.ts';
import { createMarks, type Marks } from './marks.ts';

/** Everybody's changes of a world. */
export interface Ledger {
  /** By name of the Auto Scaling group. */
  readonly groups: ReadonlyMap<string, GroupLedger>;
  readonly marks: Marks;
}

const ledgers = new WeakMap<SimulatedWorld, Ledger>();

/** The ledger of a world: one, however many invariants ask for it. Ask before anything happens. */
export function ledgerOf(world: SimulatedWorld): Ledger {
  const known = ledgers.get(world);
  if (known !== undefined) return known;
  const groups = [...world.region.state.autoScaling.groups.values()];
  const ledger: Ledger = {
    groups: new Map(groups.map((group) => [group.name, createGroupLedger(world, group)])),
    marks: createMarks(world),
  };
  ledgers.set(world, ledger);
  return ledger;
}
