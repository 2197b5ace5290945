import { isLongerThan, type RequestHandler, type SandboxRequest, type SandboxResponse } from '../server/http.ts';
import { createOddAnswers, spoil } from '../server/odd-answers.ts';
import { isNestedTooDeeply, reportFault } from '../server/report-fault.ts';
import type { SandboxClock } from '../world/clock.ts';
import { createRandom } from '../world/random.ts';
import type { Fault } from '../world/scenario.ts';
import { type AwsError, awsError, isAwsError, isConnectionLost } from './aws-error.ts';
import type { AwsService } from './aws-service.ts';
import { createFaults } from './injected-faults.ts';
import { awsJson } from './protocols/aws-json.ts';
import { awsQuery } from './protocols/aws-query.ts';
import { ec2Query } from './protocols/ec2-query.ts';
import { formOf, type Protocol } from './protocols/protocol.ts';
import { restJson } from './protocols/rest-json.ts';
import { type CredentialScope, readCredentialScope } from './request-signature.ts';
import { createUuids } from './uuid.ts';

/** What the AWS endpoint of a sandbox is made of. */
export interface AwsEndpointOptions {
  readonly services: readonly AwsService[];
  readonly clock: SandboxClock;
  readonly faults?: readonly Fault[];
  /** When given, requests that are signed for another region are refused (STS excepted). */
  readonly region?: string;
  /** Account of every caller. */
  readonly accountId?: string;
}

const protocols = { 'ec2-query': ec2Query, 'aws-query': awsQuery, 'aws-json': awsJson, 'rest-json': restJson } as const;

/** Services whose name in a credential scope differs from the one people use. */
const signingNames: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

const isNamed = (service: AwsService, name: string) =>
  service.name === name || service.name === signingNames[name] || signingNames[service.name] === name;

/** The protocol of this request: a target header means AWS JSON, also for a service that used another protocol before. */
const protocolOf = (service: AwsService | undefined, request: SandboxRequest): Protocol => {
  if (request.headers['x-amz-target'] !== undefined) return awsJson;
  if (service !== undefined) return protocols[service.api?.protocol ?? 'aws-json'];
  if (request.headers['content-type']?.includes('json')) return restJson;
  return awsQuery;
};

/** What a service writes besides errors. */
const otherKindOf = ({ api }: AwsService) => (api?.protocol.endsWith('query') ? 'xml' : 'json');

/** Stands for an answer when the request reaches no service. */
const emptyAnswer = (service: AwsService): SandboxResponse => ({
  status: 200,
  headers: { 'content-type': otherKindOf(service) === 'xml' ? 'text/xml' : 'application/json' },
  body: '',
});

/** Find the service that a request is for. */
function findService(
  services: readonly AwsService[],
  request: SandboxRequest,
  scope: CredentialScope | undefined,
): AwsService | undefined {
  const byScope = scope && services.find((service) => isNamed(service, scope.service));
  if (byScope !== undefined) return byScope;
  const target = request.headers['x-amz-target']?.split('.')[0];
  if (target !== undefined)
    return services.find((service) => (service.api?.targetPrefix ?? service.targetPrefix) === target);
  if (request.path === '/') {
    const form = formOf(request);
    const isOurs = ({ api }: AwsService) =>
      api?.version === form.get('Version') && Object.hasOwn(api?.inputs ?? {}, form.get('Action') ?? '');
    return services.find((service) => service.api?.version !== undefined && isOurs(service));
  }
  return services.find(
    ({ api }) =>
      api?.protocol === 'rest-json' &&
      Object.values(api.routes ?? {}).some((route) => route.split('/')[1] === request.path.split('/')[1]),
  );
}

/** @throws AwsError when the request carries no signature, or one for elsewhere */
function admit(scope: CredentialScope | undefined, region: string | undefined): CredentialScope {
  if (scope === undefined)
    throw awsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 });
  if (region !== undefined && scope.region !== region && scope.service !== 'sts')
    throw awsError('SignatureDoesNotMatch', `Credential should be scoped to a valid region, not '${scope.region}'. `, {
      status: 403,
    });
  return scope;
}

/** The quota of Step Functions; the other services publish none. */
const LONGEST_BODY_BYTES = 1024 * 1024;

/** @throws AwsError 413 */
function checkLength({ body }: SandboxRequest): void {
  if (isLongerThan(body, LONGEST_BODY_BYTES))
    throw awsError('RequestEntityTooLarge', `The request body is larger than ${LONGEST_BODY_BYTES} bytes`, {
      status: 413,
    });
}

/** The answer to a client after something was thrown; what the sandbox did not expect is reported as well. */
function errorOf(thrown: unknown, { method, path }: SandboxRequest): AwsError {
  if (isAwsError(thrown)) return thrown;
  if (isNestedTooDeeply(thrown))
    return awsError('SerializationException', 'The request is nested more deeply than can be read');
  reportFault(`${method} ${path} of AWS`, thrown);
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return awsError('InternalFailure', `The sandbox failed: ${why}`, { fault: 'server' });
}

/**
 * Create the one endpoint of all AWS services.
 *
 * A request goes to the service in the credential scope of its signature; failing that, to the one that X-Amz-Target,
 * the path or Action and Version point to. Any credentials are accepted, a request without any is refused. The handler
 * rejects in one case only: with `connectionLost` when a scenario's `lostResponse` breaks the connection.
 */
export function createAwsEndpoint({
  services,
  clock,
  faults = [],
  region,
  accountId = '111122223333',
}: AwsEndpointOptions): RequestHandler {
  const withFaults = createFaults(faults, clock);
  const wrapped = services.map(withFaults);
  const oddAnswerTo = createOddAnswers(faults, clock);
  const nextRequestId = createUuids(createRandom(0).fork('aws request ids'));

  return async (request) => {
    const requestId = nextRequestId();
    let scope: CredentialScope | undefined;
    let service: AwsService | undefined;
    try {
      scope = readCredentialScope(request);
      service = findService(wrapped, request, scope);
      const protocol = protocolOf(service, request);
      const { accessKeyId, region: callRegion, service: scopeService } = admit(scope, region);
      if (service === undefined)
        throw awsError('UnknownOperationException', `The sandbox has no service '${scopeService}'.`, { status: 404 });
      checkLength(request);
      const call = protocol.read(service, request);
      const context = { caller: accessKeyId, region: callRegion, accountId };
      const odd = oddAnswerTo([call.action, `${service.name}:${call.action}`]);
      if (odd?.isCarriedOut === false) return spoil(odd, emptyAnswer(service), otherKindOf(service));
      const output = await service.dispatch(call.action, call.input, context);
      const response = protocol.writeOutput(service, request, call, output, requestId);
      return odd === undefined ? response : spoil(odd, response, otherKindOf(service));
    } catch (thrown) {
      if (isConnectionLost(thrown)) throw thrown;
      const error = errorOf(thrown, request);
      service ??= findService(wrapped, request, undefined);
      return protocolOf(service, request).writeError(service, request, error, requestId);
    }
  };
}
