import type { NodeSelectorTerm, Pod } from '../kinds/pod.ts';
import { isTolerated, type Taint, UNSCHEDULABLE } from '../taints.ts';
import { matchesTerms } from './node-affinity.ts';
import { type Admission, HOST_LABEL, type NodeRoom, type NodeRooms, ZONE_LABEL } from './node-room.ts';
import type { Census, PodCensus } from './pod-census.ts';
import type { Requirements } from './requirements.ts';

/** Say why no node of an admission may take the pod, in the scheduler's words; `undefined` = they may. */
export function refusalOfAdmission({ isUnschedulable, taints }: Admission, required: Requirements): string | undefined {
  if (isUnschedulable && !isTolerated({ key: UNSCHEDULABLE, effect: 'NoSchedule' }, required.tolerations))
    return 'node(s) were unschedulable';
  const repelling = taints.find(
    (taint: Taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, required.tolerations),
  );
  return repelling && `node(s) had untolerated taint {${repelling.key}: ${repelling.value ?? ''}}`;
}

/** Taints that would rather not have the pod; each costs the node some of its score. */
export const unwelcomeTaints = ({ taints }: Admission, { tolerations }: Requirements): number =>
  taints.length === 0
    ? 0
    : taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations)).length;

/** A check of one node that is cheap to repeat: why the node cannot take the pod, `undefined` when it can. */
export type NodeFilter = (room: NodeRoom) => string | undefined;

const placement =
  ({ nodeSelector, affinityTerms }: Requirements): NodeFilter =>
  (room) => {
    for (const [key, value] of nodeSelector)
      if (room.labels[key] !== value) return "node(s) didn't match Pod's node affinity/selector";
    return affinityTerms === undefined || matchesTerms(affinityTerms, room)
      ? undefined
      : "node(s) didn't match Pod's node affinity/selector";
  };

/** The first thing that a node lacks. */
const capacity =
  ({ requests: { millicores, memoryBytes } }: Requirements): NodeFilter =>
  (room) => {
    if (room.usedPods + 1 > room.pods) return 'Too many pods';
    if (millicores > 0 && room.usedMillicores + millicores > room.millicores) return 'Insufficient cpu';
    if (memoryBytes > 0 && room.usedMemoryBytes + memoryBytes > room.memoryBytes) return 'Insufficient memory';
    return undefined;
  };

const volumeReach =
  (volumeTerms: readonly (readonly NodeSelectorTerm[])[]): NodeFilter =>
  (room) =>
    volumeTerms.every((terms) => matchesTerms(terms, room)) ? undefined : 'node(s) had volume node affinity conflict';

/** Pods of a census in the node's domain of a topology; a node without the label is in none. */
function createDomainCount(rooms: NodeRooms, topologyKey: string, census: Census): (room: NodeRoom) => number {
  if (topologyKey === HOST_LABEL) return (room) => census.onNode(room.name);
  if (topologyKey === ZONE_LABEL) return (room) => (room.zone === '' ? 0 : census.inZone(room.zone));
  const byValue = new Map<string, number>();
  for (const nodeName of census.nodeNames()) {
    const value = rooms.get(nodeName)?.labels[topologyKey];
    if (value !== undefined) byValue.set(value, (byValue.get(value) ?? 0) + census.onNode(nodeName));
  }
  return (room) => byValue.get(room.labels[topologyKey] ?? '') ?? 0;
}

function antiAffinity(pod: Pod, required: Requirements, rooms: NodeRooms, census: PodCensus): NodeFilter[] {
  const own = required.antiAffinity.flatMap(
    ({ topologyKey, labelSelector, namespaces = [pod.metadata.namespace ?? ''] }) =>
      namespaces.map((namespace) => ({ topologyKey, census: census.matching(namespace, labelSelector, 'present') })),
  );
  const avoid =
    (message: string) =>
    (term: { topologyKey: string; census: Census }): NodeFilter => {
      const count = createDomainCount(rooms, term.topologyKey, term.census);
      return (room) => (count(room) > 0 ? message : undefined);
    };
  return [
    ...census.repelling(pod).map(avoid("node(s) didn't satisfy existing pods anti-affinity rules")),
    ...own.map(avoid("node(s) didn't match pod anti-affinity rules")),
  ];
}

/** Spread constraints that must hold: a node may take the pod only if its domain stays within the skew. */
function mandatorySpread(pod: Pod, required: Requirements, rooms: NodeRooms, census: PodCensus): NodeFilter[] {
  const constraints = required.spread.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
  if (constraints.length === 0) return [];
  const isEligible = placement(required);
  return constraints.map(({ topologyKey, maxSkew, labelSelector }) => {
    const count = createDomainCount(
      rooms,
      topologyKey,
      census.matching(pod.metadata.namespace ?? '', labelSelector, 'staying'),
    );
    let least = Number.POSITIVE_INFINITY;
    for (const room of rooms.all())
      if (room.labels[topologyKey] !== undefined && isEligible(room) === undefined)
        least = Math.min(least, count(room));
    return (room) =>
      room.labels[topologyKey] !== undefined && count(room) + 1 - least <= maxSkew
        ? undefined
        : "node(s) didn't match pod topology spread constraints";
  });
}

/**
 * Combine everything about a single node that can keep a pod off it, in the scheduler's order.
 *
 * @param volumeTerms node affinity of each volume that the pod mounts
 */
export function createNodeFilter(
  pod: Pod,
  required: Requirements,
  volumeTerms: readonly (readonly NodeSelectorTerm[])[],
  rooms: NodeRooms,
  census: PodCensus,
): NodeFilter {
  const filters = [
    ...(required.nodeSelector.length > 0 || required.affinityTerms !== undefined ? [placement(required)] : []),
    capacity(required),
    ...(volumeTerms.length > 0 ? [volumeReach(volumeTerms)] : []),
    ...mandatorySpread(pod, required, rooms, census),
    ...antiAffinity(pod, required, rooms, census),
  ];
  return (room) => {
    for (const filter of filters) {
      const refusal = filter(room);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}
