import type { SandboxClock } from '../world/clock.ts';
import type { MachineObserver } from '../world/machines.ts';
import type { Random } from '../world/random.ts';
import type { Fault, ScenarioCluster, Timings } from '../world/scenario.ts';
import { createControlLoops } from './control-loops.ts';
import type { ResourceName } from './kinds/kinds.ts';
import { playNodeFaults } from './node-faults.ts';
import type { ObjectStore } from './store.ts';
import type { NamedObject } from './workload-controllers.ts';
import { initialObjects } from './workload-objects.ts';
import { createWorldSetup } from './world-setup.ts';

export interface SimulatedClusterOptions {
  /** Its workloads become objects; its groups only tell which faults concern it. */
  readonly cluster: ScenarioCluster;
  /** That exist besides those of the workloads. */
  readonly namespaces?: readonly string[];
  readonly timings: Timings;
  readonly clock: SandboxClock;
  readonly random: Random;
  /** Shared with the API server, which serves and changes the same objects. */
  readonly store: ObjectStore;
  /** AWS region, for node labels. */
  readonly region: string;
  /** The scenario's faults; `nodeNotReady` is played here. */
  readonly faults?: readonly Fault[];
}

/** A cluster that lives: everything that acts on the objects of a store. */
export interface SimulatedCluster extends MachineObserver {
  /**
   * Create the workloads and bring the world to rest, all within the current instant: pods placed, Running and Ready, budgets
   * computed. Call it once, after `machineExisted` of every machine that is there from the start.
   */
  settleInstantly(): void;
}

const DAY_SECONDS = 86_400;
/** Ages that the objects of a settled world have at its start. */
const WORKLOAD_AGE_SECONDS = 30 * DAY_SECONDS;
const NODE_AGE_SECONDS = 12 * DAY_SECONDS;
const POD_AGE_SECONDS = 5 * DAY_SECONDS;

/** Create a cluster of simulated machines around an object store: its loops, its workloads and its faults. */
export function createSimulatedCluster(options: SimulatedClusterOptions): SimulatedCluster {
  const { cluster, timings, random, region, faults = [] } = options;
  const { clock, store, events, isInstant, inThePast } = createWorldSetup(options, random.fork('events'));
  const { kubelets, loops } = createControlLoops({
    clock,
    store,
    events,
    isInstant,
    timings,
    random,
    region,
    nodeStatus: cluster.nodeStatus,
  });
  playNodeFaults(faults, {
    clock: options.clock,
    random: random.fork('node-faults'),
    kubelets,
    groupNames: new Set(cluster.groups.map(({ name }) => name)),
  });
  const nodeAges = random.fork('node-ages');

  const createOne = <Resource extends ResourceName>({ resource, object }: NamedObject<Resource>) => {
    const { namespace, name } = object.metadata;
    // The API server makes the system namespaces itself.
    if (store.get(resource, namespace, name) === undefined) store.create(resource, object);
  };

  return {
    machineExisted: (machine) =>
      inThePast(NODE_AGE_SECONDS + nodeAges.integer(DAY_SECONDS), () => kubelets.machineExisted(machine)),
    machineInService: kubelets.machineInService,
    machineStopping: kubelets.machineStopping,
    machineGone: kubelets.machineGone,
    settleInstantly() {
      const objects = initialObjects(cluster.workloads, options.namespaces);
      const create = (isWanted: (object: NamedObject) => boolean) => {
        for (const named of objects.filter(isWanted)) createOne(named);
      };
      inThePast(WORKLOAD_AGE_SECONDS, () => create(({ resource }) => resource !== 'pods'));
      inThePast(POD_AGE_SECONDS, () => {
        create(({ resource }) => resource === 'pods');
        while (loops.filter((loop) => loop.drain()).length > 0);
      });
    },
  };
}
