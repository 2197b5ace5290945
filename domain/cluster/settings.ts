import { sharedSettings } from '../input/input.ts';
import type { ClusterRun, NodegroupPlan } from './cluster.ts';

/** Settings of a cluster's input that are handed on to the execution of a group. */
const HANDED_ON: readonly string[] = [
  'target',
  ...Object.keys(sharedSettings).filter((setting) => setting !== 'dryRun'),
];

/**
 * Settings that mean nothing to the update that EKS carries out itself: it takes its update configuration from the node group,
 * and drains, waits and gives up by rules of its own.
 *
 * @see https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html
 */
const UNKNOWN_TO_EKS: readonly string[] = [
  'updateConfig',
  'drainTimeoutSeconds',
  'cordonWaitSeconds',
  'nodeReadyTimeoutSeconds',
  'failurePolicy',
  'pods',
];

type Settings = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a person gave of the settings for all groups, without the defaults: each group's own execution fills them in. */
export const settingsOf = (input: unknown): Settings =>
  Object.fromEntries(
    Object.entries(isObject(input) ? input : {}).filter(
      ([name, value]) => HANDED_ON.includes(name) && value !== undefined,
    ),
  );

/** Settings that were given and that the engine of a group does not know. */
export const settingsUnknownTo = (engine: NodegroupPlan['engine'], settings: Settings): string[] =>
  engine === 'workflow' ? [] : Object.keys(settings).filter((name) => UNKNOWN_TO_EKS.includes(name));

/** The key by which the input of one group names it. */
export const keyOf = (kind: NodegroupPlan['kind']): 'nodegroupName' | 'autoScalingGroupName' =>
  kind === 'managed' ? 'nodegroupName' : 'autoScalingGroupName';

/** The input of the execution that upgrades one group of a cluster. */
export function groupInput(
  { clusterName, settings, executionArn }: Pick<ClusterRun, 'clusterName' | 'settings' | 'executionArn'>,
  { name, kind, engine }: Pick<NodegroupPlan, 'name' | 'kind' | 'engine'>,
): Record<string, unknown> {
  const unknown = settingsUnknownTo(engine, settings);
  return {
    clusterName,
    [keyOf(kind)]: name,
    ...(kind === 'managed' && engine === 'workflow' && { engine }),
    ...Object.fromEntries(Object.entries(settings).filter(([setting]) => !unknown.includes(setting))),
    // By it the console shows which execution started this one.
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: executionArn,
  };
}
