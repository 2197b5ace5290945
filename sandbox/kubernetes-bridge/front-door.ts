import type { Authenticate } from '../kubernetes/api/access.ts';
import { failures } from '../kubernetes/api/failures.ts';
import { failureResponse } from '../kubernetes/api/responses.ts';
import type { RequestHandler, SandboxRequest, SandboxResponse } from '../server/http.ts';
import type { ExternalCluster } from './external-cluster.ts';

/** What goes through: never who the caller claims to be, nor what concerns one connection only. */
const PASSED_ON = ['accept', 'content-type', 'user-agent'];
const PASSED_BACK = ['content-type', 'retry-after', 'audit-id', 'warning'];
const TIMEOUT_MS = 10_000;

const chosen = (headers: Readonly<Record<string, string>>, names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));

/** Send a request on to a cluster, as the kubeconfig's user or as the user that it impersonates. */
async function passOn(
  cluster: Pick<ExternalCluster, 'open'>,
  { method, path, query, headers, body, signal }: SandboxRequest,
  identity: Readonly<Record<string, string | string[]>>,
): Promise<SandboxResponse> {
  const search = query.size === 0 ? '' : `?${query}`;
  try {
    const answer = await cluster.open({
      method,
      path: path + search,
      headers: { ...chosen(headers, PASSED_ON), ...identity },
      ...(body !== '' && { body }),
      ...(signal !== undefined && { signal }),
    });
    return { status: answer.status, headers: chosen(answer.headers, PASSED_BACK), body: answer.body };
  } catch (error) {
    return failureResponse({
      ...failures.internal(error instanceof Error ? error.message : String(error)).status,
      code: 503,
    });
  }
}

/**
 * Create the front door of a cluster for clients with EKS tokens: it authenticates them, and sends their
 * requests on as theirs.
 *
 * The cluster sees user and groups by impersonation, so it is its own RBAC that decides, as it does on EKS.
 *
 * @param authenticate finds the user of a token; the cluster decides by the user's groups what the user may do
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function createFrontDoor(cluster: Pick<ExternalCluster, 'open'>, authenticate: Authenticate): RequestHandler {
  return async (request) => {
    const user = authenticate(request.headers);
    if (user === undefined) return failureResponse(failures.unauthorized().status);
    return passOn(cluster, request, { 'impersonate-user': user.username, 'impersonate-group': [...user.groups] });
  };
}

/**
 * Create EKS's own way into a cluster that is not EKS's: its requests are those of the kubeconfig's user.
 *
 * A request of EKS ends by itself; one without an answer within ten seconds has none.
 */
export const createNodeManagerDoor =
  (cluster: Pick<ExternalCluster, 'open'>): RequestHandler =>
  (request) =>
    passOn(cluster, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) }, {});
