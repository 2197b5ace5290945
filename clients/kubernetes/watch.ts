import type { RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import { type KubernetesApi, parsed } from './api.ts';
import type { Wire } from './objects.ts';
import { bounded, type KubernetesResponse, textOf } from './transport.ts';

/** The server ends the watch itself; after this much longer the transport does. */
const MARGIN_SECONDS = 5;

/** A line of a watch: ADDED, MODIFIED or DELETED, or an ERROR that ends it. */
export interface WatchEvent<T> {
  readonly type: string;
  readonly object: Wire<T>;
}

/**
 * Open one watch request, read it, and close it.
 *
 * @param doing for error messages: `watch pods`
 * @param request describes the list to watch
 * @param expired the result of a watch that cannot start (410)
 * @throws {AccessDenied|ClusterUnreachable|Throttled|ServiceUnavailable} when the watch is refused, except for 410
 */
export async function openWatch<Result>(
  api: KubernetesApi,
  doing: string,
  request: Promise<RequestContext>,
  { resourceVersion, timeoutSeconds }: { resourceVersion: string; timeoutSeconds: number },
  expired: Result,
  read: (response: KubernetesResponse) => Promise<Result>,
): Promise<Result> {
  const context = await request;
  context.setQueryParam('watch', 'true');
  context.setQueryParam('resourceVersion', resourceVersion);
  context.setQueryParam('timeoutSeconds', String(Math.floor(timeoutSeconds)));

  const stop = new AbortController();
  const options = { doing, signal: stop.signal, timeoutSeconds: timeoutSeconds + MARGIN_SECONDS };
  const response = await api.open(Promise.resolve(context), options);
  try {
    if (response.status === 410) return expired;
    if (response.status >= 300) {
      const body = parsed(await textOf(response));
      throw api.refusal({ status: response.status, body }, options);
    }
    return await read({ ...response, body: bounded(response.body) });
  } finally {
    stop.abort();
  }
}
