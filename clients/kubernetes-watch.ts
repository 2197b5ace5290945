import type { V1Pod } from '@kubernetes/client-node';
import type { RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import { jsonLines } from './json-lines.ts';
import type { KubernetesApi } from './kubernetes-api.ts';
import type { Wire } from './kubernetes-objects.ts';
import { type KubernetesResponse, textOf } from './kubernetes-transport.ts';

/** The server ends the watch itself; this much later the transport gives up on it. */
const MARGIN_SECONDS = 5;

interface WatchEvent {
  readonly type: string;
  readonly object: Wire<V1Pod>;
}

/** Read deletions until none is awaited; false when the watch ended before. */
async function seeAllDeleted(response: KubernetesResponse, awaited: Set<string>): Promise<void> {
  for await (const event of jsonLines(response.body)) {
    const { type, object } = event as WatchEvent;
    if (type === 'ERROR') return;
    if (type === 'DELETED') awaited.delete(object.metadata?.uid ?? '');
    if (awaited.size === 0) return;
  }
}

/**
 * Wait by one watch request until pods are gone, the time is over, or the watch cannot go on.
 *
 * @param request describes the list to watch
 * @throws {AccessDenied|ClusterUnreachable|Throttled|ServiceUnavailable} when the watch is refused, except for 410
 */
export async function watchUntilGone(
  api: KubernetesApi,
  request: Promise<RequestContext>,
  {
    uids,
    resourceVersion,
    timeoutSeconds,
  }: { uids: readonly string[]; resourceVersion: string; timeoutSeconds: number },
): Promise<void> {
  if (uids.length === 0 || timeoutSeconds < 1) return;
  const context = await request;
  context.setQueryParam('watch', 'true');
  context.setQueryParam('resourceVersion', resourceVersion);
  context.setQueryParam('timeoutSeconds', String(Math.floor(timeoutSeconds)));

  const stop = new AbortController();
  const options = { doing: 'watch pods', signal: stop.signal, timeoutSeconds: timeoutSeconds + MARGIN_SECONDS };
  const response = await api.open(Promise.resolve(context), options);
  try {
    if (response.status === 410) return;
    if (response.status >= 300) {
      const body = { message: await textOf(response) };
      throw api.refusal({ status: response.status, body }, options);
    }
    // A connection that is lost on the way ends the wait; the caller lists again and finds out.
    await seeAllDeleted(response, new Set(uids)).catch(() => undefined);
  } finally {
    stop.abort();
  }
}
