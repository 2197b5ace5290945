import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createDeps } from '../../clients/deps.ts';
import { createLoopbackCertificate } from '../../sandbox/certificate.ts';
import type { RequestHandler } from '../../sandbox/http.ts';
import {
  ADMIN_TOKEN,
  createSandbox,
  OPERATOR_CREDENTIALS,
  type Sandbox,
  WORKFLOW_CREDENTIALS,
} from '../../sandbox/sandbox.ts';
import { type Served, serveHttp, serveHttps } from '../../sandbox/serve.ts';
import { createPacedClock } from '../../sandbox/world/paced-clock.ts';
import { createRandom } from '../../sandbox/world/random.ts';
import type { Scenario } from '../../sandbox/world/scenario.ts';
import statemachines from '../../statemachines/load.cjs';
import { createInvoker, loadSteps } from './functions.ts';
import { rbacManifests, STATE_MACHINE_NAME } from './virtual-sandbox.ts';

export interface ServedSandboxOptions {
  readonly scenario: Scenario;
  /** Simulated seconds per real second. */
  readonly speed: number;
  /** 0 or absent: any free port. */
  readonly awsPort?: number;
  /** Of the first cluster; the others take the ports after it. 0 or absent: any free ones. */
  readonly kubernetesPort?: number;
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

async function serveAll(options: ServedSandboxOptions) {
  const certificate = await createLoopbackCertificate(new Date());
  const served: Served[] = [];
  try {
    const aws = deferred();
    served.push(await serveHttp(aws.handler, { port: options.awsPort ?? 0 }));
    const clusters = [];
    for (const [index, { name }] of options.scenario.clusters.entries()) {
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
 * @throws Error with code EADDRINUSE when a port that was asked for is taken
 */
export async function startServedSandbox(options: ServedSandboxOptions): Promise<ServedSandbox> {
  const { scenario, speed } = options;
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
  });
  const sandbox = createSandbox({
    scenario,
    clock,
    definitions: [{ name: STATE_MACHINE_NAME, definition: statemachines.upgradeNodegroup() }],
    invokeFunction: createInvoker(steps, () => deps),
    rbac: rbacManifests(),
    kubernetesEndpoint: (clusterName) => ({
      endpoint: clusters.find(({ name }) => name === clusterName)?.server as string,
      certificateAuthorityData: certificateAuthority,
    }),
    wallClock: { now: Date.now },
    stsHosts: [awsHost],
  });
  aws.become(sandbox.aws);
  for (const { name, become } of clusters) become(sandbox.kubernetes.get(name) as RequestHandler);

  const folder = await mkdtemp(join(tmpdir(), 'eks-nodegroup-upgrade-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigOf(clusters, certificateAuthority), { mode: 0o600 });
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
    async close() {
      clock.stop();
      await Promise.all(served.map((each) => each.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
