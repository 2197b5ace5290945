import { createAwsEndpoint } from './aws/endpoint.ts';
import { createRegion, type Region } from './aws/region.ts';
import type { KubernetesEndpoint } from './aws/region-state.ts';
import { createStepFunctionsService } from './aws/step-functions/service.ts';
import { identityOf } from './aws/sts/state.ts';
import type { Authenticate } from './kubernetes/api/access.ts';
import { type AuthenticatorOptions, createAuthenticator } from './kubernetes/authenticator.ts';
import { createAuthorizer, rulesOfGroup } from './kubernetes/authorizer.ts';
import { createSimulatedCluster } from './kubernetes/cluster.ts';
import { withKubernetesFaults } from './kubernetes/faults.ts';
import { createKubernetesApi } from './kubernetes/kubernetes-api.ts';
import { asNodeManager, NODE_MANAGER, NODE_MANAGER_TOKEN, nodeManagerRules } from './kubernetes/node-manager.ts';
import { createObjectStore } from './kubernetes/object-store.ts';
import type { ObjectStore } from './kubernetes/store.ts';
import type { RequestHandler } from './server/http.ts';
import { createWireLog, type WireLog } from './server/wire-log.ts';
import type { InvokeFunction } from './step-functions/interpreter/task.ts';
import { createStepFunctions, type MachineSource, type StepFunctions } from './step-functions/state-machines.ts';
import type { SandboxClock } from './world/clock.ts';
import type { MachineObserver } from './world/machines.ts';
import { createRandom } from './world/random.ts';
import type { Scenario, ScenarioCluster } from './world/scenario.ts';

export type { KubernetesObject } from './kubernetes/objects.ts';
export type { WireEntry, WireLog } from './server/wire-log.ts';

/** Secret of every access key in the sandbox. */
export const SECRET_ACCESS_KEY = 'sandbox';
/** What the workflow's functions sign with: temporary keys of its role. */
export const WORKFLOW_CREDENTIALS = {
  accessKeyId: 'ASIAWORKFLOW',
  secretAccessKey: SECRET_ACCESS_KEY,
  sessionToken: 'sandbox',
} as const;
/** What people sign with: an administrator of account and clusters. */
export const OPERATOR_CREDENTIALS = { accessKeyId: 'AKIAOPERATOR', secretAccessKey: SECRET_ACCESS_KEY } as const;
/** Bearer token of the kubeconfig that the sandbox writes. */
export const ADMIN_TOKEN = 'sandbox-admin';
/** Kubernetes group of the workflow's role, to which the RBAC manifest binds. */
const WORKFLOW_GROUP = 'eks-nodegroup-upgrade';

export interface SandboxOptions {
  readonly scenario: Scenario;
  readonly clock: SandboxClock;
  /** State machines by name, as parsed from their files; none by default. */
  readonly definitions?: readonly MachineSource[];
  /** Runs the Lambda function with this key. By default every invocation fails. */
  readonly invokeFunction?: InvokeFunction;
  /** RBAC manifests of the workflow's group, as YAML: the simulated API server enforces them. By default the group has no rights. */
  readonly rbac?: string;
  /** Where DescribeCluster says that a cluster's API server is; by default `https://NAME.sandbox.invalid`. */
  readonly kubernetesEndpoint?: (clusterName: string) => KubernetesEndpoint;
  /** The time of day, for tokens that real clients sign; absent on a virtual clock. */
  readonly wallClock?: { now(): number };
  /** By name, clusters of the scenario that exist outside: they get the machines, and none is simulated in their place. */
  readonly externalClusters?: ReadonlyMap<string, OutsideCluster>;
  /** Hosts under which the AWS endpoint itself is reached, for tokens presigned against it. */
  readonly stsHosts?: readonly string[];
}

/** A cluster that exists without the sandbox. */
export interface OutsideCluster {
  readonly machines: MachineObserver;
  /** Its API server as EKS reaches it, with credentials that it accepts. */
  readonly asNodeManager: RequestHandler;
  /** Makes an API server before it that knows callers by EKS tokens; absent when callers go there directly. */
  readonly frontDoor?: (authenticate: Authenticate) => RequestHandler;
}

/** A region and its clusters, ready to be served over sockets or called directly. */
export interface Sandbox {
  readonly aws: RequestHandler;
  /** API servers by cluster name; none for an outside cluster without a front door. */
  readonly kubernetes: ReadonlyMap<string, RequestHandler>;
  readonly region: Region;
  readonly stores: ReadonlyMap<string, ObjectStore>;
  readonly stepFunctions: StepFunctions;
  readonly wire: WireLog;
}

const noFunction: InvokeFunction = async (functionKey) => {
  throw new Error(`the sandbox was created without a function ${functionKey}`);
};

const unservedEndpoint = (clusterName: string): KubernetesEndpoint => ({
  endpoint: `https://${clusterName}.sandbox.invalid`,
  certificateAuthorityData: '',
});

/** Create a sandbox from a scenario: the world at rest at its first instant. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const {
    scenario,
    clock,
    definitions = [],
    invokeFunction = noFunction,
    rbac = '',
    wallClock,
    stsHosts = [],
  } = options;
  const { externalClusters = new Map<string, OutsideCluster>(), kubernetesEndpoint = unservedEndpoint } = options;
  const { region: regionName, accountId, faults, timings } = scenario;
  const random = createRandom(scenario.seed);
  const wire = createWireLog(clock);

  const identify = (accessKeyId: string) => {
    const { arn: username } = identityOf({ caller: accessKeyId, accountId });
    const group = accessKeyId.startsWith('ASIA') ? WORKFLOW_GROUP : 'system:masters';
    return { secretAccessKey: SECRET_ACCESS_KEY, username, groups: [group] };
  };

  const authenticatorOf = (
    clusterName: string,
    adminToken: string | undefined,
    callers: AuthenticatorOptions['identify'],
  ) =>
    createAuthenticator({
      clusterName,
      region: regionName,
      adminToken,
      ...(adminToken !== undefined && { serviceTokens: new Map([[NODE_MANAGER_TOKEN, NODE_MANAGER]]) }),
      clock,
      ...(wallClock !== undefined && { wallClock }),
      stsHosts,
      identify: callers,
    });

  const createCluster = (cluster: ScenarioCluster) => {
    const clusterRandom = random.fork(`cluster ${cluster.name}`);
    const store = createObjectStore({ clock, random: clusterRandom.fork('store') });
    const api = createKubernetesApi({
      store,
      clock,
      random: clusterRandom,
      version: cluster.version,
      authenticate: authenticatorOf(cluster.name, ADMIN_TOKEN, identify),
      authorize: createAuthorizer({
        rulesByGroup: { [WORKFLOW_GROUP]: rulesOfGroup(rbac, WORKFLOW_GROUP) },
        rulesByUser: cluster.hasNodeManagerRole ? { [NODE_MANAGER.username]: nodeManagerRules } : {},
        deniedRules: cluster.deniedRules,
      }),
    });
    const simulated = createSimulatedCluster({
      cluster,
      timings,
      clock,
      random: clusterRandom.fork('loops'),
      store,
      region: regionName,
      faults,
    });
    return { store, simulated, handler: wire.record('kubernetes', withKubernetesFaults(api, faults, clock)) };
  };
  const clusters = new Map(
    scenario.clusters
      .filter(({ name }) => !externalClusters.has(name))
      .map((cluster) => [cluster.name, createCluster(cluster)]),
  );

  /** Whoever is an administrator here by well-known keys must not be one in a cluster that is not ours. */
  const identifyWorkflow = (accessKeyId: string) => {
    const identity = identify(accessKeyId);
    return identity.groups.includes(WORKFLOW_GROUP) ? identity : undefined;
  };
  const frontDoors = [...externalClusters].flatMap(([name, { frontDoor }]) =>
    frontDoor === undefined
      ? []
      : [[name, wire.record('kubernetes', frontDoor(authenticatorOf(name, undefined, identifyWorkflow)))] as const],
  );

  const nodeManagers = new Map([
    ...[...clusters].map(([name, { handler }]) => [name, asNodeManager(handler)] as const),
    ...[...externalClusters].map(
      ([name, cluster]) => [name, wire.record('kubernetes', cluster.asNodeManager)] as const,
    ),
  ]);

  const region = createRegion({
    scenario,
    clock,
    random: random.fork('region'),
    machineObservers: new Map([
      ...[...clusters].map(([name, { simulated }]) => [name, simulated] as const),
      ...[...externalClusters].map(([name, { machines }]) => [name, machines] as const),
    ]),
    kubernetesEndpoints: kubernetesEndpoint,
    asNodeManager: (name) => nodeManagers.get(name) as RequestHandler,
  });
  for (const { simulated } of clusters.values()) simulated.settleInstantly();

  const stepFunctions = createStepFunctions({
    definitions,
    clock,
    random: random.fork('step functions'),
    region: regionName,
    accountId,
    invokeFunction,
  });
  const aws = createAwsEndpoint({
    services: [...region.services, createStepFunctionsService(stepFunctions)],
    clock,
    faults,
    region: regionName,
    accountId,
  });
  return {
    aws: wire.record('aws', aws),
    kubernetes: new Map([...[...clusters].map(([name, { handler }]) => [name, handler] as const), ...frontDoors]),
    region,
    stores: new Map([...clusters].map(([name, { store }]) => [name, store])),
    stepFunctions,
    wire,
  };
}
