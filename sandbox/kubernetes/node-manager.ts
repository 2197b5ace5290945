import type { RequestHandler } from '../server/http.ts';
import type { User } from './api/access.ts';
import type { PolicyRule } from './authorizer.ts';

/** The user as which EKS itself comes to a cluster for its managed nodes. */
export const NODE_MANAGER: User = { username: 'eks:node-manager', groups: ['system:authenticated'] };

/** Bearer token of that user: it is used inside the sandbox only. */
export const NODE_MANAGER_TOKEN = 'sandbox-eks-node-manager';

/**
 * What the ClusterRole `eks:node-manager` allows.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html (managed node group error codes, AccessDenied)
 */
export const nodeManagerRules: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] },
  { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'patch'] },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
];

/** Let requests arrive at an API server as those of `eks:node-manager`. */
export const asNodeManager =
  (handler: RequestHandler): RequestHandler =>
  (request) =>
    handler({ ...request, headers: { ...request.headers, authorization: `Bearer ${NODE_MANAGER_TOKEN}` } });
