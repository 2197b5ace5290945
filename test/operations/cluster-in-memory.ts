import type { Cluster } from '../../clients/ports.ts';
import { budgetsOf, forbidsEviction } from '../../domain/drain/budgets.ts';
import type { Budget, EvictionOutcome, Lease, Node, NodePatch, Pod, PodDeparture } from '../../domain/types.ts';
import type { ClockInMemory } from './clock-in-memory.ts';

/** What the Kubernetes port answers from. A test writes into it what its story is about. */
export interface ClusterInMemory {
  readonly nodes: Map<string, Node>;
  /** By uid. */
  readonly pods: Map<string, Pod>;
  budgets: Budget[];
  readonly leases: Map<string, Lease>;
  hasLeaseNamespace: boolean;
  attachments: { nodeName: string; persistentVolumeName: string }[];
  /** namespace/name of the claim, by name of the volume. */
  readonly claims: Map<string, string>;
  /** Uids; every DaemonSet that a pod has, unless it is given. */
  daemonSets: string[] | undefined;
  /** What dry runs of evictions are answered, by name of the pod; any other would be accepted. */
  readonly dryRuns: Map<string, EvictionOutcome>;
  /** Pods that have gone, for a watch of departures. */
  readonly departures: PodDeparture[];
  readonly events: { nodeName: string; reason: string; message: string }[];
  /** Rights that are missing, as `verb resource`. */
  readonly missingRights: Set<string>;
  /** Seconds a pod takes to stop; by name where one takes another time, for ever where it is Infinity. */
  stopSeconds: number;
  readonly stopSecondsByPod: Map<string, number>;
}

const withoutNull = <Value>(values: Readonly<Record<string, Value | null>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== null));

const patched = (node: Node, patch: NodePatch): Node => ({
  ...node,
  labels: withoutNull({ ...node.labels, ...patch.labels }),
  annotations: withoutNull({ ...node.annotations, ...patch.annotations }),
  taints: patch.taints ?? node.taints,
  isUnschedulable: patch.unschedulable ?? node.isUnschedulable,
  resourceVersion: String(Number(node.resourceVersion) + 1),
});

function newState(): ClusterInMemory {
  return {
    nodes: new Map(),
    pods: new Map(),
    budgets: [],
    leases: new Map(),
    hasLeaseNamespace: true,
    attachments: [],
    claims: new Map(),
    daemonSets: undefined,
    dryRuns: new Map(),
    departures: [],
    events: [],
    missingRights: new Set(),
    stopSeconds: 5,
    stopSecondsByPod: new Map(),
  };
}

/** Ask a pod to stop, unless it was asked already. */
function stop(state: ClusterInMemory, clock: ClockInMemory, pod: Pod): void {
  const { uid, name, gracePeriodSeconds } = pod;
  if (pod.deletionDeadlineAt !== undefined) return;
  const deletionDeadlineAt = new Date(clock.now().getTime() + gracePeriodSeconds * 1000).toISOString();
  state.pods.set(uid, { ...pod, deletionDeadlineAt });
  const seconds = state.stopSecondsByPod.get(name) ?? state.stopSeconds;
  if (!Number.isFinite(seconds)) return;
  clock.after(seconds, () => {
    const last = state.pods.get(uid);
    if (last !== undefined) state.departures.push({ pod: last, isGone: true });
    state.pods.delete(uid);
  });
}

type PodMethods =
  | 'listPodsOnNode'
  | 'listPods'
  | 'podsVersion'
  | 'watchDepartures'
  | 'listBudgets'
  | 'evict'
  | 'deletePod'
  | 'waitForPodsGone'
  | 'listVolumeAttachments'
  | 'findClaimOfVolume'
  | 'listDaemonSets'
  | 'tryEviction';

function podMethods(state: ClusterInMemory, clock: ClockInMemory, changes: string[]): Pick<Cluster, PodMethods> {
  const on = (nodeName: string) => [...state.pods.values()].filter((pod) => pod.nodeName === nodeName);
  return {
    async listPodsOnNode(nodeName) {
      return { pods: on(nodeName), resourceVersion: '1' };
    },
    async listPods() {
      return [...state.pods.values()];
    },
    async podsVersion() {
      return String(state.departures.length);
    },
    async watchDepartures({ resourceVersion, timeoutSeconds }) {
      await clock.sleep(timeoutSeconds);
      const departures = state.departures.slice(Number(resourceVersion));
      return { departures, resourceVersion: String(state.departures.length) };
    },
    async listBudgets() {
      return state.budgets;
    },
    async evict({ uid }) {
      const pod = state.pods.get(uid);
      if (pod === undefined) return { status: 'absent' };
      const own = budgetsOf(pod, state.budgets);
      if (own.length > 1) return { status: 'ambiguous', message: 'more than one budget' };
      if (own.some((budget) => forbidsEviction(budget, pod)))
        return { status: 'blocked', message: 'the budget allows none' };
      changes.push(`evict ${pod.name}`);
      state.budgets = state.budgets.map((budget) =>
        own.includes(budget) ? { ...budget, disruptionsAllowed: Math.max(0, budget.disruptionsAllowed - 1) } : budget,
      );
      stop(state, clock, pod);
      return { status: 'evicted' };
    },
    async deletePod({ uid }) {
      const pod = state.pods.get(uid);
      if (pod === undefined) return 'absent';
      changes.push(`deletePod ${pod.name}`);
      stop(state, clock, pod);
      return 'deleted';
    },
    async waitForPodsGone(nodeName, { uids, timeoutSeconds }) {
      const listed = new Set(on(nodeName).map(({ uid }) => uid));
      const areGone = () => uids.every((uid) => !state.pods.has(uid));
      for (let second = 0; second < timeoutSeconds && !areGone(); second += 1) await clock.sleep(1);
      return areGone() && on(nodeName).every(({ uid }) => listed.has(uid));
    },
    async listDaemonSets() {
      return state.daemonSets ?? [...state.pods.values()].flatMap(({ owner }) => owner?.uid ?? []);
    },
    async tryEviction({ name }) {
      return state.dryRuns.get(name) ?? { status: 'evicted' };
    },
    async findClaimOfVolume(name) {
      return state.claims.get(name);
    },
    async listVolumeAttachments() {
      return state.attachments;
    },
  };
}

type NodeMethods = 'listNodes' | 'listNodesToWatch' | 'watchNodes' | 'findNode' | 'patchNode';

const isAnother = (node: Node, { identity }: NodePatch) =>
  identity !== undefined && (node.uid !== identity.uid || node.providerId !== identity.providerId);

/** The nodes that have a label, by name: what two looks at them may differ in. */
const labelled = (nodes: ReadonlyMap<string, Node>, label: string) =>
  new Map([...nodes].filter(([, node]) => node.labels[label] !== undefined));

/** The version of a list is the number of the listing; a watch shows what differs from what that listing saw. */
function nodeMethods({ nodes }: ClusterInMemory, clock: ClockInMemory, changes: string[]): Pick<Cluster, NodeMethods> {
  const seen: ReadonlyMap<string, Node>[] = [];
  const see = () => String(seen.push(new Map(nodes)) - 1);
  const list = (labels: Readonly<Record<string, string>> = {}) =>
    [...nodes.values()].filter((node) => Object.entries(labels).every(([key, value]) => node.labels[key] === value));
  return {
    async listNodes(labels) {
      return list(labels);
    },
    async listNodesToWatch(labels) {
      return { nodes: list(labels), resourceVersion: see() };
    },
    async watchNodes({ label, resourceVersion, timeoutSeconds }) {
      const before = labelled(seen[Number(resourceVersion)] ?? new Map(), label);
      for (let second = 0; ; second += 1) {
        const now = labelled(nodes, label);
        const changed = [...now.values()].filter((node) => before.get(node.name) !== node);
        const gone = [...before.values()]
          .filter(({ name, uid }) => now.get(name)?.uid !== uid)
          .map(({ name, uid }) => ({ name, uid }));
        const isOver = second >= timeoutSeconds || changed.length + gone.length > 0;
        if (isOver) return { changed, gone, resourceVersion: see() };
        await clock.sleep(1);
      }
    },
    async findNode(name) {
      return nodes.get(name);
    },
    async patchNode(name, patch) {
      const node = nodes.get(name);
      if (node === undefined || isAnother(node, patch)) return 'absent';
      if (patch.resourceVersion !== undefined && patch.resourceVersion !== node.resourceVersion) return 'conflict';
      const isUnexpected = ([key, value]: [string, string]) => node.annotations[key] !== value;
      if (Object.entries(patch.annotationsBefore ?? {}).some(isUnexpected)) return 'conflict';
      changes.push(`patchNode ${name}`);
      const changed = patched(node, patch);
      nodes.set(name, changed);
      return changed;
    },
  };
}

type LeaseMethods = 'findLease' | 'createLease' | 'replaceLease' | 'annotateLease' | 'deleteLease';

function leaseMethods(state: ClusterInMemory, changes: string[]): Pick<Cluster, LeaseMethods> {
  const { leases } = state;
  return {
    async findLease(_namespace, name) {
      return leases.get(name);
    },
    async createLease(_namespace, lease) {
      if (!state.hasLeaseNamespace) return 'noNamespace';
      if (leases.has(lease.name)) return 'conflict';
      const created = { ...lease, uid: `lease-${changes.length}`, resourceVersion: '1' };
      leases.set(lease.name, created);
      changes.push(`createLease ${lease.name}`);
      return created;
    },
    async replaceLease(_namespace, lease) {
      const present = leases.get(lease.name);
      if (present?.uid !== lease.uid || present?.resourceVersion !== lease.resourceVersion) return 'conflict';
      const replaced = { ...lease, resourceVersion: String(Number(lease.resourceVersion) + 1) };
      leases.set(lease.name, replaced);
      changes.push(`replaceLease ${lease.name}`);
      return replaced;
    },
    async annotateLease(_namespace, { name, resourceVersion }, annotations) {
      const present = leases.get(name);
      if (present === undefined || present.resourceVersion !== resourceVersion) return 'conflict';
      const changed = {
        ...present,
        annotations: withoutNull({ ...present.annotations, ...annotations }),
        resourceVersion: String(Number(resourceVersion) + 1),
      };
      leases.set(name, changed);
      changes.push(`annotateLease ${name}`);
      return changed;
    },
    async deleteLease(_namespace, { name }) {
      leases.delete(name);
      changes.push(`deleteLease ${name}`);
    },
  };
}

/** Make the Kubernetes port over an empty cluster. */
export function createCluster(clock: ClockInMemory, changes: string[]): { cluster: Cluster; state: ClusterInMemory } {
  const state = newState();
  const cluster: Cluster = {
    ...podMethods(state, clock, changes),
    ...leaseMethods(state, changes),
    ...nodeMethods(state, clock, changes),
    async recordNodeEvent({ name }, { reason, message }) {
      state.events.push({ nodeName: name, reason, message });
    },
    async may({ verb, resource, subresource }) {
      return !state.missingRights.has(`${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`);
    },
    async serverVersion() {
      return 'v1.33.2';
    },
  };
  return { cluster, state };
}
