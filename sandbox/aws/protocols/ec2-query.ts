import { awsError } from '../aws-error.ts';
import { readForm, refuseUnknownParameters } from './form.ts';
import { formOf, type Protocol } from './protocol.ts';
import { toElements, writeXml, type XmlNames } from './xml.ts';

const namesOf = (elementNames: Readonly<Record<string, string>> = {}): XmlNames => ({
  listElementName: (listMember) => elementNames[`${listMember}[]`] ?? 'item',
  memberName: (parent, member) =>
    elementNames[`${parent}.${member}`] ??
    elementNames[member] ??
    `${member.charAt(0).toLowerCase()}${member.slice(1)}`,
});

const headersOf = (requestId: string) => ({
  'content-type': 'text/xml;charset=UTF-8',
  'x-amzn-requestid': requestId,
  'cache-control': 'no-cache, no-store',
});

/**
 * The EC2 query protocol: a form goes in, XML with lower-case element names and `item` lists comes out.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
export const ec2Query: Protocol = {
  read(service, request) {
    const form = formOf(request);
    const action = form.get('Action');
    if (!action) throw awsError('MissingAction', 'The request must contain the parameter Action');
    const version = form.get('Version');
    if (version !== service.api?.version)
      throw awsError('NoSuchVersion', `The requested version (${version}) of service AmazonEC2 does not exist`);
    const members = service.api?.inputs[action];
    if (members === undefined) return { action, input: {} };
    refuseUnknownParameters(members, form);
    return { action, input: readForm(members, form) };
  },
  writeOutput: (service, _request, { action }, output, requestId) => ({
    status: 200,
    headers: headersOf(requestId),
    body: writeXml({
      [`${action}Response`]: {
        '@xmlns': service.api?.xmlNamespace,
        requestId,
        ...(toElements(output, namesOf(service.api?.elementNames)) as object),
      },
    }),
  }),
  writeError: (_service, _request, error, requestId) => ({
    status: error.status,
    headers: headersOf(requestId),
    body: writeXml({
      Response: { Errors: { Error: { Code: error.code, Message: error.message } }, RequestID: requestId },
    }),
  }),
};
