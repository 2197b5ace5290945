import { createSimulatedCluster, type SimulatedCluster } from '../../kubernetes/cluster.ts';
import { deletePod } from '../../kubernetes/graceful-deletion.ts';
import type { PodDisruptionBudget } from '../../kubernetes/kinds/disruption-budget.ts';
import type { ResourceName } from '../../kubernetes/kinds/kinds.ts';
import type { Node } from '../../kubernetes/kinds/node.ts';
import type { Pod } from '../../kubernetes/kinds/pod.ts';
import { createObjectStore } from '../../kubernetes/object-store.ts';
import type { ObjectStore } from '../../kubernetes/store.ts';
import type { Machine } from '../../world/machines.ts';
import { createRandom } from '../../world/random.ts';
import { type ScenarioInput, scenarioSchema } from '../../world/scenario.ts';
import { createVirtualClock, type VirtualClock } from '../../world/virtual-clock.ts';

type WorkloadInput = NonNullable<ScenarioInput['clusters'][number]['workloads']>[number];

/** A settled cluster on a virtual clock, with the few moves that tests make. */
export interface SimulatedWorld {
  readonly clock: VirtualClock;
  readonly store: ObjectStore;
  readonly cluster: SimulatedCluster;
  /** Names of its nodes, in the order of their machines. */
  readonly nodeNames: readonly string[];
  machine(index: number, overrides?: Partial<Machine>): Machine;
  pods(app: string, namespace?: string): Pod[];
  pod(name: string, namespace?: string): Pod | undefined;
  node(name: string): Node | undefined;
  budget(name: string, namespace?: string): PodDisruptionBudget['status'];
  cordon(nodeName: string): void;
  taint(nodeName: string, taint: { key: string; value?: string; effect: string }): void;
  /** End every pod of a node but those of DaemonSets, gracefully, as an accepted eviction does. */
  drain(nodeName: string): void;
  deletePod(name: string, namespace?: string): void;
  /** The whole store as text, for comparison. */
  dump(): string;
}

const RESOURCES: readonly ResourceName[] = [
  'namespaces',
  'nodes',
  'pods',
  'replicasets',
  'deployments',
  'statefulsets',
  'daemonsets',
  'jobs',
  'poddisruptionbudgets',
  'services',
  'persistentvolumes',
  'persistentvolumeclaims',
  'volumeattachments',
  'storageclasses',
  'events',
];

/** Create a world of `nodes` machines in three zones, settled with these workloads. */
export function createSimulatedWorld({
  nodes = 3,
  workloads = [],
  seed = 1,
  capacity = { cpu: '4', memory: '16Gi', pods: 58 },
  faults = [],
}: {
  nodes?: number;
  workloads?: WorkloadInput[];
  seed?: number;
  capacity?: Machine['capacity'];
  faults?: NonNullable<ScenarioInput['faults']>;
} = {}): SimulatedWorld {
  const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
  const scenario = scenarioSchema.parse({
    seed,
    images: [{ id: 'ami-11111111', name: 'image' }],
    clusters: [
      {
        name: 'demo',
        groups: [{ name: 'group', zones, minSize: 0, maxSize: 999, desiredCapacity: nodes, amiId: 'ami-11111111' }],
        workloads,
      },
    ],
    faults,
  });
  const clock = createVirtualClock(Date.parse(scenario.startsAt));
  const random = createRandom(seed);
  const store = createObjectStore({ clock, random: random.fork('store') });
  const [scenarioCluster] = scenario.clusters;
  if (scenarioCluster === undefined) throw new Error('the scenario has a cluster');
  const cluster = createSimulatedCluster({
    cluster: scenarioCluster,
    timings: scenario.timings,
    clock,
    random: random.fork('cluster'),
    store,
    region: scenario.region,
    faults: scenario.faults,
  });
  const machine = (index: number, overrides: Partial<Machine> = {}): Machine => ({
    instanceId: `i-${String(index).padStart(17, '0')}`,
    autoScalingGroupName: 'group',
    instanceType: 'm6i.xlarge',
    availabilityZone: zones[index % 3] as string,
    privateDnsName: `ip-10-0-0-${index}.eu-west-1.compute.internal`,
    privateIpAddress: `10.0.0.${index}`,
    imageId: 'ami-11111111',
    architecture: 'x86_64',
    kubeletVersion: 'v1.33.5',
    osImage: 'Amazon Linux 2023.9.20251208',
    boots: 'ready',
    labels: { 'eks.amazonaws.com/nodegroup': 'group' },
    taints: [],
    capacity,
    ...overrides,
  });
  const machines = Array.from({ length: nodes }, (_, index) => machine(index));
  for (const each of machines) cluster.machineExisted(each);
  cluster.settleInstantly();

  const changeSpec = (nodeName: string, edit: (spec: Node['spec']) => NonNullable<Node['spec']>) =>
    store.change('nodes', undefined, nodeName, (node) => ({ ...node, spec: edit(node.spec) }));

  return {
    clock,
    store,
    cluster,
    nodeNames: machines.map(({ privateDnsName }) => privateDnsName),
    machine,
    pods: (app, namespace = 'default') =>
      store.list('pods').filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.app === app),
    pod: (name, namespace = 'default') => store.get('pods', namespace, name),
    node: (name) => store.get('nodes', undefined, name),
    budget: (name, namespace = 'default') => store.get('poddisruptionbudgets', namespace, name)?.status,
    cordon: (nodeName) => changeSpec(nodeName, (spec) => ({ ...spec, unschedulable: true })),
    taint: (nodeName, taint) => changeSpec(nodeName, (spec) => ({ ...spec, taints: [...(spec?.taints ?? []), taint] })),
    drain(nodeName) {
      for (const pod of store.podsOnNode(nodeName))
        if (pod.metadata.ownerReferences?.[0]?.kind !== 'DaemonSet') deletePod({ store, clock }, pod);
    },
    deletePod(name, namespace = 'default') {
      const pod = store.get('pods', namespace, name);
      if (pod === undefined) throw new Error(`no pod ${namespace}/${name}`);
      deletePod({ store, clock }, pod);
    },
    dump: () => JSON.stringify(RESOURCES.map((resource) => [resource, store.list(resource)])),
  };
}

/** Nodes that pods run on, each as often as it does. */
export const placesOf = (pods: readonly Pod[]): (string | undefined)[] => pods.map((pod) => pod.spec.nodeName);
