import { isStream } from '../../server/content-encoding.ts';
import type { RequestHandler, SandboxRequest, SandboxResponse } from '../../server/http.ts';
import type { SandboxClock } from '../../world/clock.ts';
import { lastsAt } from '../../world/scenario/spell.ts';
import type { Fault } from '../../world/scenario.ts';
import { apiVersionOf } from '../api/resources.ts';
import type { Route } from '../api/route.ts';
import { resourceOf, routeOf } from './action.ts';

type WatchEnd = Extract<Fault, { kind: 'watchEnds' }>;

async function* nothing(): AsyncIterable<string> {}

/** Let a stream end only after some time: else somebody who watches again at once does so for ever within one instant. */
async function* lasting(body: AsyncIterable<string>, seconds: number, clock: Pick<SandboxClock, 'after'>) {
  yield* body;
  await new Promise<void>((resolve) => {
    clock.after(seconds, resolve);
  });
}

/** The first events, and a bookmark at the version of the last one. */
async function* withBookmark(body: AsyncIterable<string>, request: SandboxRequest, { definition }: Route) {
  let resourceVersion = request.query.get('resourceVersion') ?? '0';
  for await (const chunk of body) {
    yield chunk;
    const last = JSON.parse(chunk.trimEnd().split('\n').at(-1) ?? '{}');
    resourceVersion = last.object?.metadata?.resourceVersion ?? resourceVersion;
  }
  const metadata = { resourceVersion, creationTimestamp: null };
  const object = { kind: definition.kind, apiVersion: apiVersionOf(definition), metadata };
  yield `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
}

function bodyOf({ sends }: WatchEnd, body: AsyncIterable<string>, request: SandboxRequest, route: Route) {
  if (sends === 'nothing') return nothing();
  const mayBookmark = /^(true|1)$/.test(request.query.get('allowWatchBookmarks') ?? '');
  return sends === 'bookmark' && mayBookmark ? withBookmark(body, request, route) : body;
}

/** Make watches end as soon as they have begun, for a spell that counts from this call. */
export function withWatchEnds(
  handle: RequestHandler,
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now' | 'after'>,
): RequestHandler {
  const ends = faults.filter((fault): fault is WatchEnd => fault.kind === 'watchEnds');
  if (ends.length === 0) return handle;
  const startedAt = clock.now();
  return async (request): Promise<SandboxResponse> => {
    const route = routeOf(request);
    const end =
      route?.verb === 'watch'
        ? ends.find((each) => each.resource === resourceOf(route) && lastsAt(each, (clock.now() - startedAt) / 1000))
        : undefined;
    if (route === undefined || end === undefined) return handle(request);
    // A watch whose client has gone says what it already has to say, and ends.
    const response = await handle({ ...request, signal: AbortSignal.abort() });
    const { body } = response;
    if (!isStream(body)) return response;
    return { ...response, body: lasting(bodyOf(end, body, request, route), end.afterSeconds, clock) };
  };
}
