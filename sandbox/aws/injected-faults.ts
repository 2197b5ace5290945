import type { SandboxClock } from '../world/clock.ts';
import type { Fault } from '../world/scenario.ts';
import { type AwsError, awsError, connectionLost } from './aws-error.ts';
import type { AwsService, ServiceApi } from './aws-service.ts';
import { createRateLimits } from './rate-limits.ts';

/** Codes whose status is not the plain 400 of a client's mistake. */
const statusByCode: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  AccessDenied: 403,
  UnauthorizedOperation: 403,
  ExpiredToken: 403,
  ResourceNotFoundException: 404,
  ResourceInUseException: 409,
  RequestLimitExceeded: 503,
  ResourceContention: 500,
  ServiceLinkedRoleFailure: 500,
  InternalError: 500,
  InternalFailure: 500,
  InternalServerError: 500,
  InternalServerException: 500,
  ServerException: 500,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
  Unavailable: 503,
};

const messageByCode: Readonly<Record<string, string>> = {
  ScalingActivityInProgress: 'Activity 00000000-0000-4000-8000-000000000000 is in progress.',
  ResourceContention: 'You already have a pending update to an Amazon EC2 Auto Scaling resource.',
  RequestLimitExceeded: 'Request limit exceeded.',
  Throttling: 'Rate exceeded',
  ThrottlingException: 'Rate exceeded',
  UnauthorizedOperation: 'You are not authorized to perform this operation.',
  ExpiredToken: 'The security token included in the request is expired',
};

const injectedError = (code: string, message?: string, status = statusByCode[code] ?? 400): AwsError =>
  awsError(code, message ?? messageByCode[code] ?? `The simulated ${code} of the scenario.`, {
    status,
    fault: status >= 500 && code !== 'RequestLimitExceeded' ? 'server' : 'client',
  });

const throttledBy = (protocol: ServiceApi['protocol'] | undefined): AwsError => {
  if (protocol === 'ec2-query') return injectedError('RequestLimitExceeded');
  if (protocol === 'aws-query') return injectedError('Throttling');
  return injectedError('ThrottlingException', undefined, protocol === 'rest-json' ? 429 : 400);
};

/**
 * Make services fail as a scenario describes (`rateLimit`, `throttle`, `fail` and `lostResponse`), each fault counted by itself.
 *
 * A fault's `action` is the action's name, or `service:Action` where two services have an action of that name.
 * `fromSeconds` counts from this call.
 *
 * @returns a wrapper for services; what it wraps rejects with `connectionLost` when a response is lost
 */
export function createFaults(faults: readonly Fault[], clock: SandboxClock): (service: AwsService) => AwsService {
  const startedAt = clock.now();
  const takeTokens = createRateLimits(faults, clock);
  const counts = new Map<Fault, number>();
  const countUp = (fault: Fault) => {
    const count = (counts.get(fault) ?? 0) + 1;
    counts.set(fault, count);
    return count;
  };

  return (service) => ({
    ...service,
    async dispatch(action, input, context) {
      if (!takeTokens(service.name, action)) throw throttledBy(service.api?.protocol);
      let isResponseLost = false;
      for (const fault of faults) {
        if (!('action' in fault) || ![action, `${service.name}:${action}`].includes(fault.action)) continue;
        if (fault.kind === 'throttle' && countUp(fault) % fault.everyNth === 0)
          throw throttledBy(service.api?.protocol);
        if (
          fault.kind === 'fail' &&
          clock.now() >= startedAt + fault.fromSeconds * 1000 &&
          countUp(fault) <= fault.times
        )
          throw injectedError(fault.error, fault.message);
        if (fault.kind === 'lostResponse' && countUp(fault) <= fault.times) isResponseLost = true;
      }
      const output = await service.dispatch(action, input, context);
      if (isResponseLost) throw connectionLost();
      return output;
    },
  });
}
