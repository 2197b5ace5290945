import { sharedSettings } from '../input/input.ts';
import type { ClusterRun, NodegroupPlan } from './cluster.ts';

/** Settings of a cluster's input that are passed on to the execution of a group. */
const PASSED_ON: readonly string[] = [
  'target',
  ...Object.keys(sharedSettings).filter((setting) => setting !== 'dryRun'),
];

/**
 * Settings that engine `eks` does not accept: EKS takes its update configuration from the node group, and has its own rules
 * for draining, waiting and giving up.
 *
 * @see https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html
 */
const NOT_ACCEPTED_BY_EKS: readonly string[] = [
  'updateConfig',
  'drainTimeoutSeconds',
  'cordonWaitSeconds',
  'nodeReadyTimeoutSeconds',
  'failurePolicy',
  'blockedNodes',
  'pods',
];

type Settings = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The settings for all groups as given, without the defaults: each group's own execution fills them in. */
export const settingsOf = (input: unknown): Settings =>
  Object.fromEntries(
    Object.entries(isObject(input) ? input : {}).filter(
      ([name, value]) => PASSED_ON.includes(name) && value !== undefined,
    ),
  );

/** Settings that were given and that the engine of a group does not accept. */
export const settingsNotAcceptedBy = (engine: NodegroupPlan['engine'], settings: Settings): string[] =>
  engine === 'workflow' ? [] : Object.keys(settings).filter((name) => NOT_ACCEPTED_BY_EKS.includes(name));

/** The key by which the input of one group names it. */
const keyOf = (kind: NodegroupPlan['kind']): 'nodegroupName' | 'autoScalingGroupName' =>
  kind === 'managed' ? 'nodegroupName' : 'autoScalingGroupName';

/** The input of the execution that upgrades one group of a cluster. */
export function groupInput(
  { clusterName, settings, executionArn }: Pick<ClusterRun, 'clusterName' | 'settings' | 'executionArn'>,
  { name, kind, engine }: Pick<NodegroupPlan, 'name' | 'kind' | 'engine'>,
): Record<string, unknown> {
  const left = settingsNotAcceptedBy(engine, settings);
  return {
    clusterName,
    [keyOf(kind)]: name,
    ...(kind === 'managed' && engine === 'workflow' && { engine }),
    ...Object.fromEntries(Object.entries(settings).filter(([setting]) => !left.includes(setting))),
    // The console shows by it which execution started this one.
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: executionArn,
  };
}
