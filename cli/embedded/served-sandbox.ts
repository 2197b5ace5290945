import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ADMIN_TOKEN,
  createSandbox,
  OPERATOR_CREDENTIALS,
  type OutsideCluster,
  type Sandbox,
  WORKFLOW_CREDENTIALS,
} from 'eks-sandbox';
import { createPacedClock, createRandom } from 'eks-sandbox/clock';
import {
  createFrontDoor,
  createMachineBridge,
  createNodeManagerDoor,
  type ExternalCluster,
} from 'eks-sandbox/kubernetes-bridge';
import type { Scenario } from 'eks-sandbox/scenario';
import { createLoopbackCertificate, type RequestHandler, type Served, serveHttp, serveHttps } from 'eks-sandbox/server';
import { stringify } from 'yaml';
import { createHttpsTransport } from '../../clients/kubernetes/https.ts';
import type { KubernetesTransport } from '../../clients/kubernetes/transport.ts';
import { createDeps } from '../../clients/lambda/deps.ts';
import type { EksCluster } from '../../domain/types.ts';
import { createInvoker, loadSteps } from './functions.ts';
import { stateMachines } from './state-machines.ts';
import { rbacManifests } from './virtual-sandbox.ts';

export interface ServedSandboxOptions {
  readonly scenario: Scenario;
  /** Simulated seconds per real second. */
  readonly speed: number;
  /** 0 or absent: any free port. */
  readonly awsPort?: number;
  /** Of the first cluster; the others take the ports after it. 0 or absent: any free ones. */
  readonly kubernetesPort?: number;
  /** Takes the place of the scenario's only cluster. */
  readonly external?: ExternalClusterOptions;
}

/** A cluster of the user's own, to which the sandbox is the cloud. */
export interface ExternalClusterOptions {
  readonly cluster: ExternalCluster;
  /** Its kubeconfig, as the user named it. */
  readonly kubeconfig: string;
  /**
   * The bearer token of the workflow's functions there, asked for each request. Absent: they come with EKS tokens, and the
   * sandbox sends their requests on as those of the RBAC manifest's group.
   */
  readonly workflowToken?: (() => string) | undefined;
  /** Told, in one sentence, when the cluster refuses a change to a node. */
  readonly onProblem: (sentence: string) => void;
}

/** A sandbox that listens on loopback. */
export interface ServedSandbox {
  readonly sandbox: Sandbox;
  readonly clock: { now(): number };
  readonly awsEndpoint: string;
  readonly stateMachineArn: string;
  /** What makes `aws`, `kubectl`, SDKs and our CLI work against it, by variable. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A kubeconfig with one context for each cluster; the first is current. */
const kubeconfigOf = (clusters: readonly { name: string; server: string }[], certificateAuthority: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': clusters[0]?.name,
    clusters: clusters.map(({ name, server }) => ({
      name,
      cluster: { server, 'certificate-authority-data': certificateAuthority },
    })),
    users: [{ name: 'sandbox-admin', user: { token: ADMIN_TOKEN } }],
    contexts: clusters.map(({ name }) => ({ name, context: { cluster: name, user: 'sandbox-admin' } })),
  });

/** A front end whose handler comes later: its address is part of the world it serves. */
function deferred() {
  let handle: RequestHandler | undefined;
  const handler: RequestHandler = async (request) =>
    handle === undefined ? { status: 503, headers: {}, body: 'starting' } : handle(request);
  return {
    handler,
    become: (real: RequestHandler) => {
      handle = real;
    },
  };
}

/** Reach the user's cluster as production does, but with a token that the cluster accepts. */
const withTokenOf =
  (workflowToken: () => string) =>
  ({ endpoint = '', certificateAuthority }: EksCluster): KubernetesTransport => {
    const transport = createHttpsTransport({ endpoint, certificateAuthority });
    return (request) =>
      transport({ ...request, headers: { ...request.headers, authorization: `Bearer ${workflowToken()}` } });
  };

const frontDoorOf = ({ cluster, workflowToken }: ExternalClusterOptions): Pick<OutsideCluster, 'frontDoor'> =>
  workflowToken === undefined ? { frontDoor: (authenticate) => createFrontDoor(cluster, authenticate) } : {};

async function serveAll(options: ServedSandboxOptions) {
  const certificate = await createLoopbackCertificate(new Date());
  const served: Served[] = [];
  try {
    const aws = deferred();
    served.push(await serveHttp(aws.handler, { port: options.awsPort ?? 0 }));
    const clusters = [];
    const answered = options.external?.workflowToken === undefined ? options.scenario.clusters : [];
    for (const [index, { name }] of answered.entries()) {
      const api = deferred();
      const port = options.kubernetesPort ? options.kubernetesPort + index : 0;
      const listening = await serveHttps(api.handler, { port, certificate });
      served.push(listening);
      clusters.push({ name, server: `https://127.0.0.1:${listening.port}`, become: api.become });
    }
    const certificateAuthority = Buffer.from(certificate.certificateAuthority).toString('base64');
    const awsHost = `127.0.0.1:${served[0]?.port}`;
    return { served, aws, awsHost, clusters, certificateAuthority };
  } catch (error) {
    await Promise.all(served.map((each) => each.close()));
    throw error;
  }
}

/**
 * Start a sandbox on loopback: AWS on one port over HTTP, each cluster's Kubernetes API on another over HTTPS.
 *
 * The workflow's functions run in this process and reach both over these ports, as any client does.
 *
 * With a cluster of the user's own, its Nodes are there and Ready before this returns, and deleted again by `close`.
 *
 * @throws Error with code EADDRINUSE when a port that was asked for is taken; with one sentence when the user's cluster does
 * not take the nodes
 */
export async function startServedSandbox(options: ServedSandboxOptions): Promise<ServedSandbox> {
  const { scenario, speed, external } = options;
  const workflowToken = external?.workflowToken;
  const steps = await loadSteps();
  const { served, aws, awsHost, clusters, certificateAuthority } = await serveAll(options);
  const awsEndpoint = `http://${awsHost}`;
  const clock = createPacedClock(Date.parse(scenario.startsAt), speed);
  const deps = createDeps({
    region: scenario.region,
    credentials: WORKFLOW_CREDENTIALS,
    endpoint: awsEndpoint,
    clock: { now: () => new Date(clock.now()), sleep: clock.sleep },
    random: createRandom(scenario.seed).fork('workflow').next,
    ...(workflowToken !== undefined && { kubernetesTransport: withTokenOf(workflowToken) }),
  });
  const bridge =
    external &&
    createMachineBridge({
      cluster: external.cluster,
      clock,
      region: scenario.region,
      timings: scenario.timings,
      pause: (seconds) => sleep(seconds * 1000),
      onProblem: external.onProblem,
    });
  const sandbox = createSandbox({
    scenario,
    clock,
    definitions: stateMachines(),
    invokeFunction: createInvoker(steps, () => deps),
    rbac: rbacManifests(),
    kubernetesEndpoint: (clusterName) =>
      external !== undefined && workflowToken !== undefined
        ? { endpoint: external.cluster.server, certificateAuthorityData: external.cluster.certificateAuthorityData }
        : {
            endpoint: clusters.find(({ name }) => name === clusterName)?.server as string,
            certificateAuthorityData: certificateAuthority,
          },
    ...(external !== undefined &&
      bridge !== undefined && {
        externalClusters: new Map(
          scenario.clusters.map(({ name }) => [
            name,
            { machines: bridge, asNodeManager: createNodeManagerDoor(external.cluster), ...frontDoorOf(external) },
          ]),
        ),
      }),
    wallClock: { now: Date.now },
    stsHosts: [awsHost],
  });
  aws.become(sandbox.aws);
  for (const { name, become } of clusters) become(sandbox.kubernetes.get(name) as RequestHandler);

  const folder = await mkdtemp(join(tmpdir(), 'eks-nodegroup-upgrade-'));
  const kubeconfig = external === undefined ? join(folder, 'kubeconfig') : resolve(external.kubeconfig);
  if (external === undefined) {
    await writeFile(kubeconfig, kubeconfigOf(clusters, certificateAuthority), { mode: 0o600 });
  }
  const close = async () => {
    // While the clock still runs: what is under way has to end first.
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
  const stateMachineArn = sandbox.stepFunctions.machines[0]?.arn as string;
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
