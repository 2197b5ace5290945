import type { SandboxRequest } from '../../server/http.ts';
import { awsError } from '../aws-error.ts';
import { parseBody, readMembers, writeJson } from './json.ts';
import type { Protocol } from './protocol.ts';

/** JSON 1.0 or 1.1, as the client speaks it. */
const headersOf = (request: SandboxRequest, requestId: string) => ({
  'content-type': request.headers['content-type']?.startsWith('application/x-amz-json-')
    ? request.headers['content-type']
    : 'application/x-amz-json-1.1',
  'x-amzn-requestid': requestId,
});

/**
 * AWS JSON 1.0 and 1.1 (SSM, Step Functions, CloudWatch): the action is in X-Amz-Target.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export const awsJson: Protocol = {
  read(service, request) {
    const [prefix, action] = (request.headers['x-amz-target'] ?? '').split('.');
    if (!action || prefix !== (service.api?.targetPrefix ?? service.targetPrefix))
      throw awsError(
        'UnknownOperationException',
        `X-Amz-Target names no operation of ${service.name}: ${request.headers['x-amz-target'] ?? '(absent)'}`,
      );
    return { action, input: readMembers(service.api?.inputs[action] ?? {}, parseBody(request.body)) };
  },
  writeOutput: (_service, request, _call, output, requestId) => ({
    status: 200,
    headers: headersOf(request, requestId),
    body: writeJson(output),
  }),
  writeError: (service, request, error, requestId) => ({
    status: error.status,
    headers: {
      ...headersOf(request, requestId),
      // A service that once spoke query only gives its old error codes to clients that still know them.
      ...(service?.api?.protocol === 'aws-query' && {
        'x-amzn-query-error': `${error.code};${error.fault === 'client' ? 'Sender' : 'Receiver'}`,
      }),
    },
    body: writeJson({ __type: error.code, message: error.message, ...error.members }),
  }),
};
