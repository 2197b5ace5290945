import { ADMIN_TOKEN, authenticatorOf, identifyCallers, identifyWorkflowOnly, WORKFLOW_GROUPS } from './credentials.ts';
import { createAuthorizer, namespacesOf, rulesOfGroup } from './kubernetes/authorizer.ts';
import { createSimulatedCluster } from './kubernetes/cluster.ts';
import { withoutRights } from './kubernetes/faults/denials.ts';
import { createEvictionAdmission } from './kubernetes/faults/eviction-admission.ts';
import { createStaleCache } from './kubernetes/faults/stale-lists.ts';
import { withKubernetesFaults } from './kubernetes/faults.ts';
import { createKubernetesApi } from './kubernetes/kubernetes-api.ts';
import { asNodeManager, NODE_MANAGER, nodeManagerRules } from './kubernetes/node-manager.ts';
import { createObjectStore } from './kubernetes/object-store.ts';
import type { ObjectStore } from './kubernetes/store.ts';
import type { SandboxOptions } from './sandbox.ts';
import type { RequestHandler } from './server/http.ts';
import type { WireLog } from './server/wire-log.ts';
import type { MachineObserver } from './world/machines.ts';
import type { Random } from './world/random.ts';
import type { ScenarioCluster } from './world/scenario.ts';

/** The clusters of a sandbox, by name: simulated ones, and those that exist outside. */
export interface Clusters {
  /** Of simulated clusters only. */
  readonly stores: ReadonlyMap<string, ObjectStore>;
  /** API servers; none for an outside cluster without a front door. */
  readonly apiServers: ReadonlyMap<string, RequestHandler>;
  /** API servers as EKS's own user reaches them. */
  readonly nodeManagers: ReadonlyMap<string, RequestHandler>;
  /** API servers as administrators reach them, without faults and without a log. */
  readonly administrators: ReadonlyMap<string, RequestHandler>;
  readonly machineObservers: ReadonlyMap<string, MachineObserver>;
  /** Let the simulated clusters come to rest with the machines that there are. */
  settleInstantly(): void;
}

const asAdministrator =
  (api: RequestHandler): RequestHandler =>
  (request) =>
    api({ ...request, headers: { ...request.headers, authorization: `Bearer ${ADMIN_TOKEN}` } });

function createApi(options: SandboxOptions, cluster: ScenarioCluster, store: ObjectStore, random: Random) {
  const { scenario, clock, rbac = '' } = options;
  const faults = scenario.faults.filter(
    (fault) => !('cluster' in fault) || [undefined, cluster.name].includes(fault.cluster),
  );
  const authorize = createAuthorizer({
    rulesByGroup: Object.fromEntries(WORKFLOW_GROUPS.map((group) => [group, rulesOfGroup(rbac, group)])),
    rulesByUser: cluster.hasNodeManagerRole ? { [NODE_MANAGER.username]: nodeManagerRules } : {},
    deniedRules: cluster.deniedRules,
  });
  const api = createKubernetesApi({
    store,
    clock,
    random,
    version: cluster.version,
    authenticate: authenticatorOf(options, cluster.name, ADMIN_TOKEN, identifyCallers(scenario.accountId)),
    authorize: withoutRights(authorize, faults, clock),
    watchCache: createStaleCache(store, faults, clock),
    admitEviction: createEvictionAdmission(faults, clock),
  });
  return { withFaults: withKubernetesFaults(api, faults, clock), administrator: asAdministrator(api) };
}

function createCluster(options: SandboxOptions, wire: WireLog, cluster: ScenarioCluster, random: Random) {
  const { scenario, clock, rbac = '' } = options;
  const store = createObjectStore({ clock, random: random.fork('store') });
  const { withFaults, administrator } = createApi(options, cluster, store, random);
  const handler = wire.record('kubernetes', withFaults);
  const simulated = createSimulatedCluster({
    cluster,
    namespaces: namespacesOf(rbac),
    timings: scenario.timings,
    clock,
    random: random.fork('loops'),
    store,
    region: scenario.region,
    faults: scenario.faults,
  });
  return { store, simulated, handler, administrator };
}

/** Create the clusters of a scenario, and connect those that exist outside in place of simulated ones. */
export function createClusters(options: SandboxOptions, wire: WireLog, random: Random): Clusters {
  const { scenario, externalClusters } = options;
  const outside = [...(externalClusters ?? [])];
  const identify = identifyWorkflowOnly(scenario.accountId);
  const simulated = scenario.clusters
    .filter(({ name }) => !externalClusters?.has(name))
    .map((cluster) => {
      const { name } = cluster;
      return { name, ...createCluster(options, wire, cluster, random.fork(`cluster ${name}`)) };
    });
  const frontDoors = outside.flatMap(([name, { frontDoor }]) =>
    frontDoor === undefined
      ? []
      : [[name, wire.record('kubernetes', frontDoor(authenticatorOf(options, name, undefined, identify)))] as const],
  );
  return {
    stores: new Map(simulated.map(({ name, store }) => [name, store])),
    apiServers: new Map([...simulated.map(({ name, handler }) => [name, handler] as const), ...frontDoors]),
    nodeManagers: new Map([
      ...simulated.map(({ name, handler }) => [name, asNodeManager(handler)] as const),
      ...outside.map(([name, cluster]) => [name, wire.record('kubernetes', cluster.asNodeManager)] as const),
    ]),
    administrators: new Map([
      ...simulated.map(({ name, administrator }) => [name, administrator] as const),
      ...outside.map(([name, { asNodeManager: administrator }]) => [name, administrator] as const),
    ]),
    machineObservers: new Map<string, MachineObserver>([
      ...simulated.map(({ name, simulated: observer }) => [name, observer] as const),
      ...outside.map(([name, { machines }]) => [name, machines] as const),
    ]),
    settleInstantly() {
      for (const cluster of simulated) cluster.simulated.settleInstantly();
    },
  };
}
