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
  /** Carries AWS requests in the place of sockets. */
  readonly requestHandler?: EKSClientConfig['requestHandler'];
  /** Carries requests to a cluster in the place of sockets. The bearer token is added to each request either way. */
  readonly kubernetesTransport?: (cluster: EksCluster, token: TokenSource) => KubernetesTransport;
  /** Of one AWS request; 3 unless given. */
  readonly maxAttempts?: number;
  /** Wait before an AWS request is sent again, by the number of the attempt; the SDK's own backoff when absent. */
  readonly retryDelayMilliseconds?: (attempt: number) => number;
}

const MAX_ATTEMPTS = 3;
/** A step has about 40 s: better a retry than an answer that comes too late. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 10_000 };

/** What all SDK clients have in common. */
function sdkConfig(options: DepsOptions) {
  const { region, credentials, endpoint, requestHandler, maxAttempts = MAX_ATTEMPTS, retryDelayMilliseconds } = options;
  return {
    region,
    maxAttempts,
    retryMode: 'standard',
    requestHandler: requestHandler ?? TIMEOUTS,
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
};

/**
 * Import all clients now.
 *
 * For a virtual clock: steps that run side by side must not come to different orders because a file was read slowly.
 */
export async function preloadClients(): Promise<void> {
  const modules = [...Object.values(MODULES), importKubernetesClient];
  await Promise.all(modules.map((load) => load()));
}

/**
 * Make everything a step may use, over the AWS SDK and the Kubernetes API. Nothing is imported, connected or looked up
 * before a step asks for it.
 *
 * Lambda, the CLI, the sandbox and the tests all come through here; they differ in the options alone.
 */
export function createDeps(options: DepsOptions): Deps {
  const config = sdkConfig(options);
  const { region, clock, random, kubernetesTransport } = options;
  const eks = loadOnFirstUse(async () => (await MODULES.eks()).connectEks(config));

  const identity = loadOnFirstUse(async () => (await MODULES.identity()).identityOf(config));

  return {
    autoScaling: loadOnFirstUse(async () => (await MODULES.autoScaling()).connectAutoScaling(config)),
    ec2: loadOnFirstUse(async () => (await MODULES.ec2()).connectEc2(config)),
    eks,
    parameters: loadOnFirstUse(async () => (await MODULES.parameters()).connectParameters(config)),
    alarms: loadOnFirstUse(async () => (await MODULES.alarms()).connectAlarms(config)),
    executions: loadOnFirstUse(async () => (await MODULES.executions()).connectExecutionStatus(config)),
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
