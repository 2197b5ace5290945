import { awsError } from '../aws-error.ts';
import { readForm } from './form.ts';
import { formOf, type Protocol } from './protocol.ts';
import { toElements, writeXml, type XmlNames } from './xml.ts';

const names: XmlNames = { listElementName: () => 'member', memberName: (_parent, member) => member };

const headersOf = (requestId: string) => ({ 'content-type': 'text/xml', 'x-amzn-requestid': requestId });

/**
 * The AWS query protocol (Auto Scaling, STS, CloudWatch): a form goes in, XML with `member` lists comes out.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export const awsQuery: Protocol = {
  read(service, request) {
    const form = formOf(request);
    const action = form.get('Action');
    if (!action) throw awsError('MissingAction', 'Missing Action');
    const version = form.get('Version');
    if (version !== service.api?.version)
      throw awsError('InvalidAction', `Could not find operation ${action} for version ${version ?? 'NO_VERSION'}`);
    return { action, input: readForm(service.api?.inputs[action] ?? {}, form) };
  },
  writeOutput: (service, _request, { action }, output, requestId) => ({
    status: 200,
    headers: headersOf(requestId),
    body: writeXml({
      [`${action}Response`]: {
        '@xmlns': service.api?.xmlNamespace,
        [`${action}Result`]: toElements(output, names),
        ResponseMetadata: { RequestId: requestId },
      },
    }),
  }),
  writeError: (service, _request, error, requestId) => ({
    status: error.status,
    headers: headersOf(requestId),
    body: writeXml({
      ErrorResponse: {
        '@xmlns': service?.api?.xmlNamespace,
        Error: {
          Type: error.fault === 'client' ? 'Sender' : 'Receiver',
          Code: error.code,
          Message: error.message,
          ...(toElements(error.members, names) as object),
        },
        RequestId: requestId,
      },
    }),
  }),
};
