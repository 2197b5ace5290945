import type { SandboxRequest } from '../../server/http.ts';
import { awsError } from '../aws-error.ts';
import type { Members, Shape } from '../input-shapes.ts';
import { parseBody, readMembers, writeJson } from './json.ts';
import type { Protocol } from './protocol.ts';

const decodeLabel = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw awsError('InvalidParameterException', `The path has a malformed escape sequence: ${text}`);
  }
};

/** Values of a route's labels when a request matches it, else undefined. */
function matchRoute(route: string, request: SandboxRequest): Record<string, string> | undefined {
  const [method, template = ''] = route.split(' ');
  const expected = template.split('/');
  const given = request.path.split('/');
  if (method !== request.method || expected.length !== given.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = given[index] as string;
    if (part.startsWith('{') && value !== '') labels[part.slice(1, -1)] = decodeLabel(value);
    else if (part !== value) return undefined;
  }
  return labels;
}

const readQueryValue = (shape: Shape, texts: readonly string[]): unknown => {
  const text = texts[0] as string;
  if (shape.kind === 'list') return texts;
  if (shape.kind === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (shape.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
};

const readQuery = (members: Members, query: URLSearchParams): Record<string, unknown> =>
  Object.fromEntries(
    [...new Set(query.keys())]
      .filter((name) => members[name] !== undefined)
      .map((name) => [name, readQueryValue(members[name] as Shape, query.getAll(name))]),
  );

const headersOf = (requestId: string) => ({ 'content-type': 'application/json', 'x-amzn-requestid': requestId });

/**
 * AWS REST-JSON (EKS): method and path are the action, the rest of the input is in path, query and body.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export const restJson: Protocol = {
  read(service, request) {
    for (const [action, route] of Object.entries(service.api?.routes ?? {})) {
      const labels = matchRoute(route, request);
      if (labels === undefined) continue;
      const members = service.api?.inputs[action] ?? {};
      const input = { ...readMembers(members, parseBody(request.body)), ...readQuery(members, request.query) };
      return { action, input: { ...input, ...labels } };
    }
    throw awsError('UnknownOperationException', `No operation answers ${request.method} ${request.path}`, {
      status: 404,
    });
  },
  writeOutput: (_service, _request, _call, output, requestId) => ({
    status: 200,
    headers: headersOf(requestId),
    body: writeJson(output),
  }),
  writeError: (_service, _request, error, requestId) => ({
    status: error.status,
    headers: { ...headersOf(requestId), 'x-amzn-errortype': error.code },
    body: writeJson({ message: error.message, ...error.members }),
  }),
};
