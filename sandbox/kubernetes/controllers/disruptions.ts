import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { PodDisruptionBudget } from '../kinds/disruption-budget.ts';
import { keyOf, splitKey } from '../object-keys.ts';
import { isReady, isTerminating } from '../pod-state.ts';
import type { ObjectStore, StoreEvent } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';
import { expectedScale } from './budget-scale.ts';
import { budgetStatus, failedStatus } from './budget-status.ts';
import { type Budget, createBudgetedPods } from './budgeted-pods.ts';
import { writeStatus } from './write-status.ts';

const RESOURCE = 'poddisruptionbudgets';

/** Controllers whose pods cannot be counted at all, as the controller names them in its failure. */
const UNSCALED: Readonly<Record<string, string>> = {
  DaemonSet: 'daemonsets.apps',
  Job: 'jobs.batch',
};

/** Whether a change of a pod changes nothing that a budget counts. */
const isIrrelevant = ({ type, object, previous }: Extract<StoreEvent, { resource: 'pods' }>) =>
  type === 'MODIFIED' &&
  previous !== undefined &&
  previous.metadata.labels === object.metadata.labels &&
  isReady(previous) === isReady(object) &&
  isTerminating(previous) === isTerminating(object);

const unmanagedMessage = ({ spec }: PodDisruptionBudget) =>
  `Pods selected by this PodDisruptionBudget (selector: ${JSON.stringify(spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;

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
  const budgets = createBudgetedPods(store);
  const now = () => ({ now: clock.now(), at: isoSeconds(clock.now()) });

  const warn = (object: PodDisruptionBudget, reason: string, message: string) =>
    events.record(object, { type: 'Warning', reason, message, component: 'controllermanager' });

  const fail = (object: PodDisruptionBudget, message: string) => {
    warn(object, 'NoControllers', message);
    writeStatus(store, RESOURCE, object, failedStatus(object, message, now().at));
  };

  /** The scale of the controllers behind a budget; `undefined` when there is none, which the budget's status reports then. */
  const scaleOf = (object: PodDisruptionBudget, budget: Budget): number | undefined => {
    const owners = [...budget.owners.values()].map(({ reference }) => reference);
    const scale = expectedScale(store, object.metadata.namespace, owners);
    if (typeof scale === 'number') return scale;
    const { kind, uid } = scale.unknownOwner;
    const unscaled = UNSCALED[kind];
    const pod = [...budget.pods].find(([, { owner }]) => owner?.uid === uid)?.[0];
    fail(
      object,
      unscaled === undefined
        ? `found no controllers for pod "${pod}"`
        : `${unscaled} does not implement the scale subresource`,
    );
    return undefined;
  };

  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const object = store.get(RESOURCE, namespace, name);
    const budget = budgets.find(key);
    if (object === undefined || budget === undefined) return;
    const { minAvailable, maxUnavailable } = object.spec;
    const needsScale = maxUnavailable !== undefined || typeof minAvailable === 'string';
    const scale = needsScale ? scaleOf(object, budget) : 0;
    if (scale === undefined) return;
    if (needsScale && budget.barePods > 0) warn(object, 'UnmanagedPods', unmanagedMessage(object));
    const { status, recheckAt } = budgetStatus(object, budget, scale, now());
    store.change(RESOURCE, namespace, name, (current) => ({ ...current, status }));
    if (recheckAt !== Number.POSITIVE_INFINITY) queue.addAfter((recheckAt - clock.now()) / 1000, key);
  });

  store.subscribe((event) => {
    const { resource, type, object, previous } = event;
    if (resource === RESOURCE) {
      if (type === 'DELETED') return budgets.forget(object);
      budgets.follow(object, previous);
      const isOurs = previous !== undefined && previous.spec === object.spec;
      if (!isOurs || previous.status?.disruptedPods !== object.status?.disruptedPods) queue.add(keyOf(object));
    } else if (event.resource === 'pods') {
      if (isIrrelevant(event)) return;
      for (const key of budgets.movePod(event.object, event.previous, type === 'DELETED')) queue.add(key);
    } else if (resource === 'deployments' || resource === 'replicasets' || resource === 'statefulsets') {
      if (previous?.spec.replicas === object.spec.replicas && type === 'MODIFIED') return;
      for (const key of budgets.inNamespace(object.metadata.namespace ?? '')) queue.add(key);
    }
  });

  return { drain: queue.drain };
}
