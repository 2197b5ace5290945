import { type ActorReport, scheduleActors } from './actors/schedule-actors.ts';
import { createDenials } from './aws/denied-actions.ts';
import { createAwsEndpoint } from './aws/endpoint.ts';
import { createRegion, type Region } from './aws/region.ts';
import type { KubernetesEndpoint } from './aws/region-state.ts';
import { createView } from './aws/step-functions/as-of.ts';
import { createStepFunctionsService } from './aws/step-functions/service.ts';
import { createClusters } from './clusters.ts';
import { connectEventBridge } from './event-bridge/event-bridge.ts';
import type { Authenticate } from './kubernetes/api/access.ts';
import type { ObjectStore } from './kubernetes/store.ts';
import { checkFunctionFaults, checkRules, functionsCalled } from './lambda/check-functions.ts';
import { fromContainers } from './lambda/container.ts';
import { createFunctions } from './lambda/functions.ts';
import type { RequestHandler } from './server/http.ts';
import { createWireLog, type WireLog } from './server/wire-log.ts';
import type { MachineSource } from './step-functions/definition/machine-source.ts';
import type { InvokeFunction } from './step-functions/interpreter/task.ts';
import { scheduleExecutionEvents } from './step-functions/scenario-events.ts';
import { createStepFunctions, type StepFunctions } from './step-functions/state-machines.ts';
import type { SandboxClock } from './world/clock.ts';
import type { MachineObserver } from './world/machines.ts';
import { createRandom, type Random } from './world/random.ts';
import type { EventRule } from './world/scenario/event-rule.ts';
import type { Scenario } from './world/scenario.ts';

export { ADMIN_TOKEN, OPERATOR_CREDENTIALS, WORKFLOW_CREDENTIALS } from './credentials.ts';
export { rulesOfStack, type StackFunctions } from './event-bridge/rules-of-stack.ts';
export type { KubernetesObject } from './kubernetes/objects.ts';
export type { WireEntry, WireLog } from './server/wire-log.ts';

export interface SandboxOptions {
  readonly scenario: Scenario;
  readonly clock: SandboxClock;
  /** State machines by name, as parsed from their files; none by default. */
  readonly definitions?: readonly MachineSource[];
  /** Runs the Lambda function with this key. By default every invocation fails. */
  readonly invokeFunction?: InvokeFunction;
  /** All keys that `invokeFunction` knows: rules for other functions are refused. */
  readonly functionKeys?: ReadonlySet<string>;
  /** Rules of EventBridge that the stack sets up; none by default. */
  readonly rules?: readonly EventRule[];
  /**
   * RBAC manifests of the workflow's groups, as YAML: the simulated API server enforces them, and their namespaces exist
   * from the beginning. By default the groups have no rights.
   */
  readonly rbac?: string;
  /** Where DescribeCluster says that a cluster's API server is; by default `https://NAME.sandbox.invalid`. */
  readonly kubernetesEndpoint?: (clusterName: string) => KubernetesEndpoint;
  /** The time of day, for tokens that real clients sign; absent on a virtual clock. */
  readonly wallClock?: { now(): number };
  /** By name, clusters of the scenario that exist outside: they get the machines, and none is simulated in their place. */
  readonly externalClusters?: ReadonlyMap<string, OutsideCluster>;
  /** Hosts under which the AWS endpoint itself is reached, for tokens presigned against it. */
  readonly stsHosts?: readonly string[];
  /** How many of the latest requests, with their bodies, the log keeps; by default all, which a sandbox that runs for long cannot. */
  readonly keptRequests?: number;
}

/** A cluster that exists without the sandbox. */
export interface OutsideCluster {
  readonly machines: MachineObserver;
  /** Its API server as EKS reaches it, with credentials that it accepts. */
  readonly asNodeManager: RequestHandler;
  /** Makes an API server in front of it that identifies callers by EKS tokens; absent when callers go there directly. */
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
  /** What the actors of the scenario have done so far, and what they were refused. */
  readonly actorReports: readonly ActorReport[];
}

const noFunction: InvokeFunction = async (functionKey) => {
  throw new Error(`the sandbox was created without a function ${functionKey}`);
};

const unservedEndpoint = (clusterName: string): KubernetesEndpoint => ({
  endpoint: `https://${clusterName}.sandbox.invalid`,
  certificateAuthorityData: '',
});

/** Create the state machines, the functions that they call, and the rules that watch them. */
function createExecutions(options: SandboxOptions, random: Random): StepFunctions {
  const { scenario, clock, definitions = [], invokeFunction = noFunction } = options;
  const { region, accountId, faults } = scenario;
  const invoke = createFunctions({ invokeFunction, faults, clock, random: random.fork('functions') });
  const stepFunctions = createStepFunctions({
    definitions,
    clock,
    random: random.fork('step functions'),
    region,
    accountId,
    invokeFunction: invoke,
  });
  const rules = [...(options.rules ?? []), ...scenario.rules];
  if (options.functionKeys !== undefined) checkRules(rules, options.functionKeys);
  checkFunctionFaults(faults, functionsCalled(stepFunctions, rules));
  scheduleExecutionEvents(stepFunctions, faults, clock);
  connectEventBridge(
    {
      rules,
      faults,
      clock,
      region,
      accountId,
      random: random.fork('event bridge'),
      invokeFunction: invoke,
    },
    stepFunctions,
  );
  return stepFunctions;
}

/** Create a sandbox from a scenario: the world at rest at its first instant. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { scenario, clock } = options;
  const { region: regionName, accountId, faults } = scenario;
  const random = createRandom(scenario.seed);
  const wire = createWireLog(clock, options.keptRequests);
  const clusters = createClusters(options, wire, random);
  const region = createRegion({
    scenario,
    clock,
    random: random.fork('region'),
    machineObservers: clusters.machineObservers,
    kubernetesEndpoints: options.kubernetesEndpoint ?? unservedEndpoint,
    asNodeManager: (name) => clusters.nodeManagers.get(name) as RequestHandler,
  });
  clusters.settleInstantly();

  const stepFunctions = createExecutions(options, random);
  const services = [...region.services, createStepFunctionsService(stepFunctions, createView(faults, clock))];
  const actorReports = scheduleActors({
    scenario,
    clock,
    random: random.fork('actors'),
    services,
    groups: region.state.autoScaling.groups,
    administrators: clusters.administrators,
    machines: stepFunctions.machines,
  });
  const aws = createAwsEndpoint({
    services: services.map(createDenials(faults, clock)),
    clock,
    faults,
    region: regionName,
    accountId,
  });
  return {
    aws: fromContainers(wire.record('aws', aws), clock),
    kubernetes: new Map([...clusters.apiServers].map(([name, api]) => [name, fromContainers(api, clock)])),
    region,
    stores: clusters.stores,
    stepFunctions,
    wire,
    actorReports,
  };
}
