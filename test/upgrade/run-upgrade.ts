import type { WireEntry } from 'eks-sandbox';
import type { Node, Pod } from 'eks-sandbox/kubernetes';
import { type ScenarioInput, scenarioSchema } from 'eks-sandbox/scenario';
import type { Execution } from 'eks-sandbox/step-functions';
import {
  type Between,
  createVirtualSandbox,
  type FurtherFunctions,
  type VirtualSandbox,
} from '../../cli/embedded/virtual-sandbox.ts';
import { changeOf } from './node-patch.ts';

export const OLD_AMI = 'ami-0aaaaaaaaaaaaaaa1';
export const NEW_AMI = 'ami-0bbbbbbbbbbbbbbb2';
export const CLUSTER = 'shop';
export const GROUP = 'shop-workers';
/** The shortest input there is. */
export const INPUT = { clusterName: CLUSTER, autoScalingGroupName: GROUP };

type ClusterInput = ScenarioInput['clusters'][number];
type GroupInput = ClusterInput['groups'][number];
type WorkloadInput = NonNullable<ClusterInput['workloads']>[number];

export const image = (id: string, version: string, more = {}) => ({
  id,
  name: `amazon-eks-node-al2023-x86_64-standard-1.33-v${version}`,
  releaseVersion: `1.33.5-${version}`,
  ...more,
});

/** A small cluster: six nodes in three zones, the usual DaemonSet, and a Deployment with a budget. */
export function world(
  changes: {
    group?: Partial<GroupInput>;
    workloads?: WorkloadInput[];
    cluster?: Partial<ClusterInput>;
    newImage?: object;
    scenario?: Partial<ScenarioInput>;
  } = {},
): ScenarioInput {
  const { group, workloads = [], cluster, newImage, scenario } = changes;
  return {
    clusters: [
      {
        name: CLUSTER,
        groups: [
          {
            name: GROUP,
            zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
            minSize: 3,
            maxSize: 7,
            desiredCapacity: 6,
            amiId: OLD_AMI,
            launchTemplateVersion: '3',
            userData: '#!/bin/bash\necho "as it was: äöü"\n',
            tags: { team: 'platform' },
            ...group,
          },
        ],
        workloads: [
          { kind: 'DaemonSet', name: 'aws-node', namespace: 'kube-system', tolerations: [{ operator: 'Exists' }] },
          {
            kind: 'Deployment',
            name: 'checkout',
            namespace: 'shop',
            replicas: 12,
            spread: 'host',
            budget: { maxUnavailable: 3 },
          },
          ...workloads,
        ],
        ...cluster,
      },
    ],
    images: [image(OLD_AMI, '20251120'), image(NEW_AMI, '20251229', { isRecommended: true, ...newImage })],
    ...scenario,
  };
}

/** A sandbox of a world, and what tests ask of it. */
export interface UpgradeWorld extends VirtualSandbox {
  /** Start an execution; time does not pass yet. */
  start(input: object, name?: string): Execution;
  /** Start an execution and let time pass until it has ended. */
  upgrade(input?: object, name?: string): Promise<Ended>;
  nodes(): readonly Node[];
  pods(): readonly Pod[];
  /** The Auto Scaling group as the service would describe it, as far as tests compare it. */
  group(): { minSize: number; maxSize: number; desiredCapacity: number; tags: object; suspended: string[] };
  /** AMI of each running instance of the group. */
  amis(): string[];
  /** Instances that the group still terminates. */
  terminating(): string[];
}

export interface Ended {
  readonly status: string;
  readonly error: string | undefined;
  readonly cause: string;
  // biome-ignore lint/suspicious/noExplicitAny: the state of an execution, of which each test reads a different part
  readonly output: any;
  readonly execution: Execution;
}

const LONGEST_RUN_SECONDS = 6 * 3600;

/** How an execution ended. */
export const endOf = (execution: Execution): Ended => ({
  status: execution.status,
  error: execution.error,
  cause: execution.cause ?? '',
  output: execution.output === undefined ? undefined : JSON.parse(execution.output.text),
  execution,
});

/**
 * Create a sandbox of a world on a virtual clock.
 *
 * @param further functions of the test, in the place of the product's
 * @param between what stands between the workflow's functions and the world
 */
export async function createWorld(
  scenario: ScenarioInput = world(),
  further?: FurtherFunctions,
  between?: Between,
): Promise<UpgradeWorld> {
  const sandbox = await createVirtualSandbox(scenarioSchema.parse(scenario), further, between);
  const { stepFunctions, clock, stores, region } = sandbox;
  const machine = stepFunctions.machines[0] as (typeof stepFunctions.machines)[number];
  const store = () => stores.get(CLUSTER) as NonNullable<ReturnType<typeof stores.get>>;
  const group = () => {
    const found = region.state.autoScaling.groups.get(GROUP);
    if (found === undefined) throw new Error(`there is no group ${GROUP}`);
    return found;
  };
  let runs = 0;
  const start = (input: object, name = `run-${++runs}`) =>
    stepFunctions.start(machine, { text: JSON.stringify(input), value: input } as never, name);
  return {
    ...sandbox,
    start,
    async upgrade(input = INPUT, name) {
      const execution = start(input, name);
      await clock.runUntil(() => execution.status !== 'RUNNING', LONGEST_RUN_SECONDS);
      return endOf(execution);
    },
    nodes: () => store().list('nodes'),
    pods: () => store().list('pods'),
    group: () => {
      const { minSize, maxSize, desiredCapacity, tags, suspended } = group();
      const ownTags = [...tags].map(([key, { value }]) => [key, value]).sort();
      return { minSize, maxSize, desiredCapacity, tags: Object.fromEntries(ownTags), suspended: [...suspended.keys()] };
    },
    amis: () =>
      [...group().members.values()]
        .filter(({ lifecycleState }) => !lifecycleState.startsWith('Terminating'))
        .map(({ instance }) => instance.image.id),
    terminating: () =>
      [...group().members.values()]
        .filter(({ lifecycleState }) => lifecycleState.startsWith('Terminating'))
        .map(({ instance }) => instance.instanceId),
  };
}

/** Requests of an AWS action, with their form parameters. */
export const awsCalls = (entries: readonly WireEntry[], action: string) =>
  entries
    .filter((entry) => entry.plane === 'aws' && entry.action === action)
    .map((entry) => ({ ...entry, form: new URLSearchParams(entry.request.body) }));

/** Requests to the Kubernetes API by method and path. */
export const kubernetesCalls = (entries: readonly WireEntry[], pattern: RegExp) =>
  entries.filter((entry) => entry.plane === 'kubernetes' && pattern.test(entry.action));

/** Patches of nodes: which node, what, when. */
export const nodePatches = (entries: readonly WireEntry[]) =>
  kubernetesCalls(entries, /^PATCH \/api\/v1\/nodes\//).map((entry) => ({
    at: entry.at,
    nodeName: entry.action.split('/').at(-1) as string,
    body: changeOf(entry.request.body),
  }));
