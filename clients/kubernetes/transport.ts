import type { TokenSource } from './eks-token.ts';

/** One HTTP request to a Kubernetes API server. */
export interface KubernetesRequest {
  readonly method: string;
  /** Percent-encoded, with the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborted when the caller needs no more events of a watch. */
  readonly signal?: AbortSignal;
  /** How long the whole exchange may take; 10 unless given. */
  readonly timeoutSeconds?: number;
}

/** `body` yields text as it arrives: all of it for an ordinary answer, piece by piece for a watch. */
export interface KubernetesResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<string>;
}

/**
 * Sends requests to one cluster's API server: over sockets in production, by a function call in tests. Rejects when there is
 * no answer.
 */
export type KubernetesTransport = (request: KubernetesRequest) => Promise<KubernetesResponse>;

/** Most characters of an answer, unpacked: a page of 500 nodes with 12 KB each is a tenth of it. */
const MOST_CHARACTERS = 64 * 2 ** 20;

/** The pieces of an answer, which ends with an error where it is longer than any of ours can be. */
export async function* bounded(pieces: AsyncIterable<string>, most = MOST_CHARACTERS): AsyncGenerator<string> {
  let read = 0;
  for await (const piece of pieces) {
    read += piece.length;
    if (read > most)
      throw Object.assign(new Error(`the answer has more than ${most} characters`), { code: 'EMSGSIZE' });
    yield piece;
  }
}

/** Read an answer to its end. */
export async function textOf(response: Pick<KubernetesResponse, 'body'>): Promise<string> {
  let text = '';
  for await (const piece of bounded(response.body)) text += piece;
  return text;
}

/**
 * Send a bearer token with each request; once more, with a fresh one, when it is refused.
 *
 * @param token of `createTokenSource`; a refused token may have been made just before its credentials were renewed
 */
export function withBearerToken(transport: KubernetesTransport, token: TokenSource): KubernetesTransport {
  const send = async (request: KubernetesRequest, fresh: boolean) =>
    transport({ ...request, headers: { ...request.headers, authorization: `Bearer ${await token({ fresh })}` } });

  return async (request) => {
    const response = await send(request, false);
    if (response.status !== 401) return response;
    await textOf(response);
    return send(request, true);
  };
}
