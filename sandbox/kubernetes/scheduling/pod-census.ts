import type { AntiAffinityTerm, Pod } from '../kinds/pod.ts';
import { controllerOf } from '../object-keys.ts';
import { isFinished, isTerminating, nodeNameOf } from '../pod-state.ts';
import { compileSelector, type LabelSelector } from '../selector-match.ts';
import type { ObjectStore } from '../store.ts';

/** How many pods of some kind each node and zone runs. */
export interface Census {
  onNode(nodeName: string): number;
  inZone(zone: string): number;
  /** Names of the nodes that run at least one. */
  nodeNames(): Iterable<string>;
}

/** Pods that a census counts: topology spread ignores terminating pods, anti-affinity does not. */
export type Counted = 'staying' | 'present';

export interface PodCensus {
  /** Pods of a namespace that match a selector. */
  matching(namespace: string, selector: LabelSelector | undefined, counted: Counted): Census;
  /** Pods of one controller that are staying. */
  ofController(uid: string): Census;
  /** Present pods whose required anti-affinity keeps this pod away, by topology key. */
  repelling(pod: Pod): { topologyKey: string; census: Census }[];
}

interface Count extends Census {
  add(nodeName: string, difference: 1 | -1): void;
  isEmpty(): boolean;
}

type Matches = ReturnType<typeof compileSelector>;

function createCount(zoneOf: (nodeName: string) => string): Count {
  /** The zone is remembered, for its node may be gone before its pods are. */
  const byNode = new Map<string, { pods: number; readonly zone: string }>();
  const byZone = new Map<string, number>();
  return {
    onNode: (nodeName) => byNode.get(nodeName)?.pods ?? 0,
    inZone: (zone) => byZone.get(zone) ?? 0,
    nodeNames: () => byNode.keys(),
    isEmpty: () => byNode.size === 0,
    add(nodeName, difference) {
      const entry = byNode.get(nodeName) ?? { pods: 0, zone: zoneOf(nodeName) };
      entry.pods += difference;
      if (entry.pods === 0) byNode.delete(nodeName);
      else byNode.set(nodeName, entry);
      byZone.set(entry.zone, (byZone.get(entry.zone) ?? 0) + difference);
    },
  };
}

const antiAffinityOf = (pod: Pod): readonly AntiAffinityTerm[] =>
  pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

/** Node of a pod that occupies it. */
const presentOn = (pod: Pod | undefined) => (pod === undefined || isFinished(pod) ? undefined : nodeNameOf(pod));

const stayingOn = (pod: Pod | undefined) => (pod === undefined || isTerminating(pod) ? undefined : presentOn(pod));

/** Count bound pods by node, for each selector and controller that was asked for, as pods change. */
export function createPodCensus(store: ObjectStore, zoneOf: (nodeName: string) => string): PodCensus {
  const bySelector = new Map<string, Count>();
  /** The same by the selector's object, which the pods of a template share. */
  const bySelectorObject = new WeakMap<LabelSelector, Map<string, Count>>();
  /** Pods that a selector asked about later must find, by namespace and uid. */
  const bound = new Map<string, Map<string, Pod>>();
  const selectorsOf = {
    staying: new Map<string, [Matches, Count][]>(),
    present: new Map<string, [Matches, Count][]>(),
  };
  const byController = new Map<string, Count>();
  const repellers = new Map<
    string,
    { namespaces: readonly string[]; topologyKey: string; matches: Matches; census: Count }
  >();

  const controllerCount = (uid: string) => {
    let count = byController.get(uid);
    if (count === undefined) {
      count = createCount(zoneOf);
      byController.set(uid, count);
    }
    return count;
  };

  const repellerOf = (podNamespace: string, term: AntiAffinityTerm) => {
    const { topologyKey, labelSelector, namespaces = [podNamespace] } = term;
    const key = JSON.stringify([namespaces, topologyKey, labelSelector]);
    let repeller = repellers.get(key);
    if (repeller === undefined) {
      repeller = { namespaces, topologyKey, matches: compileSelector(labelSelector), census: createCount(zoneOf) };
      repellers.set(key, repeller);
    }
    return repeller;
  };

  const count = (counted: Counted, pod: Pod, nodeName: string, difference: 1 | -1) => {
    const namespace = pod.metadata.namespace ?? '';
    for (const [matches, each] of selectorsOf[counted].get(namespace) ?? [])
      if (matches(pod.metadata.labels)) each.add(nodeName, difference);
    if (counted === 'present') {
      for (const term of antiAffinityOf(pod)) repellerOf(namespace, term).census.add(nodeName, difference);
    } else {
      const owner = controllerOf(pod);
      if (owner !== undefined && owner.kind !== 'DaemonSet') controllerCount(owner.uid).add(nodeName, difference);
    }
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource !== 'pods') return;
    const next = type === 'DELETED' ? undefined : object;
    follow(object, presentOn(next) !== undefined);
    for (const [counted, nodeOf] of [
      ['staying', stayingOn],
      ['present', presentOn],
    ] as const) {
      const before = nodeOf(previous);
      const after = nodeOf(next);
      if (before === after && previous?.metadata.labels === object.metadata.labels) continue;
      if (previous !== undefined && before !== undefined) count(counted, previous, before, -1);
      if (after !== undefined) count(counted, object, after, 1);
    }
  });

  const countOf = (namespace: string, selector: LabelSelector | undefined, counted: Counted): Count => {
    const key = JSON.stringify([counted, namespace, selector]);
    let known = bySelector.get(key);
    if (known === undefined) {
      known = createCount(zoneOf);
      const matches = compileSelector(selector);
      bySelector.set(key, known);
      selectorsOf[counted].set(namespace, [...(selectorsOf[counted].get(namespace) ?? []), [matches, known]]);
      for (const pod of bound.get(namespace)?.values() ?? []) {
        const nodeName = (counted === 'staying' ? stayingOn : presentOn)(pod);
        if (nodeName !== undefined && matches(pod.metadata.labels)) known.add(nodeName, 1);
      }
    }
    return known;
  };

  const follow = (pod: Pod, isBound: boolean) => {
    const { namespace = '', uid } = pod.metadata;
    const pods = bound.get(namespace) ?? new Map<string, Pod>();
    if (isBound) bound.set(namespace, pods.set(uid, pod));
    else pods.delete(uid);
  };

  return {
    matching(namespace, selector, counted) {
      const purpose = `${counted} ${namespace}`;
      const known = selector && bySelectorObject.get(selector)?.get(purpose);
      if (known !== undefined) return known;
      const created = countOf(namespace, selector, counted);
      if (selector !== undefined) {
        const purposes = bySelectorObject.get(selector) ?? new Map<string, Count>();
        bySelectorObject.set(selector, purposes.set(purpose, created));
      }
      return created;
    },
    ofController: controllerCount,
    repelling: (pod) =>
      [...repellers.values()].filter(
        ({ namespaces, matches, census }) =>
          !census.isEmpty() && namespaces.includes(pod.metadata.namespace ?? '') && matches(pod.metadata.labels),
      ),
  };
}
