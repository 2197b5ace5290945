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
import { compress } from './api/compression.ts';
import {
  aggregatedContentType,
  aggregatedDiscovery,
  aggregatedVersion,
  apiGroup,
  coreVersions,
  groupList,
  resourceList,
} from './api/discovery.ts';
import type { AdmitEviction } from './api/eviction-admission.ts';
import { ApiFailure, failures } from './api/failures.ts';
import { ensureSystemNamespaces } from './api/namespaces.ts';
import { openApiDocument, openApiIndex, swaggerDocument } from './api/openapi.ts';
import { createResourceHandler } from './api/resource-handler.ts';
import { GROUPS } from './api/resources.ts';
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

const PROTOBUF_OPENAPI = 'application/com.github.proto-openapi.spec.v2';

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
  const documents = new Map<string, Promise<SandboxResponse>>();

  /** Documents are large and never change: one rendering each. */
  const once = (path: string, build: () => Promise<object | undefined>): Promise<SandboxResponse> => {
    const known = documents.get(path);
    if (known !== undefined) return known;
    return build().then((document) => {
      // Anybody can think of paths that are not there.
      if (document === undefined) return textResponse(404, '404 page not found\n');
      const response = jsonResponse(200, document);
      documents.set(path, Promise.resolve(response));
      return response;
    });
  };

  const openApi = (path: string, accept: string | undefined): Promise<SandboxResponse> => {
    if (path === '/openapi/v2') {
      if (accept?.startsWith(PROTOBUF_OPENAPI) && !accept.includes('json'))
        throw failures.notAcceptable(['application/json']);
      return once(path, () => swaggerDocument(version));
    }
    const name = path.slice('/openapi/v3'.length).replace(/^\//, '');
    return once(path, () => (name === '' ? Promise.resolve(openApiIndex()) : openApiDocument(name, version)));
  };

  const discover = (path: string, accept: string | undefined): SandboxResponse | undefined => {
    const [root, group, groupVersion, ...rest] = path.split('/').filter((part) => part !== '');
    if (root === 'api' || root === 'apis') {
      const aggregated = group === undefined ? aggregatedVersion(accept) : undefined;
      if (aggregated !== undefined)
        return jsonResponse(200, aggregatedDiscovery(aggregated, root === 'api'), aggregatedContentType(aggregated));
    }
    if (root === 'api' && group === undefined) return jsonResponse(200, coreVersions('127.0.0.1'));
    if (root === 'api' && group === 'v1' && groupVersion === undefined)
      return jsonResponse(200, resourceList('', 'v1'));
    if (root !== 'apis' || rest.length > 0) return undefined;
    if (group === undefined) return jsonResponse(200, groupList());
    const served = group === '' ? undefined : GROUPS.find((each) => each.group === group);
    if (served === undefined) return undefined;
    if (groupVersion === undefined) return jsonResponse(200, apiGroup(group, served.version));
    return groupVersion === served.version ? jsonResponse(200, resourceList(group, groupVersion)) : undefined;
  };

  const serveDocument = (request: SandboxRequest): Promise<SandboxResponse> | SandboxResponse => {
    const { path, headers } = request;
    if (path.startsWith('/version')) return jsonResponse(200, versionDocument(version));
    if (/^\/(healthz|livez|readyz)(\/|$)/.test(path)) return textResponse(200, 'ok');
    if (path.startsWith('/openapi/')) return openApi(path, headers.accept);
    if (path === '/')
      return jsonResponse(200, {
        paths: ['/api', '/apis', '/healthz', '/livez', '/openapi/v3', '/readyz', '/version'],
      });
    return discover(path, headers.accept) ?? textResponse(404, '404 page not found\n');
  };

  const serve = async (request: SandboxRequest): Promise<SandboxResponse> => {
    const isOpen = OPEN_PATHS.has(request.path);
    const user: User | undefined = isOpen ? undefined : authenticate(request.headers);
    if (user === undefined && !isOpen) throw failures.unauthorized();
    const route = user === undefined ? undefined : routeRequest(request);
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
