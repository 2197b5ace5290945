import type { V1Pod } from '@kubernetes/client-node';
import type { RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import type { PodDeparture } from '../../domain/types.ts';
import type { KubernetesApi } from './api.ts';
import { jsonLines } from './json-lines.ts';
import { toPod } from './objects.ts';
import type { KubernetesResponse } from './transport.ts';
import { openWatch, type WatchEvent } from './watch.ts';

const DOING = 'watch pods';

/** Read deletions until all awaited pods are gone; true when no other pod has arrived on the node meanwhile. */
async function seeAllDeleted(response: KubernetesResponse, awaited: Set<string>): Promise<boolean> {
  const arrived = new Set<string>();
  for await (const event of jsonLines(response.body)) {
    const { type, object } = event as WatchEvent<V1Pod>;
    const uid = object.metadata?.uid ?? '';
    if (type === 'ERROR') return false;
    if (type === 'ADDED') arrived.add(uid);
    if (type === 'DELETED') {
      awaited.delete(uid);
      arrived.delete(uid);
    }
    if (awaited.size === 0) return arrived.size === 0;
  }
  return false;
}

/**
 * Wait with one watch request until pods are gone, the time is over, or the watch cannot continue.
 *
 * @param request describes the list to watch
 * @returns true when all are gone and no other pod has arrived
 * @throws {AccessDenied|ClusterUnreachable|Throttled|ServiceUnavailable} when the watch is refused, except for 410
 */
export async function watchUntilGone(
  api: KubernetesApi,
  request: Promise<RequestContext>,
  { uids, ...watch }: { uids: readonly string[]; resourceVersion: string; timeoutSeconds: number },
): Promise<boolean> {
  if (uids.length === 0 || watch.timeoutSeconds < 1) return false;
  return openWatch(api, DOING, request, watch, false, (response) =>
    // A lost connection ends the wait; the caller lists again.
    seeAllDeleted(response, new Set(uids)).catch(() => false),
  );
}

/** Read which pods are being deleted or are gone, until the server ends the watch or the connection is lost. */
async function seeDepartures(
  response: KubernetesResponse,
  startVersion: string,
): Promise<{ departures: PodDeparture[]; resourceVersion?: string }> {
  const departures = new Map<string, PodDeparture>();
  let resourceVersion = startVersion;
  try {
    for await (const event of jsonLines(response.body)) {
      const { type, object } = event as WatchEvent<V1Pod>;
      if (type === 'ERROR') return { departures: [...departures.values()] };
      resourceVersion = object.metadata?.resourceVersion ?? resourceVersion;
      const isGone = type === 'DELETED';
      if (!isGone && object.metadata?.deletionTimestamp === undefined) continue;
      const pod = toPod(object);
      departures.set(pod.uid, { pod, isGone });
    }
  } catch {
    // The next watch continues where the connection was lost.
  }
  return { departures: [...departures.values()], resourceVersion };
}

/**
 * Observe with one watch request which pods are deleted, until the time is over or the watch cannot continue.
 *
 * @param request describes the list to watch
 * @returns without `resourceVersion` when events in between may have been missed
 * @throws {AccessDenied|ClusterUnreachable|Throttled|ServiceUnavailable} when the watch is refused, except for 410
 */
export const watchDepartures = (
  api: KubernetesApi,
  request: Promise<RequestContext>,
  watch: { resourceVersion: string; timeoutSeconds: number },
): Promise<{ departures: PodDeparture[]; resourceVersion?: string }> =>
  openWatch(api, DOING, request, watch, { departures: [] }, (response) =>
    seeDepartures(response, watch.resourceVersion),
  );
