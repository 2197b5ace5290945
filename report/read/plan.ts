import { plural } from '../../domain/text.ts';
import type { PlanReport } from '../model/model.ts';
import { duration } from '../model/text.ts';
import { blockingPodsOf } from './blocking-pods.ts';
import { listOf, numberOf, objectOf, omitUndefined, textOf, textsOf } from './fields.ts';

/** The settings of a run that are worth a line: what they are set to, in words. */
function settingsOf(run: Readonly<Record<string, unknown>>): { name: string; value: string }[] {
  const seconds = (key: string): string | undefined => {
    const value = numberOf(run[key]);
    return value === undefined ? undefined : duration(value);
  };
  const canary = objectOf(run.canary);
  const pods = objectOf(run.pods);
  const force =
    run.force === true ? 'delete what is left after the drain timeout' : run.force === false ? 'off' : undefined;
  const settings: [string, string | undefined][] = [
    ['Engine', textOf(run.engine)],
    ['Update strategy', textOf(run.updateStrategy)],
    ['Drain timeout', seconds('drainTimeoutSeconds')],
    ['Cordon wait', seconds('cordonWaitSeconds')],
    ['Node ready timeout', seconds('nodeReadyTimeoutSeconds')],
    ['Force', force],
    ['Failure policy', textOf(run.failurePolicy)],
    [
      'Canary',
      numberOf(canary.nodes) === undefined
        ? undefined
        : `${plural(numberOf(canary.nodes) ?? 0, 'node')}, then wait ${duration(numberOf(canary.bakeSeconds) ?? 0)}`,
    ],
    ['Alarms', textsOf(run.alarms).join(', ') || undefined],
    ['Pods without a controller', textOf(pods.unmanaged)],
    ['Pods with local storage', textOf(pods.localStorage)],
  ];
  return settings
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => ({ name, value }));
}

const figures = <K extends string>(value: unknown, ...keys: K[]): { [key in K]?: number } => {
  const source = objectOf(value);
  return omitUndefined(Object.fromEntries(keys.map((key) => [key, numberOf(source[key])]))) as { [key in K]?: number };
};

const words = <K extends string>(value: unknown, ...keys: K[]): { [key in K]?: string } => {
  const source = objectOf(value);
  return omitUndefined(Object.fromEntries(keys.map((key) => [key, textOf(source[key])]))) as { [key in K]?: string };
};

/** Read PlanUpgrade's output, however much of it there is; `undefined` when there is none. */
export function planOf(output: unknown): PlanReport | undefined {
  if (output === undefined) return undefined;
  const plan = objectOf(output);
  const run = objectOf(plan.run);
  const group = objectOf(plan.group);
  const nodes = objectOf(plan.nodes);
  const target = objectOf(run.target);
  return {
    ...words(plan, 'summary', 'kubernetesVersion'),
    isDryRun: plan.isDryRun === true,
    isNothingToDo: plan.status === 'nothingToDo',
    ...words(run, 'clusterName', 'nodegroupName', 'autoScalingGroupName', 'engine', 'updateStrategy'),
    zones: textsOf(group.zones),
    instanceTypes: textsOf(group.instanceTypes),
    current: listOf(plan.current).map((entry) => ({
      amiId: textOf(objectOf(entry).amiId) ?? 'unknown',
      nodes: numberOf(objectOf(entry).nodes) ?? 0,
    })),
    target: words(plan.target, 'amiId', 'amiName', 'amiType', 'releaseVersion', 'source'),
    launchTemplate: omitUndefined({
      id: textOf(target.launchTemplateId),
      sourceVersion: textOf(target.sourceVersion),
      targetVersion: textOf(target.launchTemplateVersion),
    }),
    nodes: figures(plan.nodes, 'total', 'outdated'),
    outdatedNodes: listOf(nodes.outdatedNodes).flatMap((entry) => {
      const instanceId = textOf(objectOf(entry).instanceId);
      return instanceId === undefined ? [] : [{ instanceId, ...words(entry, 'nodeName', 'zone') }];
    }),
    sizes: figures(run.originalSizes, 'minSize', 'maxSize', 'desiredCapacity'),
    parallelism: { ...figures(plan.parallelism, 'nodes'), ...words(plan.parallelism, 'rule') },
    surge: { ...figures(plan.surge, 'nodes'), ...words(plan.surge, 'rule') },
    estimate: {
      ...figures(plan.estimate, 'durationSeconds', 'extraInstanceHours', 'stateTransitions', 'stepFunctionsUsd'),
      ...words(plan.estimate, 'assumptions'),
    },
    settings: settingsOf(run),
    warnings: textsOf(plan.warnings),
    blockingPods: blockingPodsOf(plan.blockingPods),
    blockingPodCount: numberOf(plan.blockingPodCount) ?? listOf(plan.blockingPods).length,
  };
}
