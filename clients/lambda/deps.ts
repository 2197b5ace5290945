import type { EKSClientConfig } from '@aws-sdk/client-eks';
import type { EksCluster } from '../../domain/types.ts';
import { createRetryStrategy } from '../aws/retry-strategy.ts';
import { createClusters, importKubernetesClient } from '../kubernetes/clusters.ts';
import type { TokenSource } from '../kubernetes/eks-token.ts';
import type { KubernetesTransport } from '../kubernetes/transport.ts';
import type { Clock, Deps } from '../ports.ts';
import { loadOnFirstUse } from './lazy-port.ts';

export interface DepsOptions {
  readonly region: string;
  /** The SDK's default chain (environment, profile, container, instance) when absent. */
  readonly credentials?: EKSClientConfig['credentials'];
  /** One endpoint for all AWS services: the sandbox's. */
  readonly endpoint?: string;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Sends AWS requests instead of sockets. */
  readonly requestHandler?: EKSClientConfig['requestHandler'];
  /** Sends the requests to a cluster instead of sockets. A bearer token is added to each request either way. */
  readonly kubernetesTransport?: (cluster: EksCluster, token: TokenSource) => KubernetesTransport;
  /** Attempts of one AWS request; 3 unless given. */
  readonly maxAttempts?: number;
  /** Of the state machine that upgrades one node; only what uses `nodeExecutions` needs it. */
  readonly nodeStateMachineArn?: string | undefined;
  /** Wait before an AWS request is sent again, by the number of the attempt; the SDK's own backoff when absent. */
  readonly retryDelayMilliseconds?: (attempt: number) => number;
}

const MAX_ATTEMPTS = 3;
/**
 * Milliseconds until an AWS endpoint that does not connect, does not answer, or stops in the middle of an answer is given up. A
 * step has about 40 s, so a slow endpoint must leave time for a retry. Without `throwOnRequestTimeout` the SDK only logs a warning.
 */
export const AWS_TIMEOUTS = {
  connectionTimeout: 3_000,
  requestTimeout: 10_000,
  socketTimeout: 10_000,
  throwOnRequestTimeout: true,
};

/** What all SDK clients have in common. */
function sdkConfig(options: DepsOptions) {
  const { region, credentials, endpoint, requestHandler, maxAttempts = MAX_ATTEMPTS, retryDelayMilliseconds } = options;
  return {
    region,
    maxAttempts,
    retryMode: 'standard',
    requestHandler: requestHandler ?? AWS_TIMEOUTS,
    ...(credentials === undefined ? {} : { credentials }),
    ...(retryDelayMilliseconds === undefined
      ? {}
      : { retryStrategy: createRetryStrategy(maxAttempts, retryDelayMilliseconds) }),
    // With an endpoint of its own the caller wants that one: ~/.aws is not even read.
    ...(endpoint === undefined
      ? {}
      : {
          endpoint,
          useFipsEndpoint: false,
          useDualstackEndpoint: false,
          defaultsMode: 'standard' as const,
          userAgentAppId: '',
          authSchemePreference: [],
          disableClockSkewCorrection: true,
        }),
  } satisfies EKSClientConfig;
}

/** The implementations of the ports, each in a module of its own. */
const MODULES = {
  autoScaling: () => import('../aws/auto-scaling.ts'),
  ec2: () => import('../aws/ec2.ts'),
  eks: () => import('../aws/eks.ts'),
  identity: () => import('../aws/identity.ts'),
  parameters: () => import('../aws/parameters.ts'),
  alarms: () => import('../aws/alarms.ts'),
  executions: () => import('../aws/execution-status.ts'),
  nodeExecutions: () => import('../aws/node-executions.ts'),
};

/**
 * Import all clients now.
 *
 * For a virtual clock: the order of steps that run in parallel must not depend on how fast a file was read.
 */
export async function preloadClients(): Promise<void> {
  const modules = [...Object.values(MODULES), importKubernetesClient];
  await Promise.all(modules.map((load) => load()));
}

/**
 * Make everything a step may use, over the AWS SDK and the Kubernetes API. Clients are imported and connected, and clusters
 * looked up, when a step first needs them.
 *
 * Lambda, the CLI, the sandbox and the tests all use this function, with different options.
 */
export function createDeps(options: DepsOptions): Deps {
  const config = sdkConfig(options);
  const { region, clock, random, kubernetesTransport, nodeStateMachineArn } = options;
  const eks = loadOnFirstUse(async () => (await MODULES.eks()).connectEks(config));

  const identity = loadOnFirstUse(async () => (await MODULES.identity()).identityOf(config));

  return {
    autoScaling: loadOnFirstUse(async () => (await MODULES.autoScaling()).connectAutoScaling(config)),
    ec2: loadOnFirstUse(async () => (await MODULES.ec2()).connectEc2(config)),
    eks,
    parameters: loadOnFirstUse(async () => (await MODULES.parameters()).connectParameters(config)),
    alarms: loadOnFirstUse(async () => (await MODULES.alarms()).connectAlarms(config)),
    executions: loadOnFirstUse(async () => (await MODULES.executions()).connectExecutionStatus(config)),
    nodeExecutions: loadOnFirstUse(async () =>
      (await MODULES.nodeExecutions()).connectNodeExecutions(config, nodeStateMachineArn),
    ),
    cluster: createClusters({
      region,
      eks,
      credentials: () => identity.credentials(),
      clock,
      random,
      kubernetesTransport,
    }),
    clock,
    random,
  };
}
