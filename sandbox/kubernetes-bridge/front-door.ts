import type { RequestHandler } from '../http.ts';
import type { Authenticate } from '../kubernetes/api/access.ts';
import { failures } from '../kubernetes/api/failures.ts';
import { failureResponse } from '../kubernetes/api/responses.ts';
import type { ExternalCluster } from './external-cluster.ts';

/** What goes through: never who the caller claims to be, nor what concerns one connection only. */
const PASSED_ON = ['accept', 'content-type', 'user-agent'];
const PASSED_BACK = ['content-type', 'retry-after', 'audit-id', 'warning'];

const chosen = (headers: Readonly<Record<string, string>>, names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));

/**
 * Create what stands before an EKS cluster and not before the user's own: it knows callers by EKS tokens, and sends their
 * requests on as theirs.
 *
 * The cluster sees user and group by impersonation, so it is its own RBAC that decides, as it does on EKS.
 *
 * @param authenticate who a token belongs to; whoever it knows may act in the cluster by its groups
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function createFrontDoor(cluster: Pick<ExternalCluster, 'open'>, authenticate: Authenticate): RequestHandler {
  return async ({ method, path, query, headers, body, signal }) => {
    const user = authenticate(headers);
    if (user === undefined) return failureResponse(failures.unauthorized().status);
    const [group = ''] = user.groups;
    const search = query.size === 0 ? '' : `?${query}`;
    try {
      const answer = await cluster.open({
        method,
        path: path + search,
        headers: { ...chosen(headers, PASSED_ON), 'impersonate-user': user.username, 'impersonate-group': group },
        ...(body !== '' && { body }),
        ...(signal !== undefined && { signal }),
      });
      return { status: answer.status, headers: chosen(answer.headers, PASSED_BACK), body: answer.body };
    } catch (error) {
      return failureResponse({ ...failures.internal((error as Error).message).status, code: 503 });
    }
  };
}
