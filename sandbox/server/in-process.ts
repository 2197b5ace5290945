import { HttpResponse } from '@smithy/protocol-http';
import { isConnectionLost } from '../aws/aws-error.ts';
import type { SandboxClock } from '../world/clock.ts';
import { unpack } from './content-encoding.ts';
import type { RequestHandler, SandboxRequest, SandboxResponse } from './http.ts';

/** What an AWS SDK client hands to its request handler: only what is read here. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function queryOf(query: SdkRequest['query'] = {}): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) parameters.append(name, one);
  }
  return parameters;
}

const bodyText = (body: unknown): string =>
  body === undefined || body === null
    ? ''
    : typeof body === 'string'
      ? body
      : new TextDecoder().decode(body as Uint8Array);

async function wholeText({ body }: ReturnType<typeof unpack>): Promise<string> {
  if (typeof body === 'string') return body;
  let text = '';
  for await (const piece of body) text += piece;
  return text;
}

/** What a broken socket looks like to a client. */
const connectionReset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

const call = async (handler: RequestHandler, request: SandboxRequest): Promise<SandboxResponse> => {
  try {
    return await handler(request);
  } catch (thrown) {
    throw isConnectionLost(thrown) ? connectionReset() : thrown;
  }
};

/** Let AWS SDK clients reach a front end by a function call, without sockets: pass the result as their requestHandler. */
export const sdkRequestHandler = (handler: RequestHandler) => ({
  metadata: { handlerProtocol: 'http/1.1' },
  destroy: () => {},
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
  async handle(request: SdkRequest) {
    const response = await call(handler, {
      method: request.method,
      path: request.path,
      query: queryOf(request.query),
      headers: lowerCase(request.headers),
      body: bodyText(request.body),
    });
    const body = new TextEncoder().encode(await wholeText(unpack(response)));
    return { response: new HttpResponse({ statusCode: response.status, headers: { ...response.headers }, body }) };
  },
});

/** A Kubernetes request as our transport has it: only what is read here. */
interface KubernetesCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Pieces of a stream, each of which may take simulated time to come. */
async function* piecesOf(body: AsyncIterable<string>, clock: SandboxClock): AsyncIterable<string> {
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await clock.idleUntil(iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function* only(text: string): AsyncIterable<string> {
  yield text;
}

/**
 * Let a Kubernetes client reach an API server by a function call. While it waits for a watch, simulated time may pass; not
 * while a request is answered, even when the caller holds a watch.
 */
export const kubernetesTransport =
  (handler: RequestHandler, clock: SandboxClock) =>
  async ({ method, path, headers, body = '', signal }: KubernetesCall) => {
    const [pathname = '', query = ''] = path.split('?');
    const request = {
      method,
      path: pathname,
      query: new URLSearchParams(query),
      headers: lowerCase(headers),
      body,
      ...(signal !== undefined && { signal }),
    };
    const response = unpack(await clock.attend(() => call(handler, request)));
    return {
      status: response.status,
      headers: response.headers,
      body: typeof response.body === 'string' ? only(response.body) : piecesOf(response.body, clock),
    };
  };
