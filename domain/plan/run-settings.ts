import { originalSizes } from '../nodegroup/original-settings.ts';
import type { Run } from '../state.ts';
import type { PlanFacts } from './facts.ts';

/** The settings of the run, in the order in which its history shows them. */
export function runOf(
  facts: PlanFacts,
  {
    updateStrategy,
    roundSeconds,
    ...capacity
  }: {
    updateStrategy: Run['updateStrategy'];
    parallelism: number;
    surge: number;
    coversZones: boolean;
    roundSeconds?: number | undefined;
  },
): Run {
  const { input, group } = facts;
  const { executionArn, startedAt } = facts;
  const { nodegroupName, clusterName, canary } = input;
  const { force, drainTimeoutSeconds, cordonWaitSeconds, nodeReadyTimeoutSeconds, alarms, failurePolicy, pods } = input;
  const autoScalingGroupName = group.name;
  const waits = { force, drainTimeoutSeconds, cordonWaitSeconds, nodeReadyTimeoutSeconds, alarms };
  if (facts.engine === 'eks') {
    return {
      executionArn,
      startedAt,
      clusterName,
      nodegroupName: facts.nodegroupName,
      autoScalingGroupName,
      engine: 'eks',
      updateStrategy,
      target: facts.target,
      update: facts.update,
      ...capacity,
      originalSizes: originalSizes(group),
      ...waits,
      failurePolicy: failurePolicy ?? 'halt',
      pods,
    };
  }
  return {
    executionArn,
    startedAt,
    clusterName,
    ...(nodegroupName !== undefined && { nodegroupName }),
    autoScalingGroupName,
    engine: 'workflow',
    updateStrategy,
    target: facts.target,
    ...(facts.requiredLabels !== undefined && { requiredLabels: facts.requiredLabels }),
    ...capacity,
    originalSizes: originalSizes(group),
    ...waits,
    ...(canary !== undefined && { canary }),
    ...(facts.scope !== undefined && { nodes: [...facts.scope.instanceIds] }),
    ...(roundSeconds !== undefined && { roundSeconds }),
    failurePolicy: failurePolicy ?? 'finish',
    blockedNodes: input.blockedNodes,
    pods,
    ...(facts.goneOwners.length > 0 && { goneOwners: [...facts.goneOwners] }),
  };
}
