import { connectionLost } from '../../aws/aws-error.ts';
import { isStream } from '../../server/content-encoding.ts';
import type { RequestHandler, SandboxResponse } from '../../server/http.ts';
import type { SandboxClock } from '../../world/clock.ts';
import { lastsAt } from '../../world/scenario/spell.ts';
import type { Fault } from '../../world/scenario.ts';

/** When an API server is away. */
export type Outage = Extract<Fault, { kind: 'apiServerAway' }>;

/** Find the outages of a scenario. */
export const outagesOf = (faults: readonly Fault[]): Outage[] =>
  faults.filter((fault): fault is Outage => fault.kind === 'apiServerAway');

/** The instant at which an API server is back, in seconds since the start. */
export const backAtSeconds = ({ fromSeconds, forSeconds }: Outage): number => fromSeconds + forSeconds;

async function* brokenBy(signal: AbortSignal, body: AsyncIterable<string>, onEnd: () => void): AsyncIterable<string> {
  try {
    yield* body;
  } finally {
    onEnd();
  }
  if (signal.aborted) throw connectionLost();
}

/**
 * Break every connection while an API server is away, those of watches too; its instants count from this call.
 *
 * @returns a handler that rejects with `connectionLost` meanwhile
 */
export function withOutages(
  handle: RequestHandler,
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now' | 'after'>,
): RequestHandler {
  const outages = outagesOf(faults);
  if (outages.length === 0) return handle;
  const startedAt = clock.now();
  const open = new Set<AbortController>();
  for (const { fromSeconds } of outages)
    clock.after(fromSeconds, () => {
      for (const connection of open) connection.abort();
    });
  const isAway = () => {
    const now = (clock.now() - startedAt) / 1000;
    return outages.some((outage) =>
      lastsAt({ fromSeconds: outage.fromSeconds, untilSeconds: backAtSeconds(outage) }, now),
    );
  };

  return async (request) => {
    if (isAway()) throw connectionLost();
    const connection = new AbortController();
    open.add(connection);
    const signals = [connection.signal, ...(request.signal === undefined ? [] : [request.signal])];
    const close = () => void open.delete(connection);
    let response: SandboxResponse;
    try {
      response = await handle({ ...request, signal: AbortSignal.any(signals) });
    } catch (thrown) {
      close();
      throw thrown;
    }
    if (isStream(response.body)) return { ...response, body: brokenBy(connection.signal, response.body, close) };
    close();
    if (connection.signal.aborted) throw connectionLost();
    return response;
  };
}
