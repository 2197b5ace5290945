import type { RequestHandler } from '../../server/http.ts';
import { createOddAnswers, spoil } from '../../server/odd-answers.ts';
import type { SandboxClock } from '../../world/clock.ts';
import type { Fault } from '../../world/scenario.ts';
import { resourceOf, routeOf } from './action.ts';

const EMPTY = { status: 200, headers: { 'content-type': 'application/json' }, body: '' };

/** Make single answers of an API server other than what was asked for, as a scenario says; watches are left alone. */
export function withOddAnswers(
  handle: RequestHandler,
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now'>,
): RequestHandler {
  if (!faults.some(({ kind }) => kind === 'oddAnswer')) return handle;
  const oddAnswerTo = createOddAnswers(faults, clock);
  return async (request) => {
    const route = routeOf(request);
    const odd =
      route === undefined || route.verb === 'watch'
        ? undefined
        : oddAnswerTo([`${request.method} ${resourceOf(route)}`]);
    if (odd === undefined) return handle(request);
    return spoil(odd, odd.isCarriedOut ? await handle(request) : EMPTY, 'kubernetes');
  };
}
