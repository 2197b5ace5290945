import { type Scenario, type ScenarioInput, scenarioSchema } from 'eks-sandbox/scenario';

type Workload = NonNullable<ScenarioInput['clusters'][number]['workloads']>[number];

/** A kind of world to measure: what runs on its nodes, and what that costs whoever replaces them. */
interface BenchWorld {
  readonly workloads: (nodes: number) => readonly Workload[];
  readonly timings?: ScenarioInput['timings'];
  /** From a launch until the node is Ready. */
  readonly bootSeconds: number;
  /** How long the slowest pod of each node takes to stop, by groups of nodes. */
  readonly terminations: (nodes: number) => readonly { readonly nodes: number; readonly seconds: number }[];
  /** Time between the evictions of two nodes, where a budget lets one pod go at a time. */
  readonly betweenNodesSeconds?: number;
}

const OLD_AMI = 'ami-0aaaaaaaaaaaaaaa1';
const NEW_AMI = 'ami-0bbbbbbbbbbbbbbb2';
const TERMINATION_SECONDS = 30;
const CORDON_WAIT_SECONDS = 60;
const BOOT_SECONDS = 60;
const LONG_SECONDS = 600;
const START_SECONDS = 20;

const deployment = (name: string, replicas: number, more: Partial<Workload> = {}): Workload => ({
  kind: 'Deployment',
  name,
  replicas,
  cpu: '50m',
  memory: '64Mi',
  terminationSeconds: TERMINATION_SECONDS,
  ...more,
});

/** Pods that nothing blocks, each of which takes its whole grace period to stop; about as many of each kind as nodes. */
const webs = (kinds: number, nodes: number): Workload[] =>
  Array.from({ length: kinds }, (_, index) => deployment(`web-${index}`, nodes));

/** One node in ten. */
const few = (nodes: number): number => Math.ceil(nodes / 10);

const uniform = (nodes: number) => [{ nodes, seconds: TERMINATION_SECONDS }];

/** The worlds by name. */
export const BENCH_WORLDS: Readonly<Record<string, BenchWorld>> = {
  plain: { workloads: (nodes) => webs(12, nodes), bootSeconds: BOOT_SECONDS, terminations: uniform },
  // One node in ten has a pod that takes ten minutes to stop.
  longgrace: {
    workloads: (nodes) => [
      ...webs(4, nodes),
      deployment('slow', few(nodes), {
        terminationSeconds: LONG_SECONDS,
        terminationGracePeriodSeconds: LONG_SECONDS,
        antiAffinity: 'host',
      }),
    ],
    bootSeconds: BOOT_SECONDS,
    terminations: (nodes) => [
      { nodes: few(nodes), seconds: LONG_SECONDS },
      { nodes: nodes - few(nodes), seconds: TERMINATION_SECONDS },
    ],
  },
  // Nodes boot in seven minutes.
  slowboot: {
    workloads: (nodes) => webs(4, nodes),
    timings: { pendingSeconds: 15, joinSeconds: 330, readySeconds: 75 },
    bootSeconds: 420,
    terminations: uniform,
  },
  // A pod on every node, of which a budget lets one go at a time.
  budget1: {
    workloads: (nodes) => [
      ...webs(4, nodes),
      deployment('pay', nodes, { startSeconds: START_SECONDS, antiAffinity: 'host', budget: { maxUnavailable: 1 } }),
    ],
    bootSeconds: BOOT_SECONDS,
    terminations: uniform,
    betweenNodesSeconds: START_SECONDS,
  },
};

/** The scenario of a world with so many nodes. */
export const scenarioOf = ({ workloads, timings }: BenchWorld, nodes: number): Scenario =>
  scenarioSchema.parse({
    clusters: [
      {
        name: 'bench',
        groups: [
          {
            name: 'workers',
            zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
            minSize: 0,
            maxSize: nodes,
            desiredCapacity: nodes,
            amiId: OLD_AMI,
          },
        ],
        workloads: [...workloads(nodes)],
      },
    ],
    images: [
      { id: OLD_AMI, name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251120', releaseVersion: '1.33.5-20251120' },
      {
        id: NEW_AMI,
        name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251229',
        releaseVersion: '1.33.5-20251229',
        isRecommended: true,
      },
    ],
    ...(timings !== undefined && { timings }),
  } satisfies ScenarioInput);

/**
 * Bound from below when the last node can be terminated, whoever replaces them, in seconds: a boot, then the slowest node or
 * all of them so many at a time, and what a budget makes wait for each other. A node takes its slowest pod's termination and
 * the wait after the cordon.
 */
export function lowerBound(world: BenchWorld, nodes: number, parallelism: number): number {
  const { bootSeconds, terminations, betweenNodesSeconds = 0 } = world;
  const groups = terminations(nodes).map((group) => ({ ...group, seconds: group.seconds + CORDON_WAIT_SECONDS }));
  const slowest = Math.max(...groups.map(({ seconds }) => seconds));
  const quickest = Math.min(...groups.map(({ seconds }) => seconds));
  const shared = groups.reduce((sum, group) => sum + group.nodes * group.seconds, 0) / parallelism;
  const inRounds = groups.length === 1 ? Math.ceil(nodes / parallelism) * slowest : shared;
  const oneByOne = (nodes - 1) * betweenNodesSeconds + quickest;
  return bootSeconds + Math.max(slowest, inRounds, oneByOne);
}
