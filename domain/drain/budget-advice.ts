import type { Budget, Pod } from '../types.ts';
import { isPermanentlyBlocking, podsForRoom } from './budgets.ts';
import { ownerName } from './pods.ts';

const ALLOW_ONE = 'change the budget to allow 1 unavailable';
export const CHECK_DISRUPTION_CONTROLLER =
  'check that kube-controller-manager works: its disruption controller has not seen the last change of the budget';

/** Owners whose pods end by themselves. */
const ENDS_BY_ITSELF = new Set(['Job', 'CronJob']);

/** What kubectl needs to list the pods under a budget; a selector by expressions has no short form. */
function podsCommand({ namespace, selector }: Budget): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const isWhole = labels.length > 0 && (selector?.matchExpressions ?? []).length === 0;
  return `kubectl get pods -n ${namespace}${isWhole ? ` -l ${labels.join(',')}` : ''}`;
}

/** How there come to be more pods of the owner: nothing adds any to a bare pod. */
function withMorePods(pod: Pod, { expectedPods }: Budget, needed: number): string {
  const owner = ownerName(pod);
  if (owner === undefined || pod.owner?.kind === 'DaemonSet') {
    return `let a controller run it with ${needed} replicas or more, ${ALLOW_ONE}, or delete the pod yourself`;
  }
  return expectedPods <= 1
    ? `run ${owner} with ${needed} replicas or more, or ${ALLOW_ONE}`
    : `run more replicas of ${owner}, so that the budget covers ${needed} pods or more (${expectedPods} now), or ${ALLOW_ONE}`;
}

/** The budget asks for every pod that there is: no waiting helps, unless they end by themselves. */
function adviceWhenPermanent(pod: Pod, budget: Budget): string {
  if (ENDS_BY_ITSELF.has(pod.owner?.kind ?? '')) return `wait until ${ownerName(pod)} has finished, or ${ALLOW_ONE}`;
  const needed = podsForRoom(budget);
  return needed === undefined
    ? `${ALLOW_ONE}; waiting or adding replicas does not help`
    : `${withMorePods(pod, budget, needed)}; waiting does not help`;
}

/** Too few pods are Ready: those that are not must become so, and what lets them go unready helps an unready pod only. */
function adviceWhenUnhealthy(pod: Pod, budget: Budget): string {
  const all = ownerName(pod) === undefined ? 'all pods under the budget' : `all pods of ${ownerName(pod)}`;
  const repair = `wait until ${all} are Ready again, and repair the pods that do not become Ready (${podsCommand(budget)})`;
  return pod.isReady || budget.unhealthyPodEvictionPolicy === 'AlwaysAllow'
    ? repair
    : `${repair}, or set unhealthyPodEvictionPolicy: AlwaysAllow on the budget, which lets this pod go as it is not Ready`;
}

/** What to do about a budget whose status Kubernetes cannot compute. */
export const adviceWhenNotComputed = ({ isStatusOld, syncFailure }: Budget): string =>
  isStatusOld === true && syncFailure === undefined
    ? CHECK_DISRUPTION_CONTROLLER
    : 'write the rule as minAvailable with a number of pods, which can be computed for pods of any owner, or give the pods a ' +
      'controller with a scale (such as a Deployment); waiting does not help';

/** What to do about a budget that allows nothing now. */
export function budgetAdvice(pod: Pod, budget: Budget): string {
  if (isPermanentlyBlocking(budget)) return adviceWhenPermanent(pod, budget);
  if (budget.currentHealthy <= budget.desiredHealthy && budget.currentHealthy < budget.expectedPods) {
    return adviceWhenUnhealthy(pod, budget);
  }
  const moved = ownerName(pod) === undefined ? 'pods under the budget' : `pods of ${ownerName(pod)}`;
  return `wait until the ${moved} that moved are Ready elsewhere, or relax the budget`;
}
