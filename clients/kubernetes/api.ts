import type { V1Status } from '@kubernetes/client-node';
import type { RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import { requireKind } from './expected-kind.ts';
import { kubernetesError, networkCode } from './kubernetes-error.ts';
import type { Wire } from './objects.ts';
import { type KubernetesResponse, type KubernetesTransport, textOf } from './transport.ts';
import { ACCEPT_GZIP } from './unpack.ts';

/** Options of one request. */
export interface SendOptions {
  /** What it does, for error messages: `patch node ip-10-0-1-7`. */
  readonly doing: string;
  readonly signal?: AbortSignal;
  readonly timeoutSeconds?: number;
  /** There was no answer from this API before: no answer now means a wrong endpoint, not a transient fault. */
  readonly isFirstContact?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Options of a request that is answered by an object. */
export interface GetOptions extends SendOptions {
  /** Kinds of the object, any of which will do. */
  readonly kinds: readonly string[];
}

/** An answer, read to its end; `body` is `{}` when it was no JSON object. */
export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly retryAfterSeconds?: number;
}

/** Sends the requests that the factories of client-node describe, over our transport. */
export interface KubernetesApi {
  /** The answer as it arrives, whatever its status. @throws {ServiceUnavailable|ClusterUnreachable} when there is none */
  open(request: Promise<RequestContext>, options: SendOptions): Promise<KubernetesResponse>;
  /** The whole answer, whatever its status. */
  ask<T>(request: Promise<RequestContext>, options: SendOptions): Promise<Answer<Wire<T>>>;
  /**
   * The object asked for, or the value that `expected` has for the status.
   *
   * @throws for any other status that is not 2xx, and ServiceUnavailable for a 2xx that is not such an object
   */
  get<T, Expected = never>(
    request: Promise<RequestContext>,
    options: GetOptions,
    expected?: Readonly<Record<number, Expected>>,
  ): Promise<Wire<T> | Expected>;
  /** The error for an answer that is a refusal. */
  refusal(answer: Answer<unknown>, options: SendOptions): Error;
}

const USER_AGENT = 'eks-nodegroup-upgrade';
const MOST_WORDS = 300;

/** The JSON object in an answer; of any other text, the beginning as `message`. */
export function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // No JSON, or cut.
  }
  return { message: text.slice(0, MOST_WORDS) };
}

/** Send requests over a transport, and throw failures as errors of the domain. */
export function createKubernetesApi(transport: KubernetesTransport): KubernetesApi {
  const failed = (thrown: unknown, { doing, isFirstContact }: SendOptions) => {
    const { message } = thrown as Error;
    return kubernetesError({ action: doing, code: networkCode(thrown), message }, isFirstContact, thrown);
  };

  const open: KubernetesApi['open'] = async (request, options) => {
    const context = await request;
    const { pathname, search } = new URL(context.getUrl());
    const body = context.getBody();
    const headers = Object.entries({ ...context.getHeaders(), ...options.headers, 'user-agent': USER_AGENT });
    const { signal, timeoutSeconds } = options;
    try {
      return await transport({
        method: context.getHttpMethod(),
        path: pathname + search,
        headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
        ...(typeof body === 'string' ? { body } : {}),
        ...(signal === undefined ? {} : { signal }),
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      });
    } catch (thrown) {
      throw failed(thrown, options);
    }
  };

  const ask = async <T>(request: Promise<RequestContext>, options: SendOptions): Promise<Answer<Wire<T>>> => {
    const response = await open(request, { ...options, headers: ACCEPT_GZIP });
    const text = await textOf(response).catch((thrown: unknown) => {
      throw failed(thrown, options);
    });
    const retryAfterSeconds = Number(response.headers['retry-after']);
    return {
      status: response.status,
      body: parsed(text) as Wire<T>,
      ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    };
  };

  const refusal: KubernetesApi['refusal'] = ({ status, body }, { doing, isFirstContact }) => {
    const { reason = `HTTP ${status}`, message = '' } = body as V1Status;
    return kubernetesError({ action: doing, code: reason, status, message }, isFirstContact);
  };

  return {
    open,
    ask,
    refusal,
    async get<T, Expected>(
      request: Promise<RequestContext>,
      options: GetOptions,
      expected: Readonly<Record<number, Expected>> = {},
    ) {
      const answer = await ask<T>(request, options);
      if (answer.status in expected) return expected[answer.status] as Expected;
      if (answer.status >= 300) throw refusal(answer, options);
      requireKind(answer.body as object, options.doing, ...options.kinds);
      return answer.body;
    },
  };
}
