import { isoSeconds } from '../../world/clock.ts';
import { conditionOf, withCondition } from '../conditions.ts';
import type { PodDisruptionBudget } from '../kinds/disruption-budget.ts';
import type { Pod } from '../kinds/pod.ts';
import { isReady } from '../pod-state.ts';
import { compileSelector } from '../selector-match.ts';
import { PODS } from './built-in-resources.ts';
import type { ApiContext } from './context.ts';
import { checkNamespace } from './create.ts';
import { type DeleteOptions, deleteObject, readDeleteOptions } from './deletion.ts';
import { failures } from './failures.ts';
import { isJsonObject, type JsonObject } from './patch/json-value.ts';
import { isDryRun } from './request-body.ts';

const BUDGET = { group: 'policy', resource: 'poddisruptionbudget' };
const MOST_DISRUPTED_PODS = 2000;
const WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget.";
const DISRUPTION = { reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' };

/** The eviction of a pod that is not running yet, or no longer, is no disruption. */
const needsNoBudget = ({ metadata, status }: Pod) =>
  ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '') || metadata.deletionTimestamp !== undefined;

const budgetCause = (message: string) => [{ reason: 'DisruptionBudget', message }];

/** Budgets over a pod; in policy/v1 an empty selector is over every pod of the namespace, an absent one over none. */
const budgetsOver = ({ store }: ApiContext, { metadata }: Pod) =>
  store
    .list('poddisruptionbudgets')
    .filter(
      (budget) =>
        budget.metadata.namespace === metadata.namespace && compileSelector(budget.spec.selector)(metadata.labels),
    );

/** Why a budget blocks a pod, in kube-apiserver's words. */
function refusalText(budget: PodDisruptionBudget): string {
  const { name } = budget.metadata;
  const condition = conditionOf(budget, 'DisruptionAllowed');
  const isRefusal = condition?.status === 'False' && Boolean(condition.message);
  const refused = `The disruption budget ${name} does not allow evicting pods currently`;
  // The counts cannot be trusted when the budget failed to sync, so that comes first.
  if (isRefusal && condition?.reason === 'SyncFailed') return `${refused} because it failed sync: ${condition.message}`;
  const { desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {};
  if (currentHealthy <= desiredHealthy)
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return isRefusal ? `${refused} (${condition?.reason}): ${condition?.message}` : refused;
}

/** Take one disruption from a budget, or refuse. */
function spend({ store, clock }: ApiContext, budget: PodDisruptionBudget, podName: string, isDry: boolean): void {
  const { namespace, name, generation = 0 } = budget.metadata;
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = budget.status ?? {};
  if (observedGeneration < generation)
    throw failures.tooManyRequests(
      WOULD_VIOLATE,
      10,
      budgetCause(`The disruption budget ${name} is still being processed by the server.`),
    );
  if (Object.keys(disruptedPods).length > MOST_DISRUPTED_PODS)
    throw failures.forbidden(
      BUDGET,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  if (disruptionsAllowed === 0) throw failures.tooManyRequests(WOULD_VIOLATE, 0, budgetCause(refusalText(budget)));
  if (isDry) return;
  const at = isoSeconds(clock.now());
  store.change('poddisruptionbudgets', namespace, name, (current) => ({
    ...current,
    status: {
      ...current.status,
      disruptionsAllowed: disruptionsAllowed - 1,
      disruptedPods: { ...disruptedPods, [podName]: at },
      ...(disruptionsAllowed === 1 ? { conditions: exhausted(current, at) } : {}),
    },
  }));
}

const exhausted = ({ metadata, status }: PodDisruptionBudget, at: string) =>
  withCondition(
    status?.conditions,
    {
      type: 'DisruptionAllowed',
      status: 'False',
      reason: 'InsufficientPods',
      message: '',
      observedGeneration: metadata.generation,
    },
    at,
  );

/** An unready pod may go without being counted: by its budget's policy, or because enough others are healthy. */
function isFreeToGo(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isReady(pod)) return false;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function readEviction(body: JsonObject | undefined, name: string): DeleteOptions {
  if (body === undefined) throw failures.badRequest('EOF');
  if (body.kind !== undefined && body.kind !== 'Eviction')
    throw failures.badRequest(`not a Eviction object: ${String(body.kind)}`);
  if (body.apiVersion !== undefined && body.apiVersion !== 'policy/v1' && body.apiVersion !== 'policy/v1beta1')
    throw failures.badRequest(
      `the API version in the data (${body.apiVersion}) does not match the expected API version (policy/v1)`,
    );
  if (!isJsonObject(body.metadata) || body.metadata.name !== name)
    throw failures.badRequest('name in URL does not match name in Eviction object');
  const options = isJsonObject(body.deleteOptions) ? body.deleteOptions : undefined;
  return readDeleteOptions(new URLSearchParams(), options && { ...options, kind: 'DeleteOptions' });
}

/** A request to evict a pod, read and checked. */
export interface EvictionRequest {
  readonly pod: Pod;
  readonly options: DeleteOptions;
  readonly isDry: boolean;
}

/**
 * Read a request to evict a pod.
 *
 * @throws ApiFailure 400, 403 in a namespace that is being deleted, 404
 */
export function readEvictionRequest(
  context: ApiContext,
  namespace: string | undefined,
  name: string,
  query: URLSearchParams,
  body: JsonObject | undefined,
): EvictionRequest {
  const options = readEviction(body, name);
  const isDry = isDryRun(query, options.dryRun);
  checkNamespace(context, PODS, { namespace, name });
  const pod = context.store.get('pods', namespace, name);
  if (pod === undefined) throw failures.notFound(PODS, name);
  return { pod, options, isDry };
}

/**
 * Evict a pod: delete it if its disruption budget allows.
 *
 * @throws ApiFailure 403, 409, 429 with the budget as cause, 500 for several budgets
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/pod/storage/eviction.go
 */
export function evictPod(context: ApiContext, { pod, options, isDry }: EvictionRequest): void {
  const deletePodNow = () => deleteObject(context, PODS, pod, options, { isDryRun: isDry, disruption: DISRUPTION });
  if (needsNoBudget(pod)) {
    deletePodNow();
    return;
  }
  const [budget, ...others] = budgetsOver(context, pod);
  if (others.length > 0) throw failures.severalBudgets();
  // As upstream, the budget is spent before preconditions are checked.
  if (budget !== undefined && !isFreeToGo(pod, budget)) spend(context, budget, pod.metadata.name, isDry);
  deletePodNow();
}
