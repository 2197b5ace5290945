import type { Node } from 'eks-sandbox/kubernetes';
import type { SimulatedWorld } from '../world.ts';
import { instanceIdOf, isInHand, isKeptFree, isNodeReady } from './node-state.ts';
import { observeField, observeMap } from './observed-fields.ts';
import type { CarriedRequest } from './requests.ts';

export type Group = NonNullable<ReturnType<SimulatedWorld['region']['state']['autoScaling']['groups']['get']>>;
export type Member = NonNullable<ReturnType<Group['members']['get']>>;
type Store = NonNullable<ReturnType<SimulatedWorld['stores']['get']>>;
type By = CarriedRequest | undefined;

/** Something that changed about a group, and by whom: `undefined` is everybody but the workflow. */
export type GroupChange = { readonly by: By } & (
  | { readonly kind: 'desired' | 'minimum' | 'maximum'; readonly to: number; readonly from: number }
  | { readonly kind: 'came' | 'left'; readonly member: Member }
  | { readonly kind: 'lifecycle'; readonly member: Member; readonly to: string; readonly from: string }
  | { readonly kind: 'node'; readonly node: Node }
);

/** What a group is like by the truth of the world, and what everybody but the workflow did to it. */
export interface GroupLedger {
  readonly group: Group;
  readonly store: Store;
  /** Nodes that the workflow has added to the desired capacity so far. */
  readonly raised: number;
  /** Instances that were ever in the group, in the order in which they came. */
  readonly everMembers: ReadonlyMap<string, Member>;
  nodeOf(instanceId: string): Node | undefined;
  /** Members that pods can use and the workflow has not taken. */
  serving(): ReadonlySet<string>;
  /** How many of them are left once Auto Scaling has removed what is beyond the desired capacity. */
  available(): number;
  /** Members whose nodes are Ready, those in hand included. */
  ready(): number;
  /** What the owner wants of the group now. */
  needed(): number;
  /**
   * The least and the most that the owner may mean to be the desired capacity: they differ only where others have cut it, since
   * nobody can tell then whether they meant their own nodes or the surge.
   */
  meant(): readonly [least: number, most: number];
  /** The least that the owner has wanted since an instant, milliseconds since the epoch. */
  leastNeededSince(at: number): number;
  /** Nodes that others have taken away since an instant. */
  lostSince(at: number): number;
  /** When a member came to be available; infinity for one that is not. */
  servingSince(instanceId: string): number;
  onChange(listener: (change: GroupChange) => void): void;
}

interface Entry {
  readonly at: number;
  readonly value: number;
}

const isCounted = ({ lifecycleState }: Member) =>
  !lifecycleState.startsWith('Terminating') && !lifecycleState.endsWith('Standby');

/** The wish of the owner, as changes of the desired capacity and what follows of them show it. */
function createWish(group: Group) {
  let wish = group.desiredCapacity;
  let withCuts = group.desiredCapacity;
  let withoutCuts = group.desiredCapacity;
  let lastSet = group.desiredCapacity;
  let raised = 0;
  /** Cut by others, and nothing removed for it so far. */
  let pendingCut = 0;
  return {
    get wish() {
      return wish;
    },
    get raised() {
      return raised;
    },
    /** Sizes that the owner may mean: with all cuts kept, with none of them, or what was set last. */
    get meant() {
      return [withCuts, withoutCuts, lastSet, wish] as const;
    },
    changed(change: number, by: By) {
      if (by !== undefined) {
        raised += Math.max(0, change);
        // What was cut before it was launched is asked for again: it was ours.
        if (change > 0) pendingCut = 0;
        return;
      }
      lastSet = group.desiredCapacity;
      withCuts += change;
      if (change < 0) pendingCut -= change;
      else {
        const takenBack = Math.min(pendingCut, change);
        pendingCut -= takenBack;
        wish += change - takenBack;
        withoutCuts += change - takenBack;
      }
    },
    removedByOthers() {
      if (pendingCut === 0) return;
      pendingCut -= 1;
      wish -= 1;
    },
  };
}

/** Keep the ledger of a group. It changes nothing. */
export function createGroupLedger(world: SimulatedWorld, group: Group): GroupLedger {
  const { clock, asking } = world;
  const store = world.stores.get(group.clusterName) as Store;
  const wish = createWish(group);
  const everMembers = new Map<string, Member>();
  const nodeNames = new Map<string, string>();
  const losses: Entry[] = [];
  const needs: Entry[] = [];
  const since = new Map<string, number>();
  const listeners: ((change: GroupChange) => void)[] = [];

  const nodeOf = (instanceId: string) => {
    const name = nodeNames.get(instanceId);
    return name === undefined ? undefined : store.get('nodes', undefined, name);
  };
  const inService = () => [...group.members.values()].filter(({ lifecycleState }) => lifecycleState === 'InService');
  const isReadyMember = ({ instance }: Member) => {
    const node = nodeOf(instance.instanceId);
    return node !== undefined && isNodeReady(node);
  };
  const isServing = (member: Member) => {
    const node = nodeOf(member.instance.instanceId);
    return node !== undefined && isNodeReady(node) && !isInHand(node) && !isKeptFree(node);
  };
  const serving = () =>
    new Set(
      inService()
        .filter(isServing)
        .map(({ instance }) => instance.instanceId),
    );
  const doomed = () => Math.max(0, [...group.members.values()].filter(isCounted).length - group.desiredCapacity);
  const available = () => serving().size - doomed();
  const needed = () => Math.max(group.minSize, wish.wish);

  let before = 0;
  const note = (by: By) => {
    const at = clock.now();
    const present = serving();
    for (const id of since.keys()) if (!present.has(id)) since.delete(id);
    for (const id of present) if (!since.has(id)) since.set(id, at);
    const after = present.size - doomed();
    if (by === undefined && after < before) losses.push({ at, value: before - after });
    before = after;
    const need = needed();
    if (needs.at(-1)?.value !== need) needs.push({ at, value: need });
  };
  const tell = (change: GroupChange) => {
    note(change.by);
    for (const listener of listeners) listener(change);
  };

  observeField(group, 'desiredCapacity', (to, from) => {
    const by = asking();
    wish.changed(to - from, by);
    tell({ kind: 'desired', to, from, by });
  });
  observeField(group, 'minSize', (to, from) => tell({ kind: 'minimum', to, from, by: asking() }));
  observeField(group, 'maxSize', (to, from) => tell({ kind: 'maximum', to, from, by: asking() }));
  observeMap(group.members, {
    onCome(_, member) {
      everMembers.set(member.instance.instanceId, member);
      observeField(member, 'lifecycleState', (to, from) => {
        const by = asking();
        if (to.startsWith('Terminating') && !from.startsWith('Terminating')) {
          if (by === undefined && member.instance.state === 'running') wish.removedByOthers();
        }
        if (to === 'EnteringStandby' && by === undefined) wish.removedByOthers();
        tell({ kind: 'lifecycle', member, to, from, by });
      });
      tell({ kind: 'came', member, by: asking() });
    },
    onLeave: (_, member) => tell({ kind: 'left', member, by: asking() }),
  });
  const meet = (node: Node) => {
    const instanceId = instanceIdOf(node);
    if (instanceId !== undefined && everMembers.has(instanceId)) nodeNames.set(instanceId, node.metadata.name);
    return instanceId;
  };
  for (const node of store.list('nodes')) meet(node);
  store.subscribe((event) => {
    if (event.resource !== 'nodes') return;
    const instanceId = meet(event.object);
    if (instanceId !== undefined && everMembers.has(instanceId))
      tell({ kind: 'node', node: event.object, by: asking() });
  });
  note(undefined);
  losses.length = 0;

  return {
    group,
    store,
    get raised() {
      return wish.raised;
    },
    everMembers,
    nodeOf,
    serving,
    available,
    ready: () => inService().filter(isReadyMember).length,
    needed,
    meant() {
      const sizes = wish.meant.map((size) => Math.max(size, group.minSize));
      return [Math.min(...sizes), Math.max(...sizes)];
    },
    leastNeededSince(at) {
      const later = needs.filter((entry) => entry.at > at).map(({ value }) => value);
      const then = needs.findLast((entry) => entry.at <= at)?.value ?? needs[0]?.value ?? 0;
      return Math.min(then, ...later);
    },
    lostSince: (at) => losses.filter((entry) => entry.at > at).reduce((sum, { value }) => sum + value, 0),
    servingSince: (instanceId) => since.get(instanceId) ?? Number.POSITIVE_INFINITY,
    onChange: (listener) => void listeners.push(listener),
  };
}
