import {
  isLongerThan,
  LONGEST_BODY_BYTES,
  type RequestHandler,
  type SandboxRequest,
  type SandboxResponse,
} from '../server/http.ts';
import { isNestedTooDeeply, reportFault } from '../server/report-fault.ts';
import type { SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import { type Authenticate, type Authorize, accessRequest, denialText, type User } from './api/access.ts';
import { catalogOf } from './api/catalog.ts';
import { compress } from './api/compression.ts';
import { createDocuments } from './api/documents.ts';
import type { AdmitEviction } from './api/eviction-admission.ts';
import { ApiFailure, failures } from './api/failures.ts';
import { ensureSystemNamespaces } from './api/namespaces.ts';
import { createResourceHandler } from './api/resource-handler.ts';
import { failureResponse, jsonResponse, textResponse } from './api/responses.ts';
import { routeRequest } from './api/route.ts';
import type { WatchCache } from './api/watch-cache.ts';
import type { ObjectStore } from './store.ts';

/** What `createKubernetesApi` needs. */
export interface KubernetesApiOptions {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  readonly random: Random;
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  /** Minor version of the cluster, e.g. `1.33`, or all of it, e.g. `1.33.5`. */
  readonly version: string;
  /** Answers lists with `resourceVersion=0`; absent: it is as fresh as the store. */
  readonly watchCache?: WatchCache | undefined;
  /** Admission webhooks and policies; absent: there is none. */
  readonly admitEviction?: AdmitEviction | undefined;
}

/** Paths that need no credentials, as load balancers have none; they reveal nothing about the cluster. */
const OPEN_PATHS = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/']);

function versionDocument(version: string) {
  const [major = '1', minor = '0', patch = '0'] = version.split('.');
  return {
    major,
    minor,
    gitVersion: `v${major}.${minor}.${patch}-eks-5ca49cb`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'go1.24.0',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}

/**
 * Refuse what no server can read, whoever sends it.
 *
 * @throws ApiFailure 400, 413
 */
function checkRequest({ path, body }: SandboxRequest): void {
  try {
    decodeURIComponent(path);
  } catch {
    throw failures.badRequest(`the path has a malformed escape sequence: ${path}`);
  }
  if (isLongerThan(body, LONGEST_BODY_BYTES)) throw failures.bodyTooLarge(LONGEST_BODY_BYTES);
}

/** The answer to a client after something was thrown; what the sandbox did not expect is reported as well. */
function failureOf(thrown: unknown, { method, path }: SandboxRequest): ApiFailure {
  if (thrown instanceof ApiFailure) return thrown;
  if (isNestedTooDeeply(thrown)) return failures.badRequest('json: exceeded max depth');
  reportFault(`${method} ${path} of Kubernetes`, thrown);
  return failures.internal(thrown instanceof Error ? thrown.message : String(thrown));
}

/**
 * Create the API server of a simulated cluster: real wire formats over an object store.
 *
 * System namespaces are created when missing. The taint of a cordoned node is the node lifecycle controller's business, and
 * so is everything else that follows from a write.
 */
export function createKubernetesApi(options: KubernetesApiOptions): RequestHandler {
  const { store, clock, authenticate, authorize, version, watchCache, admitEviction } = options;
  const context = { store, clock, random: options.random.fork('kubernetes-api'), watchCache, admitEviction };
  ensureSystemNamespaces(context);
  const handleResource = createResourceHandler(context, authorize);
  const documents = createDocuments(store, version);

  const serveDocument = (request: SandboxRequest): Promise<SandboxResponse> | SandboxResponse => {
    const { path, headers } = request;
    if (path.startsWith('/version')) return jsonResponse(200, versionDocument(version));
    if (/^\/(healthz|livez|readyz)(\/|$)/.test(path)) return textResponse(200, 'ok');
    if (path.startsWith('/openapi/')) return documents.openApi(path, headers.accept);
    if (path === '/')
      return jsonResponse(200, {
        paths: ['/api', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'],
      });
    return documents.discover(path, headers.accept) ?? textResponse(404, '404 page not found\n');
  };

  const serve = async (request: SandboxRequest): Promise<SandboxResponse> => {
    const isOpen = OPEN_PATHS.has(request.path);
    const user: User | undefined = isOpen ? undefined : authenticate(request.headers);
    if (user === undefined && !isOpen) throw failures.unauthorized();
    const route = user === undefined ? undefined : routeRequest(request, catalogOf(store));
    if (route === undefined || user === undefined) return serveDocument(request);
    const access = accessRequest(route);
    // Every authenticated user may ask for their own rights (system:basic-user).
    const isSelfReview = route.definition.isReview && route.definition.resource.startsWith('self');
    if (!isSelfReview && !authorize(user, access))
      throw failures.forbidden(route.definition, access.name ?? '', denialText(user, access));
    return compress(request, await handleResource(route, request, user));
  };

  return async (request) => {
    try {
      checkRequest(request);
      return await serve(request);
    } catch (error) {
      return failureResponse(failureOf(error, request).status);
    }
  };
}
