import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSandbox, rulesOfStack, type Sandbox, type StackFunctions, WORKFLOW_CREDENTIALS } from 'eks-sandbox';
import { attendedPort, createRandom, createVirtualClock, type VirtualClock } from 'eks-sandbox/clock';
import { inEachContainer } from 'eks-sandbox/lambda';
import type { Scenario } from 'eks-sandbox/scenario';
import { kubernetesTransport, type RequestHandler, sdkRequestHandler } from 'eks-sandbox/server';
import type { InvokeFunction } from 'eks-sandbox/step-functions';
import { createDeps, preloadClients } from '../../clients/lambda/deps.ts';
import type { Step } from '../../clients/lambda/step.ts';
import type { Deps } from '../../clients/ports.ts';
import { createInvoker, loadSteps } from './functions.ts';
import { stackFunctions } from './stack-functions.ts';
import { nodeStateMachineArn, stateMachines } from './state-machines.ts';

const readManifest = (name: string) => readFileSync(join(import.meta.dirname, '../../kubernetes', name), 'utf8');

/** RBAC of the workflow's group: what a user applies, with the rights that `force` needs. */
export const rbacManifests = (): string => `${readManifest('rbac.yaml')}\n---\n${readManifest('rbac-force.yaml')}`;

/** A sandbox on a virtual clock, with the production code wired to it by function calls instead of sockets. */
export interface VirtualSandbox extends Sandbox {
  readonly clock: VirtualClock;
  readonly deps: Deps;
}

/** Let no simulated time pass during a call of AWS, while the function that sent it holds a watch or a timer. */
const attended = (deps: Deps, clock: VirtualClock): Deps => ({
  ...deps,
  autoScaling: attendedPort(deps.autoScaling, clock),
  ec2: attendedPort(deps.ec2, clock),
  eks: attendedPort(deps.eks, clock),
  parameters: attendedPort(deps.parameters, clock),
  alarms: attendedPort(deps.alarms, clock),
  executions: attendedPort(deps.executions, clock),
  nodeExecutions: attendedPort(deps.nodeExecutions, clock),
});

/** Functions of a test, beside those of the stack or in their place. */
export interface FurtherFunctions {
  /** By key. */
  readonly steps: ReadonlyMap<string, Step<never, unknown>>;
  /** What calls them, by key as in serverless.yml. */
  readonly stack?: StackFunctions;
}

/** What a test puts between the functions of the workflow and the world; nobody else is concerned. */
export interface Between {
  /** Wraps the front ends that the functions call. */
  readonly request?: (handler: RequestHandler, plane: 'aws' | 'kubernetes') => RequestHandler;
  /** Wraps the calls of functions. */
  readonly invoke?: (invoke: InvokeFunction) => InvokeFunction;
  /** How far the clock of the functions is behind that of everything else. */
  readonly clockBehindSeconds?: number;
}

/** Create a sandbox for tests and benchmarks: deterministic, and without real waiting. */
export async function createVirtualSandbox(
  scenario: Scenario,
  further: FurtherFunctions = { steps: new Map() },
  { request = (handler) => handler, invoke = (call) => call, clockBehindSeconds = 0 }: Between = {},
): Promise<VirtualSandbox> {
  const clock = createVirtualClock(Date.parse(scenario.startsAt));
  // Nothing may be read from disk once virtual time runs: it would reorder what happens at the same instant.
  await preloadClients();
  const steps = new Map([...(await loadSteps()), ...further.steps]);
  const random = createRandom(scenario.seed).fork('workflow');
  const sandbox = createSandbox({
    scenario,
    clock,
    definitions: stateMachines(),
    invokeFunction: invoke(createInvoker(steps, () => depsOfContainer())),
    functionKeys: new Set(steps.keys()),
    rules: rulesOfStack({ ...stackFunctions(), ...further.stack }, stateMachines(), scenario),
    rbac: rbacManifests(),
  });
  const requestHandler = sdkRequestHandler(request(sandbox.aws, 'aws'));
  const depsOfContainer = inEachContainer(() =>
    attended(
      createDeps({
        region: scenario.region,
        credentials: WORKFLOW_CREDENTIALS,
        endpoint: 'http://aws.sandbox.invalid',
        clock: { now: () => new Date(clock.now() - clockBehindSeconds * 1000), sleep: clock.sleep },
        random: random.next,
        requestHandler,
        kubernetesTransport: ({ name }) =>
          kubernetesTransport(request(sandbox.kubernetes.get(name) as RequestHandler, 'kubernetes'), clock),
        retryDelayMilliseconds: () => 0,
        nodeStateMachineArn: nodeStateMachineArn(sandbox),
      }),
      clock,
    ),
  );
  return { ...sandbox, clock, deps: depsOfContainer() };
}
