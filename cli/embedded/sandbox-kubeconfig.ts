import { ADMIN_TOKEN } from 'eks-sandbox';
import { stringify } from 'yaml';

/** A kubeconfig with one context for each cluster; the first is current. */
export const kubeconfigOf = (
  clusters: readonly { name: string; server: string }[],
  certificateAuthority: string,
): string =>
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
