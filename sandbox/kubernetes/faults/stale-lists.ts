import type { SandboxClock } from '../../world/clock.ts';
import { lastsAt } from '../../world/scenario/spell.ts';
import type { Fault } from '../../world/scenario.ts';
import type { CachedView, WatchCache } from '../api/watch-cache.ts';
import type { ResourceName } from '../kinds/kinds.ts';
import type { Pod } from '../kinds/pod.ts';
import type { KubernetesObject } from '../objects.ts';
import { nodeNameOf } from '../pod-state.ts';
import { objectKey } from '../sorted-objects.ts';
import type { ObjectStore, StoreEvent } from '../store.ts';

type StaleLists = Extract<Fault, { kind: 'staleLists' }>;

/** Undo changes, newest first, on what there is now. */
function asBefore(events: readonly StoreEvent[], present: readonly KubernetesObject[]): KubernetesObject[] {
  const keyOf = ({ metadata }: KubernetesObject) => objectKey(metadata.namespace, metadata.name);
  const objects = new Map(present.map((object) => [keyOf(object), object]));
  for (const { object, previous } of [...events].reverse()) {
    if (previous === undefined) objects.delete(keyOf(object));
    else objects.set(keyOf(object), previous);
  }
  return [...objects].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
}

/** Show the objects of one resource as of a version. */
function viewAt(store: ObjectStore, resource: ResourceName, version: number): CachedView {
  const events = store.eventsSince(resource, version);
  if (events === undefined || events.length === 0) return { version, objects: store };
  const objects = asBefore(events, store.list(resource));
  // Only this resource is asked for: a list is of one resource.
  const list = () => objects as never;
  return {
    version,
    objects: {
      list,
      get: (_resource, namespace, name) =>
        objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name) as never,
      podsOnNode: (nodeName) => (objects as unknown as readonly Pod[]).filter((pod) => nodeNameOf(pod) === nodeName),
    },
  };
}

/**
 * Make the cache from which an API server answers lists with `resourceVersion=0` lag behind; spells count from this call.
 *
 * @returns `undefined` when no scenario asks for it: the cache is as fresh as the store
 */
export function createStaleCache(
  store: ObjectStore,
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now'>,
): WatchCache | undefined {
  const lags = faults.filter((fault): fault is StaleLists => fault.kind === 'staleLists');
  if (lags.length === 0) return undefined;
  const startedAt = clock.now();
  const longestMs = Math.max(...lags.map(({ secondsAgo }) => secondsAgo)) * 1000;
  /** The last version of each instant, oldest first; the first one is at least as old as any lag. */
  const versions: { at: number; version: number }[] = [{ at: startedAt, version: store.resourceVersion() }];
  store.subscribe(({ resourceVersion: version }) => {
    const at = clock.now();
    if (versions.at(-1)?.at === at) versions.pop();
    versions.push({ at, version });
    while (versions.length > 1 && (versions[1]?.at ?? at) <= at - longestMs) versions.shift();
  });

  return (resource) => {
    const now = clock.now();
    const lag = lags.find(
      (each) => lastsAt(each, (now - startedAt) / 1000) && (each.resources?.includes(resource) ?? true),
    );
    if (lag === undefined) return undefined;
    const asOf = now - lag.secondsAgo * 1000;
    const version = versions.findLast(({ at }) => at <= asOf) ?? versions[0];
    return version && viewAt(store, resource, version.version);
  };
}
