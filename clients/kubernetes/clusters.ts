import { ClusterNotFound, ClusterUnreachable } from '../../domain/errors.ts';
import type { EksCluster } from '../../domain/types.ts';
import type { CredentialsProvider } from '../aws/identity.ts';
import type { Clock, Cluster, Eks } from '../ports.ts';
import { createTokenSource, type TokenSource } from './eks-token.ts';
import { withRetries } from './retry-transport.ts';
import { type KubernetesTransport, withBearerToken } from './transport.ts';

/** The endpoint of a cluster does not change, but the cluster can be replaced by one of the same name. */
const KEPT_SECONDS = 600;

/** The request factories of client-node are 600 KB of source: only steps that use a cluster load them. */
export const importKubernetesClient = () => import('./cluster.ts');

/**
 * Keep a client per cluster, and look up its endpoint in EKS at most every ten minutes.
 *
 * @returns a function that throws ClusterNotFound for an unknown name, ClusterUnreachable for a cluster without endpoint
 */
export function createClusters(options: {
  region: string;
  eks: Eks;
  credentials: CredentialsProvider;
  clock: Clock;
  random: () => number;
  kubernetesTransport?: ((cluster: EksCluster, token: TokenSource) => KubernetesTransport) | undefined;
}): (clusterName: string) => Promise<Cluster> {
  const { region, eks, credentials, clock, random, kubernetesTransport = overTls } = options;
  const kept = new Map<string, { readonly cluster: Promise<Cluster>; readonly until: number }>();

  const connect = async (clusterName: string): Promise<Cluster> => {
    const found = await eks.findCluster(clusterName);
    if (found === undefined) {
      throw new ClusterNotFound(
        `There is no EKS cluster ${clusterName} in ${region}: see aws eks list-clusters --region ${region}`,
      );
    }
    if (found.endpoint === undefined) {
      throw new ClusterUnreachable(
        `EKS cluster ${clusterName} is ${found.status} and has no endpoint yet: start again when it is ACTIVE`,
      );
    }
    const token = createTokenSource({ clusterName, region, credentials, clock });
    const { createCluster } = await importKubernetesClient();
    const transport = withRetries(withBearerToken(await kubernetesTransport(found, token), token), clock);
    return createCluster({ transport, clock, random });
  };

  return async (clusterName) => {
    const now = clock.now().getTime();
    const last = kept.get(clusterName);
    if (last !== undefined && now < last.until) return last.cluster;
    const cluster = connect(clusterName);
    kept.set(clusterName, { cluster, until: now + KEPT_SECONDS * 1000 });
    // A failure is not kept: by the next step the cluster may be active.
    cluster.catch(() => {
      if (kept.get(clusterName)?.cluster === cluster) kept.delete(clusterName);
    });
    return cluster;
  };
}

/** In production: https to the endpoint, with the certificate authority that EKS gives. */
async function overTls({ endpoint = '', certificateAuthority }: EksCluster): Promise<KubernetesTransport> {
  const { createHttpsTransport } = await import('./https.ts');
  return createHttpsTransport({ endpoint, certificateAuthority });
}
