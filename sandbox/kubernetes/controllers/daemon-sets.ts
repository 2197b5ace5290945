import { deletePod } from '../graceful-deletion.ts';
import type { Node } from '../kinds/node.ts';
import type { Pod, PodTemplate } from '../kinds/pod.ts';
import type { DaemonSet } from '../kinds/workloads.ts';
import { controllerOf, keyOf, splitKey } from '../object-keys.ts';
import { isFinished, isReady, isTerminating, nodeNameOf } from '../pod-state.ts';
import { matchesTerms } from '../scheduling/node-affinity.ts';
import { isTolerated, NOT_READY, type Toleration, UNREACHABLE, UNSCHEDULABLE } from '../taints.ts';
import { createWorkQueue } from '../work-queue.ts';
import { podFromTemplate, templateHashOf } from './pod-template.ts';
import { type ControllerParts, generatePodName } from './replica-sets.ts';
import { writeStatus } from './write-status.ts';

const REVISION_LABEL = 'controller-revision-hash';

/** What every DaemonSet pod puts up with: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  ...[NOT_READY, UNREACHABLE].map((key) => ({ key, operator: 'Exists', effect: 'NoExecute' })),
  ...[
    'node.kubernetes.io/disk-pressure',
    'node.kubernetes.io/memory-pressure',
    'node.kubernetes.io/pid-pressure',
    UNSCHEDULABLE,
  ].map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' })),
];

const SEPARATOR = '\n';

/** Create the controller of DaemonSets: one pod on every node that the template fits. */
export function createDaemonSetController({ clock, store, events, random }: Omit<ControllerParts, 'tally'>): {
  drain(): boolean;
} {
  /** Pods of each set by the node they are meant for, and the nodes that are to have one. */
  const placements = new Map<string, { podsByNode: Map<string, Set<string>>; eligible: Set<string> }>();

  const placementsOf = (uid: string) => {
    let known = placements.get(uid);
    if (known === undefined) {
      known = { podsByNode: new Map(), eligible: new Set() };
      placements.set(uid, known);
    }
    return known;
  };

  /** The node that a pod was made for, bound to it or not yet. */
  const meantFor = (pod: Pod): string | undefined =>
    nodeNameOf(pod) ??
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]
      ?.matchFields?.[0]?.values?.[0];

  /** Shared by all pods of a template, so that a big world holds them once. */
  const tolerations = new WeakMap<PodTemplate, readonly Toleration[]>();

  const tolerationsOf = (template: PodTemplate): readonly Toleration[] => {
    let known = tolerations.get(template);
    if (known === undefined) {
      known = [
        ...(template.spec.tolerations ?? []),
        ...DAEMON_TOLERATIONS,
        ...(template.spec.hostNetwork === true
          ? [{ key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' }]
          : []),
      ];
      tolerations.set(template, known);
    }
    return known;
  };

  const fits = (template: PodTemplate, node: Node): { mayStart: boolean; mayStay: boolean } => {
    const labels = node.metadata.labels ?? {};
    const selector = template.spec.nodeSelector ?? {};
    const terms =
      template.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
    const isSelected =
      Object.entries(selector).every(([key, value]) => labels[key] === value) &&
      (terms === undefined || matchesTerms(terms, { name: node.metadata.name, labels }));
    if (!isSelected) return { mayStart: false, mayStay: false };
    const tolerated = tolerationsOf(template);
    const repelling = (node.spec?.taints ?? []).filter(
      (taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, tolerated),
    );
    return {
      mayStart: repelling.length === 0,
      mayStay: !repelling.some(({ effect }) => effect === 'NoExecute'),
    };
  };

  const createPod = (set: DaemonSet, nodeName: string) => {
    const { template } = set.spec;
    const { namespace, name: setName } = set.metadata;
    const generateName = `${setName}-`;
    const name = generatePodName(store, random, namespace, generateName);
    store.create(
      'pods',
      podFromTemplate(set, template, {
        name,
        generateName,
        labels: {
          [REVISION_LABEL]: templateHashOf(template),
          'pod-template-generation': String(set.metadata.generation),
        },
        spec: {
          ...template.spec,
          affinity: {
            ...template.spec.affinity,
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
              },
            },
          },
          tolerations: tolerationsOf(template),
        },
      }),
    );
    events.record(set, {
      reason: 'SuccessfulCreate',
      message: `Created pod: ${name}`,
      component: 'daemonset-controller',
    });
  };

  const podsOn = (set: DaemonSet, nodeName: string): Pod[] =>
    [...(placementsOf(set.metadata.uid).podsByNode.get(nodeName) ?? [])].flatMap(
      (name) => store.get('pods', set.metadata.namespace, name) ?? [],
    );

  const placing = createWorkQueue(clock, (item) => {
    const [key = '', nodeName = ''] = item.split(SEPARATOR);
    const [namespace, name] = splitKey(key);
    const set = store.get('daemonsets', namespace, name);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    const { eligible } = placementsOf(set.metadata.uid);
    const node = store.get('nodes', undefined, nodeName);
    const { mayStart, mayStay } =
      node === undefined ? { mayStart: false, mayStay: false } : fits(set.spec.template, node);
    if (mayStart) eligible.add(nodeName);
    else eligible.delete(nodeName);
    reporting.add(key);
    if (node === undefined) return;
    const pods = podsOn(set, nodeName);
    // A pod that is going still holds its place: the next one comes when it is gone.
    if (mayStart && pods.length === 0) createPod(set, nodeName);
    for (const pod of pods) {
      const isUnwanted = !mayStay || isFinished(pod);
      if (isUnwanted && !isTerminating(pod)) deletePod({ store, clock }, pod);
    }
  });

  const rollOut = (set: DaemonSet) => {
    if (set.spec.updateStrategy?.type === 'OnDelete') return;
    const revision = templateHashOf(set.spec.template);
    const pods = store.ownedBy('pods', set.metadata.uid);
    const outdated = pods.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] !== revision);
    const { eligible } = placementsOf(set.metadata.uid);
    const available = pods.filter((pod) => isReady(pod) && !isTerminating(pod)).length;
    if (outdated.length === 0 || available < eligible.size) return;
    const next = outdated.find((pod) => !isTerminating(pod));
    if (next !== undefined) deletePod({ store, clock }, next);
  };

  const reporting = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const set = store.get('daemonsets', namespace, name);
    if (set === undefined) return;
    const { eligible, podsByNode } = placementsOf(set.metadata.uid);
    const revision = templateHashOf(set.spec.template);
    if (revisions.get(set.metadata.uid) !== revision) {
      revisions.set(set.metadata.uid, revision);
      recount(set.metadata.uid);
    }
    const standing = standings.get(set.metadata.uid) ?? { pods: 0, ready: 0, outdated: 0 };
    if (standing.outdated > 0) rollOut(set);
    let misplaced = 0;
    if (podsByNode.size > eligible.size)
      for (const nodeName of podsByNode.keys()) if (!eligible.has(nodeName)) misplaced += 1;
    const { pods, ready, outdated } = standings.get(set.metadata.uid) ?? standing;
    writeStatus(store, 'daemonsets', set, {
      observedGeneration: set.metadata.generation,
      desiredNumberScheduled: eligible.size,
      currentNumberScheduled: Math.max(0, podsByNode.size - misplaced),
      numberMisscheduled: misplaced,
      updatedNumberScheduled: Math.max(0, pods - outdated),
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: Math.max(0, eligible.size - ready),
    });
  });

  /** Counts kept as pods change, so that reporting does not walk over a pod a node. */
  const standings = new Map<string, { pods: number; ready: number; outdated: number }>();
  const revisions = new Map<string, string>();

  const countIn = (uid: string, pod: Pod, difference: 1 | -1) => {
    const standing = standings.get(uid) ?? { pods: 0, ready: 0, outdated: 0 };
    standings.set(uid, standing);
    if (isTerminating(pod)) return;
    standing.pods += difference;
    if (isReady(pod)) standing.ready += difference;
    if (pod.metadata.labels?.[REVISION_LABEL] !== revisions.get(uid)) standing.outdated += difference;
  };

  const recount = (uid: string) => {
    standings.delete(uid);
    for (const pod of store.ownedBy('pods', uid)) countIn(uid, pod, 1);
  };

  const followPod = (uid: string, pod: Pod, isGone: boolean) => {
    const nodeName = meantFor(pod);
    if (nodeName === undefined) return;
    const { podsByNode } = placementsOf(uid);
    const names = podsByNode.get(nodeName) ?? new Set();
    if (isGone) names.delete(pod.metadata.name);
    else names.add(pod.metadata.name);
    if (names.size === 0) podsByNode.delete(nodeName);
    else podsByNode.set(nodeName, names);
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'daemonsets') {
      const { uid } = object.metadata;
      if (type === 'DELETED') {
        for (const byUid of [placements, standings, revisions]) byUid.delete(uid);
      } else if (object.spec !== previous?.spec) {
        if (type === 'ADDED') revisions.set(uid, templateHashOf(object.spec.template));
        for (const node of store.list('nodes')) placing.add(`${keyOf(object)}${SEPARATOR}${node.metadata.name}`);
        reporting.add(keyOf(object));
      }
    } else if (resource === 'nodes') {
      const isSame = previous?.spec === object.spec && previous?.metadata.labels === object.metadata.labels;
      if (type === 'MODIFIED' && isSame) return;
      for (const set of store.list('daemonsets')) placing.add(`${keyOf(set)}${SEPARATOR}${object.metadata.name}`);
    } else if (resource === 'pods') {
      const owner = controllerOf(object);
      if (owner?.kind !== 'DaemonSet') return;
      if (previous !== undefined) countIn(owner.uid, previous, -1);
      if (type !== 'DELETED') countIn(owner.uid, object, 1);
      if (type !== 'MODIFIED') followPod(owner.uid, object, type === 'DELETED');
      const key = `${object.metadata.namespace}/${owner.name}`;
      reporting.add(key);
      if (type === 'DELETED' || isFinished(object)) placing.add(`${key}${SEPARATOR}${meantFor(object)}`);
    }
  });

  return {
    drain: () => {
      const placed = placing.drain();
      return reporting.drain() || placed;
    },
  };
}
