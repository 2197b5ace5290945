import { conditionOf } from '../conditions.ts';
import type { Node } from '../kinds/node.ts';
import { NOT_READY, type Taint, UNREACHABLE, UNSCHEDULABLE } from '../taints.ts';

/** Taints that stand for a node condition; the node controller owns them and puts back what somebody removes. */
const PRESSURE_TAINTS: Readonly<Record<string, string>> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
};

const OWNED_KEYS = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...Object.values(PRESSURE_TAINTS)]);

/** The taints that a node's conditions and `unschedulable` call for. */
function taintsCalledFor(node: Node): Taint[] {
  const ready = conditionOf(node, 'Ready')?.status ?? 'Unknown';
  const trouble = ready === 'True' ? undefined : ready === 'False' ? NOT_READY : UNREACHABLE;
  return [
    ...(node.spec?.unschedulable === true ? [{ key: UNSCHEDULABLE, effect: 'NoSchedule' }] : []),
    ...(trouble === undefined
      ? []
      : [
          { key: trouble, effect: 'NoSchedule' },
          { key: trouble, effect: 'NoExecute' },
        ]),
    ...Object.entries(PRESSURE_TAINTS).flatMap(([type, key]) =>
      conditionOf(node, type)?.status === 'True' ? [{ key, effect: 'NoSchedule' }] : [],
    ),
  ];
}

/** A node with the taints of its conditions and without those that no longer apply; the same object when it has them. */
export function withConditionTaints(node: Node, at: string): Node {
  const { taints = [], ...spec } = node.spec ?? {};
  const wanted = taintsCalledFor(node);
  const isWanted = ({ key, effect }: Taint) => wanted.some((each) => each.key === key && each.effect === effect);
  const kept = taints.filter((taint) => !OWNED_KEYS.has(taint.key) || isWanted(taint));
  const missing = wanted.filter(({ key, effect }) => !kept.some((each) => each.key === key && each.effect === effect));
  if (kept.length === taints.length && missing.length === 0) return node;
  const next = [...kept, ...missing.map((taint) => ({ ...taint, timeAdded: at }))];
  return { ...node, spec: next.length === 0 ? spec : { ...spec, taints: next } };
}
