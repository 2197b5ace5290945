import type { Node } from 'eks-sandbox/kubernetes';
import type { SimulatedWorld } from '../world.ts';
import type { Group } from './group-ledger.ts';
import { observeMap } from './observed-fields.ts';
import type { CarriedRequest } from './requests.ts';

/** One thing that somebody has set on an object: a label, an annotation, a taint, a tag … */
interface Mark {
  readonly value: string;
  readonly isOurs: boolean;
}

/** The workflow has removed or overwritten what somebody else had set. */
export interface Trespass {
  /** e.g. `node ip-10-0-0-1`. */
  readonly object: string;
  /** e.g. `label team`. */
  readonly what: string;
  readonly from: string;
  readonly to: string | undefined;
  readonly by: CarriedRequest;
}

/** Who has set what on the nodes and groups of a world. */
export interface Marks {
  onTrespass(listener: (trespass: Trespass) => void): void;
  /** What the workflow has set, and nobody has removed: a sentence each. */
  leftByUs(): readonly string[];
}

/** What is set on a node, apart from its status. */
function marksOf({ metadata, spec }: Node): Map<string, string> {
  const entries = (kind: string, given: Readonly<Record<string, string>> = {}) =>
    Object.entries(given).map(([key, value]) => [`${kind} ${key}`, value] as const);
  return new Map([
    ...entries('label', metadata.labels),
    ...entries('annotation', metadata.annotations),
    ...(metadata.finalizers ?? []).map((name) => [`finalizer ${name}`, ''] as const),
    ...(spec?.taints ?? []).map(({ key, value = '', effect }) => [`taint ${key}:${effect}`, value] as const),
    ...(spec?.unschedulable === true ? [['cordon', 'true'] as const] : []),
  ]);
}

/** What is the workflow's whoever writes it. */
const isOwn = (what: string): boolean => / eks-nodegroup-upgrade\//.test(what);

/** Follow who sets what on the nodes and groups of a world. */
export function createMarks({ stores, asking, region }: SimulatedWorld): Marks {
  const objects = new Map<string, { readonly name: string; readonly marks: Map<string, Mark> }>();
  const listeners: ((trespass: Trespass) => void)[] = [];

  const change = (id: string, what: string, to: string | undefined) => {
    const object = objects.get(id);
    if (object === undefined) return;
    const before = object.marks.get(what);
    if (before?.value === to) return;
    const by = asking();
    if (by !== undefined && before !== undefined && !before.isOurs && !isOwn(what))
      for (const tell of listeners) tell({ object: object.name, what, from: before.value, to, by });
    if (to === undefined) object.marks.delete(what);
    else object.marks.set(what, { value: to, isOurs: by !== undefined });
  };
  const meet = (id: string, name: string, given: ReadonlyMap<string, string>) => {
    const marks = new Map([...given].map(([what, value]) => [what, { value, isOurs: false }]));
    objects.set(id, { name, marks });
  };

  const meetNode = (node: Node) => meet(node.metadata.uid, `node ${node.metadata.name}`, marksOf(node));
  for (const store of stores.values()) {
    for (const node of store.list('nodes')) meetNode(node);
    store.subscribe((event) => {
      if (event.resource !== 'nodes') return;
      const { uid } = event.object.metadata;
      if (event.type === 'ADDED') meetNode(event.object);
      else if (event.type === 'DELETED') objects.delete(uid);
      else {
        const now = marksOf(event.object);
        for (const what of [...(objects.get(uid)?.marks.keys() ?? [])])
          if (!now.has(what)) change(uid, what, undefined);
        for (const [what, value] of now) change(uid, what, value);
      }
    });
  }
  const meetGroup = ({ name, tags, suspended }: Group) => {
    meet(name, `group ${name}`, new Map());
    observeMap(tags, {
      onCome: (key, { value }) => change(name, `tag ${key}`, value),
      onLeave: (key) => change(name, `tag ${key}`, undefined),
    });
    observeMap(suspended, {
      onCome: (process) => change(name, `suspended ${process}`, 'true'),
      onLeave: (process) => change(name, `suspended ${process}`, undefined),
    });
  };
  for (const group of region.state.autoScaling.groups.values()) meetGroup(group);

  return {
    onTrespass: (listener) => void listeners.push(listener),
    leftByUs: () =>
      [...objects.values()].flatMap(({ name, marks }) =>
        [...marks].flatMap(([what, { value, isOurs }]) => (isOurs ? [`${name} has ${what}=${value} of ours`] : [])),
      ),
  };
}
