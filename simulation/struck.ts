import type { SimulatedWorld } from './world.ts';

/** Count what befell a world, by kind. */
export function countStruck(world: SimulatedWorld): Record<string, number> {
  const counts = new Map<string, number>(world.struck);
  const add = (kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
  for (const { actor, refusal } of world.actorReports) if (refusal === undefined) add(actor.kind);
  return Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
}
