import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import { withCondition } from '../conditions.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { PodDisruptionBudget } from '../kinds/disruption-budget.ts';
import type { Pod } from '../kinds/pod.ts';
import type { Deployment, ReplicaSet, StatefulSet } from '../kinds/workloads.ts';
import { controllerOf, keyOf, splitKey } from '../object-keys.ts';
import type { OwnerReference } from '../objects.ts';
import { isReady, isTerminating } from '../pod-state.ts';
import { compileSelector, type Labels } from '../selector-match.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';
import { assessBudget } from './disruption-budget.ts';
import { writeStatus } from './write-status.ts';

/** An eviction that was granted counts as under way for this long, even if its pod is still there. */
const DISRUPTION_TIMEOUT_SECONDS = 2 * 60;

const RESOURCE = 'poddisruptionbudgets';

/** What the controller remembers of a budget, so that one pod's change costs no walk over its pods. */
interface Budget {
  readonly matches: (labels: Labels | undefined) => boolean;
  readonly selector: unknown;
  readonly pods: Map<string, { isHealthy: boolean; isTerminating: boolean; owner: OwnerReference | undefined }>;
  healthyPods: number;
  /** Controllers behind the pods, with how many of the pods each has. */
  readonly owners: Map<string, { reference: OwnerReference; pods: number }>;
  barePods: number;
}

/** Resources with a scale that the controller knows; a budget over other controllers' pods cannot be worked out. */
const SCALED: Readonly<Record<string, 'replicasets' | 'statefulsets'>> = {
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
};

/** Controllers whose pods cannot be counted at all, as the controller names them when it gives up. */
const UNSCALED: Readonly<Record<string, string>> = {
  DaemonSet: 'daemonsets.apps',
  Job: 'jobs.batch',
};

/** Create the disruption controller: it keeps the status of every PodDisruptionBudget. */
export function createDisruptionController({
  clock,
  store,
  events,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
}): { drain(): boolean } {
  const budgets = new Map<string, Budget>();
  const keysInNamespace = new Map<string, Set<string>>();
  /** Budgets by a label that their pods must have, so that a pod's change concerns few; '' for those that ask for none. */
  const keysByLabel = new Map<string, Set<string>>();

  const labelEntry = (namespace: string, label: readonly [string, string] | undefined) =>
    label === undefined ? `${namespace}/` : `${namespace}/${label[0]}=${label[1]}`;

  const entryOf = (budget: PodDisruptionBudget) =>
    labelEntry(budget.metadata.namespace ?? '', Object.entries(budget.spec.selector?.matchLabels ?? {})[0]);

  const budgetsOver = function* (namespace: string, labels: Labels | undefined): Generator<string> {
    yield* keysByLabel.get(labelEntry(namespace, undefined)) ?? [];
    for (const label of Object.entries(labels ?? {})) yield* keysByLabel.get(labelEntry(namespace, label)) ?? [];
  };

  const leave = (budget: Budget, podName: string) => {
    const known = budget.pods.get(podName);
    if (known === undefined) return;
    budget.pods.delete(podName);
    if (known.isHealthy) budget.healthyPods -= 1;
    if (known.owner === undefined) {
      budget.barePods -= 1;
      return;
    }
    const owner = budget.owners.get(known.owner.uid);
    if (owner === undefined) return;
    owner.pods -= 1;
    if (owner.pods === 0) budget.owners.delete(known.owner.uid);
  };

  const enter = (budget: Budget, pod: Pod) => {
    const owner = controllerOf(pod);
    const isHealthy = isReady(pod) && !isTerminating(pod);
    budget.pods.set(pod.metadata.name, { isHealthy, isTerminating: isTerminating(pod), owner });
    if (isHealthy) budget.healthyPods += 1;
    if (owner === undefined) budget.barePods += 1;
    else {
      const known = budget.owners.get(owner.uid) ?? { reference: owner, pods: 0 };
      known.pods += 1;
      budget.owners.set(owner.uid, known);
    }
  };

  /** Pods that a controller is meant to have: its Deployment's number when it has one. */
  const scaledBy = (
    namespace: string | undefined,
    reference: OwnerReference,
  ): Deployment | ReplicaSet | StatefulSet | undefined => {
    const resource = SCALED[reference.kind];
    const controller = resource && store.get(resource, namespace, reference.name);
    if (!controller || controller.metadata.uid !== reference.uid) return undefined;
    const parent = controllerOf(controller);
    const deployment = parent?.kind === 'Deployment' ? store.get('deployments', namespace, parent.name) : undefined;
    return deployment ?? controller;
  };

  const expectedScale = (namespace: string | undefined, budget: Budget): number | { unknownOwner: OwnerReference } => {
    // By uid, for the ReplicaSets of a Deployment that is rolling out have one scale between them.
    const scales = new Map<string, number>();
    for (const { reference } of budget.owners.values()) {
      const scaled = scaledBy(namespace, reference);
      if (scaled === undefined) return { unknownOwner: reference };
      scales.set(scaled.metadata.uid, scaled.spec.replicas ?? 1);
    }
    return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  };

  /** Granted evictions whose pods are still there and not yet going; the next look is due when the first one expires. */
  const stillDisrupted = (object: PodDisruptionBudget, budget: Budget) => {
    const granted = object.status?.disruptedPods ?? {};
    const kept: Record<string, string> = {};
    let recheckAt = Number.POSITIVE_INFINITY;
    for (const [podName, grantedAt] of Object.entries(granted)) {
      const pod = budget.pods.get(podName);
      if (pod === undefined || pod.isTerminating) continue;
      const expiresAt = Date.parse(grantedAt) + DISRUPTION_TIMEOUT_SECONDS * 1000;
      if (expiresAt <= clock.now()) continue;
      kept[podName] = grantedAt;
      recheckAt = Math.min(recheckAt, expiresAt);
    }
    return { kept, recheckAt };
  };

  const fail = (object: PodDisruptionBudget, message: string) => {
    events.record(object, {
      type: 'Warning',
      reason: 'NoControllers',
      message,
      component: 'controllermanager',
    });
    writeStatus(store, RESOURCE, object, {
      disruptionsAllowed: 0,
      conditions: withCondition(
        object.status?.conditions,
        {
          type: 'DisruptionAllowed',
          status: 'False',
          reason: 'SyncFailed',
          message,
          observedGeneration: object.status?.observedGeneration ?? 0,
        },
        isoSeconds(clock.now()),
      ),
    });
  };

  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const object = store.get(RESOURCE, namespace, name);
    const budget = budgets.get(key);
    if (object === undefined || budget === undefined) return;
    const { minAvailable, maxUnavailable } = object.spec;
    const needsScale = maxUnavailable !== undefined || typeof minAvailable === 'string';
    const scale = needsScale ? expectedScale(namespace, budget) : 0;
    if (typeof scale !== 'number') {
      const { kind, uid } = scale.unknownOwner;
      const unscaled = UNSCALED[kind];
      if (unscaled !== undefined) return fail(object, `${unscaled} does not implement the scale subresource`);
      const pod = [...budget.pods].find(([, { owner }]) => owner?.uid === uid)?.[0];
      return fail(object, `found no controllers for pod "${pod}"`);
    }
    if (needsScale && budget.barePods > 0) {
      events.record(object, {
        type: 'Warning',
        reason: 'UnmanagedPods',
        message: `Pods selected by this PodDisruptionBudget (selector: ${JSON.stringify(object.spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
        component: 'controllermanager',
      });
    }
    const { kept, recheckAt } = stillDisrupted(object, budget);
    const disruptedHealthyPods = Object.keys(kept).filter((podName) => budget.pods.get(podName)?.isHealthy).length;
    const status = assessBudget(
      { minAvailable, maxUnavailable },
      {
        pods: budget.pods.size,
        healthyPods: budget.healthyPods - disruptedHealthyPods,
        controllersScale: scale,
      },
    );
    const isAllowed = status.disruptionsAllowed > 0;
    const { disruptedPods: _, ...others } = object.status ?? {};
    const conditions = withCondition(
      others.conditions,
      {
        type: 'DisruptionAllowed',
        status: isAllowed ? 'True' : 'False',
        reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
        message: '',
        observedGeneration: object.metadata.generation,
      },
      isoSeconds(clock.now()),
    );
    store.change(RESOURCE, namespace, name, (current) => ({
      ...current,
      status: {
        ...others,
        ...status,
        ...(Object.keys(kept).length > 0 ? { disruptedPods: kept } : {}),
        observedGeneration: object.metadata.generation,
        conditions,
      },
    }));
    if (recheckAt !== Number.POSITIVE_INFINITY) queue.addAfter((recheckAt - clock.now()) / 1000, key);
  });

  const forget = (object: PodDisruptionBudget) => {
    const key = keyOf(object);
    budgets.delete(key);
    keysInNamespace.get(object.metadata.namespace ?? '')?.delete(key);
    keysByLabel.get(entryOf(object))?.delete(key);
  };

  const follow = (object: PodDisruptionBudget, previous: PodDisruptionBudget | undefined) => {
    const key = keyOf(object);
    const { selector } = object.spec;
    if (budgets.get(key)?.selector === selector && selector !== undefined) return;
    forget(previous ?? object);
    const budget: Budget = {
      matches: compileSelector(selector),
      selector,
      pods: new Map(),
      healthyPods: 0,
      owners: new Map(),
      barePods: 0,
    };
    budgets.set(key, budget);
    const { namespace = '' } = object.metadata;
    keysInNamespace.set(namespace, (keysInNamespace.get(namespace) ?? new Set()).add(key));
    keysByLabel.set(entryOf(object), (keysByLabel.get(entryOf(object)) ?? new Set()).add(key));
    for (const pod of store.list('pods'))
      if (pod.metadata.namespace === namespace && budget.matches(pod.metadata.labels)) enter(budget, pod);
  };

  store.subscribe(({ resource, type, object, previous }) => {
    const { namespace = '' } = object.metadata;
    if (resource === RESOURCE) {
      const key = keyOf(object);
      if (type === 'DELETED') {
        forget(object);
        return;
      }
      follow(object, previous);
      const isOurs = previous !== undefined && previous.spec === object.spec;
      if (!isOurs || previous.status?.disruptedPods !== object.status?.disruptedPods) queue.add(key);
    } else if (resource === 'pods') {
      const isSameLabels = previous?.metadata.labels === object.metadata.labels;
      if (
        type === 'MODIFIED' &&
        previous !== undefined &&
        isSameLabels &&
        isReady(previous) === isReady(object) &&
        isTerminating(previous) === isTerminating(object)
      )
        return;
      const concerned = new Set(budgetsOver(namespace, object.metadata.labels));
      if (previous !== undefined && !isSameLabels)
        for (const key of budgetsOver(namespace, previous.metadata.labels)) concerned.add(key);
      for (const key of concerned) {
        const budget = budgets.get(key);
        if (budget === undefined) continue;
        const isMatch = type !== 'DELETED' && budget.matches(object.metadata.labels);
        if (!isMatch && !budget.pods.has(object.metadata.name)) continue;
        leave(budget, object.metadata.name);
        if (isMatch) enter(budget, object);
        queue.add(key);
      }
    } else if (resource === 'deployments' || resource === 'replicasets' || resource === 'statefulsets') {
      if (previous?.spec?.replicas === object.spec?.replicas && type === 'MODIFIED') return;
      for (const key of keysInNamespace.get(namespace) ?? []) queue.add(key);
    }
  });

  return { drain: queue.drain };
}
