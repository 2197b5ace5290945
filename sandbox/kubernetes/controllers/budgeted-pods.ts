import type { PodDisruptionBudget } from '../kinds/disruption-budget.ts';
import type { Pod } from '../kinds/pod.ts';
import { controllerOf, keyOf } from '../object-keys.ts';
import type { OwnerReference } from '../objects.ts';
import { isReady, isTerminating } from '../pod-state.ts';
import { compileSelector, type Labels } from '../selector-match.ts';
import type { ObjectStore } from '../store.ts';

/** What the controller remembers of a budget, so that one pod's change costs no walk over its pods. */
export interface Budget {
  readonly matches: (labels: Labels | undefined) => boolean;
  readonly selector: unknown;
  readonly pods: Map<string, { isHealthy: boolean; isTerminating: boolean; owner: OwnerReference | undefined }>;
  healthyPods: number;
  /** Controllers behind the pods, with how many of the pods each has. */
  readonly owners: Map<string, { reference: OwnerReference; pods: number }>;
  barePods: number;
}

/** Which pods each budget is over, kept as budgets and pods change. */
export interface BudgetedPods {
  find(key: string): Budget | undefined;
  /** Keys of the budgets of a namespace. */
  inNamespace(namespace: string): Iterable<string>;
  /** Follow a budget that is new or changed. */
  follow(budget: PodDisruptionBudget, previous: PodDisruptionBudget | undefined): void;
  forget(budget: PodDisruptionBudget): void;
  /** Follow one change of a pod. @returns keys of the budgets that it concerns */
  movePod(pod: Pod, previous: Pod | undefined, isGone: boolean): readonly string[];
}

const labelEntry = (namespace: string, label: readonly [string, string] | undefined) =>
  label === undefined ? `${namespace}/` : `${namespace}/${label[0]}=${label[1]}`;

const entryOf = ({ metadata: { namespace = '' }, spec }: PodDisruptionBudget) =>
  labelEntry(namespace, Object.entries(spec.selector?.matchLabels ?? {})[0]);

function leave(budget: Budget, podName: string): void {
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
}

function enter(budget: Budget, pod: Pod): void {
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
}

/** Create an empty record of budgets and their pods. */
export function createBudgetedPods(store: ObjectStore): BudgetedPods {
  const budgets = new Map<string, Budget>();
  const keysInNamespace = new Map<string, Set<string>>();
  /** Budgets by a label that their pods must have, so that a pod's change concerns few; '' for budgets that require no label. */
  const keysByLabel = new Map<string, Set<string>>();

  const budgetsOver = function* (namespace: string, labels: Labels | undefined): Generator<string> {
    yield* keysByLabel.get(labelEntry(namespace, undefined)) ?? [];
    for (const label of Object.entries(labels ?? {})) yield* keysByLabel.get(labelEntry(namespace, label)) ?? [];
  };

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

  const movePod: BudgetedPods['movePod'] = (pod, previous, isGone) => {
    const { namespace = '', name, labels } = pod.metadata;
    const concerned = new Set(budgetsOver(namespace, labels));
    if (previous !== undefined && previous.metadata.labels !== labels)
      for (const key of budgetsOver(namespace, previous.metadata.labels)) concerned.add(key);
    return [...concerned].filter((key) => {
      const budget = budgets.get(key);
      if (budget === undefined) return false;
      const isMatch = !isGone && budget.matches(labels);
      if (!isMatch && !budget.pods.has(name)) return false;
      leave(budget, name);
      if (isMatch) enter(budget, pod);
      return true;
    });
  };

  return {
    find: (key) => budgets.get(key),
    inNamespace: (namespace) => keysInNamespace.get(namespace) ?? [],
    follow,
    forget,
    movePod,
  };
}
