import type { SandboxRequest } from '../../server/http.ts';
import { BUILT_IN_CATALOG, type Catalog } from './catalog.ts';
import { failures } from './failures.ts';
import { type ResourceDefinition, type Subresource, verbsOf } from './resources.ts';

/** What a request asks of which resource, in the words of RBAC. */
export interface Route {
  readonly definition: ResourceDefinition;
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: Subresource | undefined;
}

const ITEM_VERBS: Record<string, Route['verb']> = {
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const COLLECTION_VERBS: Record<string, Route['verb']> = {
  GET: 'list',
  HEAD: 'list',
  POST: 'create',
  DELETE: 'deletecollection',
};
const SUBRESOURCE_VERBS: Record<Subresource, readonly Route['verb'][]> = {
  status: ['get', 'update', 'patch'],
  scale: ['get', 'update', 'patch'],
  eviction: ['create'],
  binding: ['create'],
  log: ['get'],
  token: ['create'],
};

/** A watch is asked for by `watch=true`; Go clients also send `1`. */
const isTrue = (value: string | null) => value === 'true' || value === '1' || value === '';

/** Split a path into group, version and the rest; `undefined` when it is not a resource path. */
function splitGroup(path: string): { group: string; version: string; rest: string[] } | undefined {
  const [root, ...parts] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  if (root === 'api' && parts.length >= 2) return { group: '', version: parts[0] ?? '', rest: parts.slice(1) };
  if (root === 'apis' && parts.length >= 3)
    return { group: parts[0] ?? '', version: parts[1] ?? '', rest: parts.slice(2) };
  return undefined;
}

/** `namespaces/NAME/…` scopes what follows, except for the namespace's own subresources. */
function splitNamespace(rest: readonly string[]): { namespace: string | undefined; parts: readonly string[] } {
  const isScope = rest[0] === 'namespaces' && rest.length >= 3 && rest[2] !== 'status' && rest[2] !== 'finalize';
  return isScope ? { namespace: rest[1], parts: rest.slice(2) } : { namespace: undefined, parts: rest };
}

/**
 * Work out what a request asks.
 *
 * @param catalog what is served; by default what every server serves
 * @returns `undefined` when the path names no served resource
 * @throws ApiFailure 405 when the resource cannot be asked that
 */
export function routeRequest(
  { method, path, query }: SandboxRequest,
  catalog: Catalog = BUILT_IN_CATALOG,
): Route | undefined {
  const grouped = splitGroup(path);
  if (grouped === undefined) return undefined;
  // The deprecated /api/v1/watch/… paths say by path what `watch=true` says by query.
  const isWatchPath = grouped.rest[0] === 'watch';
  const { namespace, parts } = splitNamespace(isWatchPath ? grouped.rest.slice(1) : grouped.rest);
  const [resource, name, subresource, ...surplus] = parts;
  const definition = catalog.find(grouped.group, grouped.version, resource ?? '');
  if (definition === undefined || surplus.length > 0) return undefined;
  const isOutOfScope = namespace === undefined && definition.isNamespaced && (name !== undefined || method === 'POST');
  if (isOutOfScope || (namespace !== undefined && !definition.isNamespaced)) {
    if (!definition.isReview) return undefined;
  }
  const served = definition.subresources.find((each) => each === subresource);
  if (subresource !== undefined && served === undefined) return undefined;

  const verb = verbOf(method, name, served);
  const isWatch = (verb === 'list' && isTrue(query.has('watch') ? query.get('watch') : 'false')) || isWatchPath;
  const route = { definition, namespace, name, subresource: served };
  const allowed = served === undefined ? verbsOf(definition) : SUBRESOURCE_VERBS[served];
  if (verb === undefined || !allowed.includes(verb)) throw failures.methodNotAllowed(definition, verb ?? method);
  return { ...route, verb: isWatch ? 'watch' : verb };
}

function verbOf(method: string, name: string | undefined, subresource: Subresource | undefined) {
  if (name === undefined) return COLLECTION_VERBS[method];
  if (subresource !== undefined && method === 'POST') return 'create';
  return ITEM_VERBS[method];
}
