import type { SandboxClock } from '../../world/clock.ts';
import type { KubernetesObject } from '../objects.ts';
import { objectKey } from '../sorted-objects.ts';
import type { ObjectStore } from '../store.ts';
import type { Representation } from './accept.ts';
import { failures } from './failures.ts';
import { apiVersionOf, type ResourceDefinition } from './resources.ts';
import type { Route } from './route.ts';
import { parseSelection, selectObjects } from './selection.ts';
import { includedObject, tableJson } from './table.ts';
import type { WatchCache } from './watch-cache.ts';
import { itemJson, partialMetadata } from './wire-object.ts';

/** How long a continue token stays consistent: etcd's compaction interval. */
const CONTINUE_TOKEN_SECONDS = 300;

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Answers list requests, page by page. */
export type ListObjects = (route: Route, query: URLSearchParams, representation: Representation) => string;

/** Contents of a continue token; opaque to clients. */
interface ContinueToken {
  readonly v: 'meta.k8s.io/v1';
  /** Version of the snapshot, or -1 to go on with whatever there is now. */
  readonly rv: number;
  /** Key of the last object already sent. */
  readonly start: string;
}

const encodeToken = (token: ContinueToken) => Buffer.from(JSON.stringify(token)).toString('base64url');

function decodeToken(text: string): ContinueToken {
  try {
    const token: ContinueToken = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (token.v === 'meta.k8s.io/v1' && typeof token.rv === 'number' && typeof token.start === 'string') return token;
  } catch {
    // Falls through to the same refusal as a token of another shape.
  }
  throw failures.badRequest('invalid continue token: continue key is not valid: illegal base64 data or JSON');
}

const parseVersion = (text: string | null): number | undefined => {
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw failures.badRequest(`Invalid value: "${text}": resourceVersion: must be a number`);
  return Number(text);
};

const parseLimit = (text: string | null): number => {
  if (text === null || text === '') return 0;
  if (!/^-?\d+$/.test(text)) throw failures.badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
};

const keyOf = ({ metadata }: KubernetesObject) => objectKey(metadata.namespace, metadata.name);

/** Refuse combinations of versions that make no sense, with kube-apiserver's texts. */
function checkVersions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch');
  const version = query.get('resourceVersion') ?? '';
  if (query.get('continue') && version !== '' && version !== '0')
    throw failures.badRequest('specifying resource version is not allowed when using continue');
  if (query.has('sendInitialEvents'))
    throw failures.invalid('meta.k8s.io', 'ListOptions', '', [
      {
        reason: 'FieldValueForbidden',
        field: 'sendInitialEvents',
        message: 'Forbidden: sendInitialEvents is forbidden for list',
      },
    ]);
  if (!match) return;
  const refuse = (why: string) =>
    failures.invalid('meta.k8s.io', 'ListOptions', '', [
      { reason: 'FieldValueForbidden', field: 'resourceVersionMatch', message: `Forbidden: ${why}` },
    ]);
  if (query.get('continue')) throw refuse('resourceVersionMatch is forbidden when continue is provided');
  if (version === '') throw refuse('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match === 'Exact' && version === '0')
    throw refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  if (match !== 'Exact' && match !== 'NotOlderThan')
    throw failures.invalid('meta.k8s.io', 'ListOptions', '', [
      {
        reason: 'FieldValueNotSupported',
        field: 'resourceVersionMatch',
        message: `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`,
      },
    ]);
}

/**
 * Create the list handler.
 *
 * Pages of one list come from one snapshot; its tokens expire after five simulated minutes (410 Expired, with a token
 * to go on inconsistently).
 */
export function createListHandler({
  store,
  clock,
  watchCache,
}: {
  store: ObjectStore;
  clock: Pick<SandboxClock, 'now'>;
  watchCache?: WatchCache | undefined;
}): ListObjects {
  /** Snapshots that open tokens refer to, by query and version, oldest first. */
  const snapshots = new Map<string, { readonly objects: readonly KubernetesObject[]; readonly expiresAt: number }>();

  const dropExpired = () => {
    for (const [key, { expiresAt }] of snapshots) {
      if (expiresAt > clock.now()) return;
      snapshots.delete(key);
    }
  };

  const snapshotKey = (route: Route, query: URLSearchParams, version: number) =>
    [route.definition.stored, route.namespace, query.get('labelSelector'), query.get('fieldSelector'), version].join(
      '\n',
    );

  const readSnapshot = (route: Route, query: URLSearchParams, token: ContinueToken | undefined) => {
    const { stored: resource } = route.definition;
    if (token === undefined || token.rv < 0) {
      const asked = parseVersion(query.get('resourceVersion')) ?? 0;
      const latest = store.resourceVersion();
      if (asked > latest) throw failures.futureVersion(asked, latest);
      if (query.get('resourceVersionMatch') === 'Exact' && asked < latest)
        if (store.eventsSince(resource, asked)?.length !== 0)
          throw failures.expired(`The provided resource version ${asked} is too old (latest ${latest}).`);
      const cached = token === undefined && query.get('resourceVersion') === '0' ? watchCache?.(resource) : undefined;
      const { version, objects } = cached ?? { version: latest, objects: store };
      return { version, objects: selectObjects(objects, resource, parseSelection(route, query)) };
    }
    dropExpired();
    const snapshot = snapshots.get(snapshotKey(route, query, token.rv));
    if (snapshot !== undefined) return { version: token.rv, objects: snapshot.objects };
    const expired = failures.expired(EXPIRED);
    throw Object.assign(expired, {
      status: { ...expired.status, metadata: { continue: encodeToken({ ...token, rv: -1 }) } },
    });
  };

  return (route, query, representation) => {
    checkVersions(query);
    const continued = query.get('continue');
    // The cache gives a list as a whole.
    const isCached = query.get('resourceVersion') === '0' && !continued;
    const limit = isCached ? 0 : parseLimit(query.get('limit'));
    const token = continued ? decodeToken(continued) : undefined;
    const { version, objects } = readSnapshot(route, query, token);
    const start = token === undefined ? 0 : objects.findIndex((object) => keyOf(object) > token.start);
    const rest = start < 0 ? [] : objects.slice(start);
    const page = limit > 0 ? rest.slice(0, limit) : rest;
    const remaining = rest.length - page.length;
    const metadata: Record<string, unknown> = { resourceVersion: String(version) };
    const last = page.at(-1);
    if (remaining > 0 && last !== undefined) {
      metadata.continue = encodeToken({
        v: 'meta.k8s.io/v1',
        rv: version,
        start: keyOf(last),
      });
      if (!query.get('labelSelector') && !query.get('fieldSelector')) metadata.remainingItemCount = remaining;
      const key = snapshotKey(route, query, version);
      if (!snapshots.has(key)) snapshots.set(key, { objects, expiresAt: clock.now() + CONTINUE_TOKEN_SECONDS * 1000 });
    }
    return render(route.definition, query, representation, page, metadata, clock.now());
  };
}

function render(
  definition: ResourceDefinition,
  query: URLSearchParams,
  representation: Representation,
  page: readonly KubernetesObject[],
  metadata: object,
  nowMilliseconds: number,
): string {
  switch (representation.shape) {
    case 'table':
      return tableJson(
        { definition, representation, included: includedObject(query), nowMilliseconds },
        page,
        metadata,
      );
    case 'metadata':
      return JSON.stringify({
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${representation.metaVersion}`,
        metadata,
        items: page.map(partialMetadata),
      });
    default:
      return `{"kind":"${definition.kind}List","apiVersion":"${apiVersionOf(definition)}","metadata":${JSON.stringify(metadata)},"items":[${page
        .map((object) => itemJson(definition, object))
        .join(',')}]}`;
  }
}
