import type { SandboxResponse } from '../../../server/http.ts';
import { negotiate } from '../accept.ts';
import { failures } from '../failures.ts';
import { respond } from '../responses.ts';
import { answerWith } from './answer.ts';
import { type Call, findObject, type VerbContext } from './call.ts';

/** Answer `get`; a container of the sandbox writes no log. */
export function handleGet(context: VerbContext, call: Call): SandboxResponse {
  const { subresource, name = '' } = call.route;
  const object = findObject(context, call.route);
  if (subresource === 'log') throw failures.notFound({ group: '', resource: 'pods/log' }, name);
  return answerWith(context, call, object);
}

/** Answer `list`. */
export function handleList({ listObjects }: VerbContext, { route, request }: Call): SandboxResponse {
  const representation = negotiate(request.headers.accept);
  return respond(representation, 200, listObjects(route, request.query, representation));
}

/** Answer `watch` with a stream. */
export function handleWatch(
  { watchObjects }: VerbContext,
  { route, request: { query, headers, signal } }: Call,
): SandboxResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache, private' },
    body: watchObjects(route, query, negotiate(headers.accept), signal),
  };
}
