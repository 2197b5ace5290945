import type { Pod, PodDisruptionBudget } from 'eks-sandbox/kubernetes';
import { isHealthy } from '../ledger/node-state.ts';
import { onRemoval } from '../ledger/removals.ts';
import { nodeStepOf } from '../ledger/steps.ts';
import type { Invariant } from './invariant.ts';

const isOver = ({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean =>
  metadata.namespace === pod.metadata.namespace &&
  Object.entries(spec.selector?.matchLabels ?? {}).every(([key, value]) => pod.metadata.labels?.[key] === value);

/** Whether a pod that is not Ready was until after an instant, milliseconds since the epoch. */
const becameUnreadySince = ({ metadata, status }: Pod, at: number): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some(
    ({ type, status: value, lastTransitionTime = '' }) =>
      type === 'Ready' && value !== 'True' && Date.parse(lastTransitionTime) >= at,
  );

/** From a change of a pod until the budgets over it have been counted again, by which the API server decides. */
const COUNTING_SECONDS = 5;

/** No budget is violated by what the workflow removes. */
export const budgetsHold: Invariant = {
  name: 'budgets hold',
  promise:
    'No pod is removed in a way that leaves fewer healthy pods than a Pod Disruption Budget asks for, unless `force` is set and the time for the graceful attempt is used up.',
  begin(world, broken) {
    onRemoval(world, ({ previous, clusterName, by, isEviction }) => {
      const step = nodeStepOf(by.invocation);
      const { namespace, name } = previous.metadata;
      if (!isEviction) {
        const endsAt = step === undefined ? 0 : Date.parse(step.node.admittedAt) + step.run.drainTimeoutSeconds * 1000;
        const now = world.clock.now() - world.given.lambdaClockBehindSeconds * 1000;
        if (step?.run.force !== true) broken(`pod ${namespace}/${name} is deleted although force is not set`);
        else if (now < endsAt) broken(`pod ${namespace}/${name} is deleted before the time to evict it is over`);
        return;
      }
      if (!isHealthy(previous)) return;
      const store = world.stores.get(clusterName);
      const pods = store?.list('pods') ?? [];
      // What became unready this very moment is in no budget's count yet.
      const wasHealthy = (pod: Pod) =>
        isHealthy(pod) || becameUnreadySince(pod, world.clock.now() - COUNTING_SECONDS * 1000);
      for (const budget of store?.list('poddisruptionbudgets') ?? []) {
        if (!isOver(budget, previous)) continue;
        const healthy = pods.filter((pod) => isOver(budget, pod) && wasHealthy(pod)).length;
        const { desiredHealthy = 0 } = budget.status ?? {};
        if (healthy < desiredHealthy)
          broken(
            `pod ${namespace}/${name} is evicted, and ${healthy} pods are healthy where budget ${budget.metadata.name} asks for ${desiredHealthy}`,
          );
      }
    });
    return undefined;
  },
};
