import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createSandbox, OPERATOR_CREDENTIALS, rulesOfStack, type Sandbox, WORKFLOW_CREDENTIALS } from 'eks-sandbox';
import { createPacedClock, createRandom } from 'eks-sandbox/clock';
import type { Scenario } from 'eks-sandbox/scenario';
import type { RequestHandler } from 'eks-sandbox/server';
import { createDeps } from '../../clients/lambda/deps.ts';
import { createBridge, type ExternalClusterOptions, outsideClusters, withTokenOf } from './external-cluster.ts';
import { createInvoker, loadSteps } from './functions.ts';
import { listen } from './listeners.ts';
import { kubeconfigOf } from './sandbox-kubeconfig.ts';
import { stackFunctions } from './stack-functions.ts';
import { nodeStateMachineArn, stateMachines } from './state-machines.ts';
import { rbacManifests } from './virtual-sandbox.ts';

export interface ServedSandboxOptions {
  readonly scenario: Scenario;
  /** Simulated seconds per real second. */
  readonly speed: number;
  /** 0 or absent: any free port. */
  readonly awsPort?: number;
  /** Of the first cluster; the others take the ports after it. 0 or absent: any free ones. */
  readonly kubernetesPort?: number;
  /** Replaces the scenario's only cluster. */
  readonly external?: ExternalClusterOptions;
  /**
   * The workflow is deployed elsewhere and only finds its cloud here. So no rule of its stack is set up: the janitor would not
   * find the executions of its runs, and clean up after them.
   */
  readonly isWorkflowElsewhere?: boolean;
}

type SandboxEnvironment = Readonly<
  Record<
    | 'AWS_ENDPOINT_URL'
    | 'AWS_REGION'
    | 'AWS_DEFAULT_REGION'
    | 'AWS_ACCESS_KEY_ID'
    | 'AWS_SECRET_ACCESS_KEY'
    | 'KUBECONFIG'
    | 'EKS_NODEGROUP_UPGRADE_STATE_MACHINE',
    string
  >
>;

/** A sandbox that listens on loopback. */
export interface ServedSandbox {
  readonly sandbox: Sandbox;
  readonly clock: { now(): number };
  readonly awsEndpoint: string;
  readonly stateMachineArn: string;
  /** Environment variables that make `aws`, `kubectl`, SDKs and our CLI use it. */
  readonly environment: SandboxEnvironment;
  close(): Promise<void>;
}

const serverOf = (clusters: readonly { name: string; server: string }[], clusterName: string): string => {
  const cluster = clusters.find(({ name }) => name === clusterName);
  if (cluster === undefined) throw new Error(`cluster ${clusterName} is not served`);
  return cluster.server;
};

const requestHandlerOf = ({ kubernetes }: Sandbox, clusterName: string): RequestHandler => {
  const handler = kubernetes.get(clusterName);
  if (handler === undefined) throw new Error(`the sandbox has no cluster ${clusterName}`);
  return handler;
};

/** ARN of the state machine that upgrades a node group, which is defined first. */
const firstStateMachineArn = ({ stepFunctions }: Sandbox): string => {
  const [machine] = stepFunctions.machines;
  if (machine === undefined) throw new Error('the sandbox has no state machine');
  return machine.arn;
};

/**
 * Start a sandbox on loopback: AWS on one port over HTTP, each cluster's Kubernetes API on another over HTTPS.
 *
 * The workflow's functions run in this process and reach both over these ports, as any client does.
 *
 * In a cluster of the user, the Nodes are registered and Ready before this returns, and `close` deletes them.
 *
 * @throws Error with code EADDRINUSE when a port that was asked for is taken; with one sentence when the user's cluster
 * refuses the nodes
 */
export async function startServedSandbox(options: ServedSandboxOptions): Promise<ServedSandbox> {
  const { scenario, speed, external, isWorkflowElsewhere = false } = options;
  const workflowToken = external?.workflowToken;
  const steps = await loadSteps();
  // With a token of its own the workflow goes to the user's cluster directly.
  const clusterNames = workflowToken === undefined ? scenario.clusters.map(({ name }) => name) : [];
  const { served, aws, awsHost, clusters, certificateAuthority } = await listen({ ...options, clusterNames });
  const awsEndpoint = `http://${awsHost}`;
  const clock = createPacedClock(Date.parse(scenario.startsAt), speed);
  const bridge = external && createBridge(external, scenario, clock);
  const sandbox = createSandbox({
    scenario,
    clock,
    definitions: stateMachines(),
    invokeFunction: createInvoker(steps, () => deps),
    functionKeys: new Set(steps.keys()),
    rules: isWorkflowElsewhere ? [] : rulesOfStack(stackFunctions(), stateMachines(), scenario),
    rbac: rbacManifests(),
    kubernetesEndpoint: (clusterName) =>
      external !== undefined && workflowToken !== undefined
        ? { endpoint: external.cluster.server, certificateAuthorityData: external.cluster.certificateAuthorityData }
        : {
            endpoint: serverOf(clusters, clusterName),
            certificateAuthorityData: certificateAuthority,
          },
    ...(external !== undefined &&
      bridge !== undefined && { externalClusters: outsideClusters(external, scenario, bridge) }),
    wallClock: { now: Date.now },
    stsHosts: [awsHost],
    // Nobody reads it here, and it would grow for as long as the sandbox is served.
    keptRequests: 0,
  });
  const deps = createDeps({
    region: scenario.region,
    credentials: WORKFLOW_CREDENTIALS,
    endpoint: awsEndpoint,
    clock: { now: () => new Date(clock.now()), sleep: clock.sleep },
    random: createRandom(scenario.seed).fork('workflow').next,
    nodeStateMachineArn: nodeStateMachineArn(sandbox),
    ...(workflowToken !== undefined && { kubernetesTransport: withTokenOf(workflowToken) }),
  });
  aws.become(sandbox.aws);
  for (const { name, become } of clusters) become(requestHandlerOf(sandbox, name));

  const folder = await mkdtemp(join(tmpdir(), 'eks-nodegroup-upgrade-'));
  const kubeconfig = external === undefined ? join(folder, 'kubeconfig') : resolve(external.kubeconfig);
  if (external === undefined) {
    await writeFile(kubeconfig, kubeconfigOf(clusters, certificateAuthority), { mode: 0o600 });
  }
  const close = async () => {
    // Before the clock stops, because what is under way needs it to end.
    await bridge?.withdraw();
    clock.stop();
    await Promise.all(served.map((each) => each.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await bridge?.settled();
  } catch (error) {
    await close();
    throw error;
  }
  const stateMachineArn = firstStateMachineArn(sandbox);
  return {
    sandbox,
    clock,
    awsEndpoint,
    stateMachineArn,
    environment: {
      AWS_ENDPOINT_URL: awsEndpoint,
      AWS_REGION: scenario.region,
      AWS_DEFAULT_REGION: scenario.region,
      AWS_ACCESS_KEY_ID: OPERATOR_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: OPERATOR_CREDENTIALS.secretAccessKey,
      KUBECONFIG: kubeconfig,
      EKS_NODEGROUP_UPGRADE_STATE_MACHINE: stateMachineArn,
    },
    close,
  };
}
