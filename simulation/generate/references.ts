import { type CaseRun, type SimulationCase, STRIKE_MODES } from '../case.ts';
import { CLUSTER, type Group, images, OLD_AMI } from './scenario.ts';
import type { Workload } from './workloads.ts';

/** An upgrade of which each request is struck, in each way. */
interface Reference {
  readonly groups: readonly Group[];
  readonly workloads: readonly Workload[];
  readonly run: Pick<CaseRun, 'machine' | 'input'>;
}

const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
const SHORT = { drainTimeoutSeconds: 120, cordonWaitSeconds: 10 };
/** Longer than any of the runs takes, struck or not. */
const HEALTHY_AFTER_SECONDS = 1800;

const group = (number: number, nodes: number, more: Partial<Group> = {}): Group => ({
  name: `workers-${number}`,
  zones: ZONES.slice(0, Math.min(nodes, 3)),
  minSize: 1,
  maxSize: nodes + 1,
  desiredCapacity: nodes,
  amiId: OLD_AMI,
  tags: { team: 'platform' },
  ...more,
});

const web = (replicas: number): Workload => ({
  kind: 'Deployment',
  name: 'web',
  namespace: 'shop',
  replicas,
  spread: 'host',
  budget: { maxUnavailable: 2 },
});
/** Blocks the node that it is on. */
const strict: Workload = {
  kind: 'Deployment',
  name: 'strict',
  namespace: 'shop',
  replicas: 1,
  budget: { minAvailable: 1 },
};

/** The reference upgrades by the names of their profiles. */
const REFERENCES = {
  killWorkflow: {
    groups: [group(1, 6)],
    workloads: [web(9), strict],
    run: {
      machine: 'nodegroup',
      input: {
        clusterName: CLUSTER,
        autoScalingGroupName: 'workers-1',
        updateConfig: { maxUnavailable: 2 },
        ...SHORT,
      },
    },
  },
  killEks: {
    groups: [group(1, 3, { managed: { nodegroupName: 'nodegroup-1' } })],
    workloads: [web(6)],
    run: { machine: 'nodegroup', input: { clusterName: CLUSTER, nodegroupName: 'nodegroup-1' } },
  },
  killCluster: {
    groups: [group(1, 2), group(2, 1, { managed: { nodegroupName: 'nodegroup-2' } })],
    workloads: [web(4)],
    run: {
      machine: 'cluster',
      input: { clusterName: CLUSTER, nodegroups: 'all', maxParallelNodegroups: 2, ...SHORT },
    },
  },
} as const satisfies Readonly<Record<string, Reference>>;

export type ReferenceName = keyof typeof REFERENCES;
export const REFERENCE_NAMES = Object.keys(REFERENCES) as readonly ReferenceName[];

/** A reference upgrade in which nothing goes wrong. */
export function referenceCase(name: ReferenceName, seed = 0): SimulationCase {
  const { groups, workloads, run }: Reference = REFERENCES[name];
  return {
    seed,
    profile: name,
    scenario: {
      seed: 1,
      clusters: [{ name: CLUSTER, groups: [...groups], workloads: [...workloads] }],
      images: images(),
    },
    runs: [{ atSeconds: 1, name: 'first', ...run }],
    strikes: [],
    interventions: [],
    lambdaClockBehindSeconds: 0,
    healthyAfterSeconds: HEALTHY_AFTER_SECONDS,
  };
}

/** How many seeds there are for a request: one for each way to strike it. */
export const MODES = STRIKE_MODES.length;

/** The reference upgrade of which one request is struck: seeds count the ways to strike, then the requests. */
export const struckReference = (name: ReferenceName, seed: number): SimulationCase => ({
  ...referenceCase(name, seed),
  strikes: [
    {
      seam: 'request',
      number: Math.floor(seed / MODES) + 1,
      mode: STRIKE_MODES[seed % MODES] as (typeof STRIKE_MODES)[number],
    },
  ],
});
