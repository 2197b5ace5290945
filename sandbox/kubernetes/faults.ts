import { connectionLost } from '../aws/aws-error.ts';
import type { RequestHandler, SandboxResponse } from '../server/http.ts';
import type { SandboxClock } from '../world/clock.ts';
import type { Fault } from '../world/scenario.ts';
import { type FailureStatus, failures } from './api/failures.ts';
import { failureResponse, textResponse } from './api/responses.ts';
import { actionOf } from './faults/action.ts';
import { withoutAuthentication } from './faults/denials.ts';
import { withOddAnswers } from './faults/odd-answers.ts';
import { withOutages } from './faults/outage.ts';
import { withWatchEnds } from './faults/watch-ends.ts';

/** HTTP status of the reasons a scenario may give. */
const CODES: Readonly<Record<string, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  Gone: 410,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
};

function failureOf({ error, message }: Extract<Fault, { kind: 'fail' }>): FailureStatus {
  if (error === 'Unauthorized') return failures.unauthorized().status;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: message ?? `the simulated ${error} of the scenario`,
    reason: error,
    code: CODES[error] ?? 500,
  };
}

/** As API priority and fairness refuses: plain text, before the request is read. */
function throttled(): SandboxResponse {
  const response = textResponse(429, 'Too many requests, please try again later.\n');
  return { ...response, headers: { ...response.headers, 'x-content-type-options': 'nosniff', 'retry-after': '1' } };
}

/** Make the requests fail that a scenario counts: `throttle` of "kubernetes", `fail` and `lostResponse` of "METHOD resource". */
function withCountedFaults(
  handle: RequestHandler,
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now'>,
): RequestHandler {
  const startedAt = clock.now();
  const counts = new Map<Fault, number>();
  const countUp = (fault: Fault) => {
    const count = (counts.get(fault) ?? 0) + 1;
    counts.set(fault, count);
    return count;
  };

  return async (request) => {
    const action = actionOf(request);
    let isResponseLost = false;
    for (const fault of action === undefined ? [] : faults) {
      if (fault.kind === 'throttle' && fault.action === 'kubernetes' && countUp(fault) % fault.everyNth === 0)
        return throttled();
      if (!('action' in fault) || fault.action !== action) continue;
      const hasBegun = fault.kind !== 'fail' || clock.now() >= startedAt + fault.fromSeconds * 1000;
      if (fault.kind === 'fail' && hasBegun && countUp(fault) <= fault.times) return failureResponse(failureOf(fault));
      if (fault.kind === 'lostResponse' && countUp(fault) <= fault.times) isResponseLost = true;
    }
    const response = await handle(request);
    if (isResponseLost) throw connectionLost();
    return response;
  };
}

/**
 * Make an API server fail as a scenario says.
 *
 * Each fault counts by itself; instants count from this call. What depends on the caller's rights is `withoutRights`, and
 * what depends on pods `createEvictionAdmission`.
 *
 * @returns the handler with its faults; rejects with `connectionLost` when a response is to be lost
 */
export function withKubernetesFaults(
  handle: RequestHandler,
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now' | 'after'>,
): RequestHandler {
  const odd = withOddAnswers(withWatchEnds(handle, faults, clock), faults, clock);
  const counted = withCountedFaults(odd, faults, clock);
  return withOutages(withoutAuthentication(counted, faults, clock), faults, clock);
}
