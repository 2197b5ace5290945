import type { Node } from '../kinds/node.ts';
import type { Pod } from '../kinds/pod.ts';
import { isFinished, nodeNameOf, requestsOf } from '../pod-state.ts';
import { parseMillicores, parseQuantity } from '../quantity.ts';
import type { ObjectStore } from '../store.ts';
import type { Taint } from '../taints.ts';

/** What the scheduler knows of one node; kept up to date in place, since it is read for every candidate. */
export interface NodeRoom {
  readonly name: string;
  labels: Readonly<Record<string, string>>;
  zone: string;
  /** Millicores, bytes and pods that the node offers. */
  millicores: number;
  memoryBytes: number;
  pods: number;
  usedMillicores: number;
  usedMemoryBytes: number;
  usedPods: number;
  admission: Admission;
  /** Where it stands in its zone's list of its admission. */
  position: number;
}

/** Nodes with the same taints and the same `unschedulable`: whether a pod may enter is one question for all of them. */
export interface Admission {
  readonly isUnschedulable: boolean;
  readonly taints: readonly Taint[];
  readonly zones: Map<string, NodeRoom[]>;
}

export interface NodeRooms {
  get(nodeName: string): NodeRoom | undefined;
  all(): IterableIterator<NodeRoom>;
  admissions(): IterableIterator<Admission>;
  count(): number;
}

export const ZONE_LABEL = 'topology.kubernetes.io/zone';
export const HOST_LABEL = 'kubernetes.io/hostname';

/**
 * Follow nodes and the pods on them.
 *
 * @param onRoomChanged a node came, or may now take a pod that it could not take before
 */
export function createNodeRooms(store: ObjectStore, onRoomChanged: (nodeName: string) => void): NodeRooms {
  const rooms = new Map<string, NodeRoom>();
  const admissions = new Map<string, Admission>();
  /** Pods bound to a node that does not exist yet, or not any more. */
  const used = new Map<string, { millicores: number; memoryBytes: number; pods: number }>();

  const admissionOf = (node: Node): Admission => {
    const isUnschedulable = node.spec?.unschedulable === true;
    const taints = (node.spec?.taints ?? []).map(({ key, value, effect }) => ({ key, value, effect }));
    const key = JSON.stringify([isUnschedulable, taints]);
    let admission = admissions.get(key);
    if (admission === undefined) {
      admission = { isUnschedulable, taints, zones: new Map() };
      admissions.set(key, admission);
    }
    return admission;
  };

  const enlist = (room: NodeRoom) => {
    let list = room.admission.zones.get(room.zone);
    if (list === undefined) {
      list = [];
      room.admission.zones.set(room.zone, list);
    }
    room.position = list.length;
    list.push(room);
  };

  const strike = (room: NodeRoom) => {
    const list = room.admission.zones.get(room.zone);
    const last = list?.pop();
    if (list === undefined || last === undefined || last === room) return;
    list[room.position] = last;
    last.position = room.position;
  };

  const putNode = (node: Node, previous: Node | undefined) => {
    const { name } = node.metadata;
    const isUntouched =
      previous !== undefined &&
      rooms.has(name) &&
      previous.spec === node.spec &&
      previous.metadata.labels === node.metadata.labels &&
      previous.status?.allocatable === node.status?.allocatable;
    if (isUntouched) return;
    const allocatable = node.status?.allocatable ?? {};
    const labels = node.metadata.labels ?? {};
    const known = rooms.get(name);
    if (known !== undefined) strike(known);
    const usage = used.get(name) ?? { millicores: 0, memoryBytes: 0, pods: 0 };
    const room: NodeRoom = known ?? {
      name,
      labels,
      zone: '',
      millicores: 0,
      memoryBytes: 0,
      pods: 0,
      usedMillicores: usage.millicores,
      usedMemoryBytes: usage.memoryBytes,
      usedPods: usage.pods,
      admission: admissionOf(node),
      position: 0,
    };
    room.labels = labels;
    room.zone = labels[ZONE_LABEL] ?? '';
    room.millicores = parseMillicores(allocatable.cpu ?? '0');
    room.memoryBytes = parseQuantity(allocatable.memory ?? '0');
    room.pods = parseQuantity(allocatable.pods ?? '0');
    room.admission = admissionOf(node);
    rooms.set(name, room);
    enlist(room);
    onRoomChanged(name);
  };

  const occupy = (pod: Pod, difference: 1 | -1) => {
    const nodeName = nodeNameOf(pod);
    if (nodeName === undefined || isFinished(pod)) return;
    const { millicores, memoryBytes } = requestsOf(pod);
    const usage = used.get(nodeName) ?? { millicores: 0, memoryBytes: 0, pods: 0 };
    usage.millicores += difference * millicores;
    usage.memoryBytes += difference * memoryBytes;
    usage.pods += difference;
    if (usage.pods === 0) used.delete(nodeName);
    else used.set(nodeName, usage);
    const room = rooms.get(nodeName);
    if (room === undefined) return;
    room.usedMillicores = usage.millicores;
    room.usedMemoryBytes = usage.memoryBytes;
    room.usedPods = usage.pods;
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'nodes') {
      if (type !== 'DELETED') return putNode(object, previous);
      const room = rooms.get(object.metadata.name);
      if (room !== undefined) strike(room);
      rooms.delete(object.metadata.name);
    } else if (resource === 'pods') {
      const leaves = previous !== undefined && !isFinished(previous) && (type === 'DELETED' || isFinished(object));
      const enters = type !== 'DELETED' && nodeNameOf(object) !== undefined && !isFinished(object);
      const wasIn = previous !== undefined && nodeNameOf(previous) !== undefined && !isFinished(previous);
      if (wasIn && !enters) occupy(previous, -1);
      if (enters && !wasIn) occupy(object, 1);
      const nodeName = nodeNameOf(object);
      if (leaves && nodeName !== undefined && rooms.has(nodeName)) onRoomChanged(nodeName);
    }
  });

  return {
    get: (nodeName) => rooms.get(nodeName),
    all: () => rooms.values(),
    admissions: () => admissions.values(),
    count: () => rooms.size,
  };
}
