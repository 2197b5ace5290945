import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import type { RecordedCall } from './recorded.ts';
import { comparable } from './story.ts';

/** Lambda's Invoke, answered from a recording: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export interface LambdaEndpoint {
  readonly url: string;
  /** Answer from these calls from now on, each once: the first of the same function with the same payload. */
  play(calls: readonly RecordedCall[]): void;
  /** Calls that were not recorded, and recorded ones that nobody has made. */
  unmatched(): { readonly unexpected: readonly string[]; readonly unused: readonly string[] };
  close(): void;
}

function reply(response: ServerResponse, { answer }: Pick<RecordedCall, 'answer'>): void {
  // The caller gives up.
  if (answer === 'none') return;
  if ('failure' in answer) response.setHeader('x-amz-function-error', 'Unhandled');
  response.setHeader('content-type', 'application/json');
  response.end('failure' in answer ? answer.failure : answer.result);
}

const NOT_RECORDED = { failure: JSON.stringify({ errorType: 'NotRecorded', errorMessage: 'no such call' }) };

/** Serve the functions of a recording on loopback. */
export async function serveFunctions(): Promise<LambdaEndpoint> {
  let left: { call: RecordedCall; payload: unknown }[] = [];
  let unexpected: string[] = [];
  const server = createServer(async (request, response) => {
    const [, resource = ''] = /^\/2015-03-31\/functions\/(.+)\/invocations/.exec(request.url ?? '') ?? [];
    const arn = decodeURIComponent(resource);
    const body = await text(request);
    const payload = comparable(body);
    const index = left.findIndex((each) => each.call.resource === arn && isDeepStrictEqual(each.payload, payload));
    const [found] = index < 0 ? [] : left.splice(index, 1);
    if (found === undefined) unexpected.push(`${arn} ${body}`);
    reply(response, found?.call ?? { answer: NOT_RECORDED });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    play(calls) {
      left = calls.map((call) => ({ call, payload: comparable(call.payload) }));
      unexpected = [];
    },
    unmatched: () => ({ unexpected, unused: left.map(({ call }) => `${call.resource} ${call.payload}`) }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
