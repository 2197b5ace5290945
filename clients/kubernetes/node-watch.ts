import type { V1Node } from '@kubernetes/client-node';
import type { RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import type { Node, NodeChanges } from '../../domain/types.ts';
import type { KubernetesApi } from './api.ts';
import { jsonChunks } from './json-lines.ts';
import { toNode } from './objects.ts';
import type { KubernetesResponse } from './transport.ts';
import { openWatch, type WatchEvent } from './watch.ts';

const NOTHING: NodeChanges = { changed: [], gone: [] };

/** What some events say of nodes, each as it was last; without `resourceVersion` when one says that the watch is over. */
function changesOf(events: readonly WatchEvent<V1Node>[]): NodeChanges {
  const nodes = new Map<string, { node: Node; isGone: boolean }>();
  let resourceVersion: string | undefined;
  for (const { type, object } of events) {
    if (type === 'ERROR') {
      resourceVersion = undefined;
      break;
    }
    const node = toNode(object);
    nodes.set(node.uid, { node, isGone: type === 'DELETED' });
    resourceVersion = node.resourceVersion;
  }
  const all = [...nodes.values()];
  return {
    changed: all.filter(({ isGone }) => !isGone).map(({ node }) => node),
    gone: all.filter(({ isGone }) => isGone).map(({ node: { name, uid } }) => ({ name, uid })),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** Read until the first news, the server's end of the watch, or the loss of the connection. */
async function seeChanges(
  response: KubernetesResponse,
  startVersion: string,
  isNews: ((node: Node) => boolean) | undefined,
): Promise<NodeChanges> {
  const seen: WatchEvent<V1Node>[] = [];
  try {
    for await (const events of jsonChunks(response.body)) {
      seen.push(...(events as WatchEvent<V1Node>[]));
      const changes = changesOf(seen);
      const hasNews = isNews === undefined || changes.changed.some(isNews);
      if (seen.length > 0 && (changes.resourceVersion === undefined || hasNews)) return changes;
    }
  } catch {
    // The next watch continues after what has been seen.
  }
  return seen.length > 0 ? changesOf(seen) : { ...NOTHING, resourceVersion: startVersion };
}

/**
 * Observe with one watch request the nodes that have a label, until one of them is news or until the time is over.
 *
 * @param request describes the list to watch
 * @param label  a key
 * @param isNews which changed nodes end the watch; without it any change does, also a node that is gone
 * @returns without `resourceVersion` when changes may have been missed
 * @throws {AccessDenied|ClusterUnreachable|Throttled|ServiceUnavailable} when the watch is refused, except for 410
 */
export async function watchNodes(
  api: KubernetesApi,
  request: Promise<RequestContext>,
  {
    label,
    isNews,
    ...watch
  }: { label: string; resourceVersion: string; timeoutSeconds: number; isNews?: ((node: Node) => boolean) | undefined },
): Promise<NodeChanges> {
  // To the server 0 is no limit.
  if (watch.timeoutSeconds < 1) return { ...NOTHING, resourceVersion: watch.resourceVersion };
  const context = await request;
  context.setQueryParam('labelSelector', label);
  return openWatch(api, 'watch nodes', Promise.resolve(context), watch, NOTHING, (response) =>
    seeChanges(response, watch.resourceVersion, isNews),
  );
}
