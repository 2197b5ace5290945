import type { EKSClientConfig } from '@aws-sdk/client-eks';
import type { EksCluster } from '../domain/types.ts';
import { createRetryStrategy } from './aws-retry.ts';
import { createClusters } from './clusters.ts';
import type { TokenSource } from './eks-token.ts';
import type { KubernetesTransport } from './kubernetes-transport.ts';
import { lazily } from './lazily.ts';
import type { Clock, Deps } from './ports.ts';

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
    // With an endpoint of its own the caller wants that one, whatever the profile in ~/.aws says.
    ...(endpoint === undefined
      ? {}
      : {
          endpoint,
          useFipsEndpoint: false,
          useDualstackEndpoint: false,
          defaultsMode: 'standard' as const,
          userAgentAppId: '',
        }),
  } satisfies EKSClientConfig;
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
  const eks = lazily(async () => (await import('./aws-eks.ts')).connectEks(config));

  const identity = lazily(async () => (await import('./aws-eks.ts')).identityOf(config));

  return {
    autoScaling: lazily(async () => (await import('./aws-auto-scaling.ts')).connectAutoScaling(config)),
    ec2: lazily(async () => (await import('./aws-ec2.ts')).connectEc2(config)),
    eks,
    parameters: lazily(async () => (await import('./aws-parameters.ts')).connectParameters(config)),
    alarms: lazily(async () => (await import('./aws-alarms.ts')).connectAlarms(config)),
    executions: lazily(async () => (await import('./aws-executions.ts')).connectExecutions(config)),
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
