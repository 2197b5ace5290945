import type { SandboxClock, Timer } from '../../world/clock.ts';
import type { Random } from '../../world/random.ts';
import type { KubernetesObject } from '../objects.ts';
import type { ObjectStore, StoreEvent } from '../store.ts';
import type { Representation } from './accept.ts';
import { createChunkQueue } from './chunk-queue.ts';
import { failures } from './failures.ts';
import { apiVersionOf, type ResourceDefinition } from './resources.ts';
import type { Route } from './route.ts';
import { isSelected, parseSelection, type Selection, selectObjects } from './selection.ts';
import { includedObject, tableJson } from './table.ts';
import { objectJson, partialMetadata } from './wire-object.ts';

/** Answers watch requests with a stream of newline-delimited events. */
export type WatchObjects = (
  route: Route,
  query: URLSearchParams,
  representation: Representation,
  signal: AbortSignal | undefined,
) => AsyncIterable<string>;

/** Without `timeoutSeconds` a watch lasts between this long and twice this long (`--min-request-timeout`). */
const SHORTEST_DEFAULT_WATCH_SECONDS = 1800;
const BOOKMARK_SECONDS = 60;
/** A watch whose reader is so far behind ends, as kube-apiserver ends one that does not keep up. */
const MOST_UNREAD_CHARACTERS = 32 * 1024 * 1024;
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED';

/**
 * How a change looks through a selection.
 *
 * @returns `undefined` when it cannot be seen; an object that leaves the selection is DELETED
 */
function seenThrough(selection: Selection, { type, object, previous }: StoreEvent): WatchType | undefined {
  const isNow = type !== 'DELETED' && isSelected(selection, object);
  const wasBefore = previous !== undefined && isSelected(selection, previous);
  if (isNow) return wasBefore ? 'MODIFIED' : 'ADDED';
  return wasBefore ? 'DELETED' : undefined;
}

const isTrue = (value: string | null) => value === 'true' || value === '1';

function parseStart(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '' || text === '0') return undefined;
  if (!/^\d+$/.test(text)) throw failures.badRequest(`Invalid value: "${text}": resourceVersion: must be a number`);
  return Number(text);
}

/** Go counts time in nanoseconds of 64 bits: what is longer turns into a time that is over. */
const LONGEST_SECONDS = 9_223_372_036;

/**
 * Read `timeoutSeconds`.
 *
 * @returns 0, which leaves it to the server, where it is absent or 0
 * @throws ApiFailure 400 for what is no whole number
 */
function parseTimeout(query: URLSearchParams): number {
  const text = query.get('timeoutSeconds') ?? '0';
  if (!/^[-+]?\d+$/.test(text)) throw failures.badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text) > LONGEST_SECONDS ? -1 : Number(text);
}

/** `sendInitialEvents` needs `resourceVersionMatch=NotOlderThan`, and the other way round. */
function checkInitialEvents(query: URLSearchParams): void {
  const isGiven = query.has('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  if (isGiven ? match === 'NotOlderThan' : match === '') return;
  const why = isGiven
    ? 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
    : 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
  throw failures.invalid('meta.k8s.io', 'ListOptions', '', [
    { reason: 'FieldValueForbidden', field: 'resourceVersionMatch', message: `Forbidden: ${why}` },
  ]);
}

/** Writes objects in the form one watch asked for. */
function createRenderer(
  definition: ResourceDefinition,
  query: URLSearchParams,
  representation: Representation,
  clock: Pick<SandboxClock, 'now'>,
): (object: KubernetesObject) => string {
  let hasColumns = true;
  return (object) => {
    if (representation.shape === 'object') return objectJson(definition, object);
    if (representation.shape === 'metadata') return JSON.stringify(partialMetadata(object));
    const table = tableJson(
      { definition, representation, included: includedObject(query), nowMilliseconds: clock.now() },
      [object],
      { resourceVersion: object.metadata.resourceVersion },
      hasColumns,
    );
    hasColumns = false;
    return table;
  };
}

function bookmarkJson(
  definition: ResourceDefinition,
  representation: Representation,
  resourceVersion: number,
  annotations?: Record<string, string>,
): string {
  const metadata = { resourceVersion: String(resourceVersion), creationTimestamp: null, annotations };
  switch (representation.shape) {
    case 'table':
      return JSON.stringify({
        kind: 'Table',
        apiVersion: `meta.k8s.io/${representation.metaVersion}`,
        metadata,
        columnDefinitions: null,
        rows: [],
      });
    case 'metadata':
      return JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata });
    default:
      return JSON.stringify({ kind: definition.kind, apiVersion: apiVersionOf(definition), metadata });
  }
}

/**
 * Create the watch handler.
 *
 * A watch ends by `timeoutSeconds` of simulated time, when its request is aborted, or when its reader stops.
 */
export function createWatchHandler({
  store,
  clock,
  random,
}: {
  store: ObjectStore;
  clock: SandboxClock;
  random: Random;
}): WatchObjects {
  const durations = random.fork('watch');

  return (route, query, representation, signal) => {
    checkInitialEvents(query);
    const { definition } = route;
    const { stored: resource } = definition;
    const selection = parseSelection(route, query);
    const startsAfter = parseStart(query);
    const askedSeconds = parseTimeout(query);
    const sendsInitialEvents = isTrue(query.get('sendInitialEvents'));
    const hasBookmarks = isTrue(query.get('allowWatchBookmarks'));
    const render = createRenderer(definition, query, representation, clock);

    const timers: Timer[] = [];
    let unsubscribe = () => {};
    let mostUnread = Number.POSITIVE_INFINITY;
    const queue = createChunkQueue(() => {
      unsubscribe();
      for (const timer of timers) timer.cancel();
      signal?.removeEventListener('abort', queue.end);
    });
    const send = (type: WatchType | 'BOOKMARK' | 'ERROR', json: string) =>
      queue.push(`{"type":"${type}","object":${json}}\n`);
    const bookmark = (annotations?: Record<string, string>) =>
      send('BOOKMARK', bookmarkJson(definition, representation, store.resourceVersion(), annotations));
    const follow = (event: StoreEvent) => {
      if (event.resource !== resource) return;
      const type = seenThrough(selection, event);
      if (type === undefined) return;
      // What left the selection is shown as it last was in it, under the version of its leaving.
      const hasLeft = type === 'DELETED' && event.type === 'MODIFIED';
      const shown =
        event.previous !== undefined && hasLeft ? atVersion(event.previous, event.resourceVersion) : event.object;
      send(type, render(shown));
      if (queue.unread() > mostUnread) queue.end();
    };
    const keepBookmarking = () => {
      timers[1] = clock.after(BOOKMARK_SECONDS, () => {
        bookmark();
        keepBookmarking();
      });
    };

    if (askedSeconds < 0) {
      queue.end();
      return queue;
    }
    const missed = startsAfter === undefined || sendsInitialEvents ? [] : store.eventsSince(resource, startsAfter);
    if (missed === undefined) {
      const oldest = store.resourceVersion();
      send('ERROR', JSON.stringify(failures.expired(`too old resource version: ${startsAfter} (${oldest})`).status));
      queue.end();
      return queue;
    }
    if ((startsAfter === undefined && query.get('sendInitialEvents') !== 'false') || sendsInitialEvents)
      for (const object of selectObjects(store, resource, selection)) send('ADDED', render(object));
    if (sendsInitialEvents && hasBookmarks) bookmark(INITIAL_EVENTS_END);
    missed.forEach(follow);
    mostUnread = queue.unread() + MOST_UNREAD_CHARACTERS;

    unsubscribe = store.subscribe(follow);
    timers[0] = clock.after(
      askedSeconds > 0 ? askedSeconds : SHORTEST_DEFAULT_WATCH_SECONDS * (1 + durations.next()),
      queue.end,
    );
    if (hasBookmarks) keepBookmarking();
    signal?.addEventListener('abort', queue.end);
    if (signal?.aborted) queue.end();
    return queue;
  };
}

const atVersion = (object: KubernetesObject, resourceVersion: number): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(resourceVersion) },
});
