import { type ScenarioInput, scenarioSchema } from 'eks-sandbox/scenario';
import { type Execution, toPayload } from 'eks-sandbox/step-functions';
import { createVirtualSandbox, type VirtualSandbox } from '../../cli/embedded/virtual-sandbox.ts';
import type { ClusterCompletion, ClusterPlan } from '../../domain/cluster/cluster.ts';
import { CLUSTER, image, NEW_AMI, OLD_AMI } from './run-upgrade.ts';

type ClusterScenario = ScenarioInput['clusters'][number];
export type GroupScenario = ClusterScenario['groups'][number];

/** The shortest input there is. */
export const ALL = { clusterName: CLUSTER, nodegroups: 'all' };

/** A self-managed group of two outdated nodes. */
export const group = (name: string, more: Partial<GroupScenario> = {}): GroupScenario => ({
  name,
  zones: ['eu-west-1a', 'eu-west-1b'],
  minSize: 2,
  maxSize: 4,
  desiredCapacity: 2,
  amiId: OLD_AMI,
  labels: { role: name },
  ...more,
});

/** A group that runs the target already. */
export const renewed = (name: string): GroupScenario => group(name, { amiId: NEW_AMI });

/** A Deployment on the nodes of a group whose budget blocks every drain. */
export const blockingWorkload = (name: string) => ({
  kind: 'Deployment' as const,
  name: `${name}-strict`,
  namespace: 'shop',
  replicas: 2,
  nodeSelector: { role: name },
  budget: { maxUnavailable: 0 },
});

/** A cluster of several groups, each with a Deployment that can be drained. */
export const fleet = (
  groups: readonly GroupScenario[],
  { workloads = [], ...more }: Partial<ClusterScenario> = {},
  scenario: Partial<ScenarioInput> = {},
): ScenarioInput => ({
  clusters: [
    {
      name: CLUSTER,
      groups: [...groups],
      workloads: [
        { kind: 'DaemonSet', name: 'aws-node', namespace: 'kube-system', tolerations: [{ operator: 'Exists' }] },
        { kind: 'Deployment', name: 'web', namespace: 'shop', replicas: 4, budget: { maxUnavailable: 1 } },
        ...workloads,
      ],
      ...more,
    },
  ],
  images: [image(OLD_AMI, '20251120'), image(NEW_AMI, '20251229', { isRecommended: true })],
  ...scenario,
});

/** How the run of a cluster ended. */
export interface ClusterEnd {
  readonly execution: Execution;
  readonly status: string;
  readonly error: string | undefined;
  readonly cause: string;
  readonly plan: ClusterPlan;
  /** Absent when the run failed, or had nothing to do. */
  readonly completion: ClusterCompletion | undefined;
}

/** A sandbox of a cluster, and what tests ask of it. */
export interface ClusterWorld extends VirtualSandbox {
  /** Start the upgrade of the cluster; time does not pass yet. */
  start(input?: object, name?: string): Execution;
  /** Let time pass until an execution has ended. */
  ended(execution: Execution): Promise<ClusterEnd>;
  /** Start, and let time pass until it has ended. */
  upgrade(input?: object, name?: string): Promise<ClusterEnd>;
  /** Executions of the groups, in the order of their starts. */
  groupExecutions(): readonly Execution[];
  /** Names of the groups whose executions were started, in that order. */
  started(): string[];
  /** AMI of each running instance of a group. */
  amis(name: string): string[];
}

const LONGEST_RUN_SECONDS = 12 * 3600;

const groupOf = ({ input }: Execution): string => {
  const { autoScalingGroupName, nodegroupName } = input.value as Record<string, string>;
  return autoScalingGroupName ?? nodegroupName ?? '';
};

/** Create a sandbox of a cluster on a virtual clock. */
export async function createClusterWorld(scenario: ScenarioInput): Promise<ClusterWorld> {
  const sandbox = await createVirtualSandbox(scenarioSchema.parse(scenario));
  const { stepFunctions, clock, region } = sandbox;
  const [nodegroupMachine, clusterMachine] = stepFunctions.machines;
  if (nodegroupMachine === undefined || clusterMachine === undefined) throw new Error('two machines are expected');
  let runs = 0;
  const start: ClusterWorld['start'] = (input = ALL, name = `run-${++runs}`) =>
    stepFunctions.start(clusterMachine, toPayload(input as never), name);
  const ended: ClusterWorld['ended'] = async (execution) => {
    await clock.runUntil(() => execution.status !== 'RUNNING', LONGEST_RUN_SECONDS);
    const events = execution.history.all();
    const state = events
      .map(({ stateExitedEventDetails: details }) => (details as { output?: string } | undefined)?.output)
      .filter((output) => output !== undefined)
      .at(-1);
    const { plan, completion } = JSON.parse(state ?? '{}');
    const { status, error, cause = '' } = execution;
    return { execution, status, error, cause, plan, completion };
  };
  const groupExecutions = () => stepFunctions.executionsOf(nodegroupMachine);
  return {
    ...sandbox,
    start,
    ended,
    upgrade: (input, name) => ended(start(input, name)),
    groupExecutions,
    started: () => groupExecutions().map(groupOf),
    amis: (name) =>
      [...(region.state.autoScaling.groups.get(name)?.members.values() ?? [])]
        .filter(({ lifecycleState }) => !lifecycleState.startsWith('Terminating'))
        .map(({ instance }) => instance.image.id),
  };
}
