import { createCluster } from '../../../clients/kubernetes/cluster.ts';
import type { KubernetesRequest, KubernetesTransport } from '../../../clients/kubernetes/transport.ts';

/** What the API server answers: an object, pieces of text, or a socket error to fail with. */
export type Answer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly object: unknown }
  | { readonly status?: number; readonly pieces: readonly (string | Error)[] }
  | Error;

/** A request with its query and its JSON body taken apart. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly object: unknown;
  readonly signal: AbortSignal | undefined;
  readonly timeoutSeconds: number | undefined;
}

async function* stream(pieces: readonly (string | Error)[]) {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield piece;
  }
}

function takeApart({ method, path, headers, body, signal, timeoutSeconds }: KubernetesRequest): Asked {
  const { pathname, searchParams } = new URL(path, 'https://cluster.invalid');
  const object = body === undefined ? undefined : JSON.parse(body);
  return { method, path: pathname, query: Object.fromEntries(searchParams), headers, object, signal, timeoutSeconds };
}

/** A transport with canned answers, and what it was asked. The last answer is repeated. */
export function fakeTransport(...answers: Answer[]) {
  const asked: Asked[] = [];
  const transport: KubernetesTransport = async (request) => {
    asked.push(takeApart(request));
    const answer = answers[Math.min(asked.length, answers.length) - 1] as Answer;
    if (answer instanceof Error) throw answer;
    const { status = 200 } = answer;
    if ('pieces' in answer) return { status, headers: {}, body: stream(answer.pieces) };
    return { status, headers: answer.headers ?? {}, body: stream([JSON.stringify(answer.object)]) };
  };
  return { transport, asked };
}

export const NOW = new Date('2026-01-01T10:00:00Z');

/** A cluster client that talks to canned answers at a fixed instant. */
export function fakeCluster(...answers: Answer[]) {
  const { transport, asked } = fakeTransport(...answers);
  return { cluster: createCluster({ transport, clock: { now: () => NOW }, random: () => 0.5 }), asked };
}

/** A Status object as the API server sends it. */
export const statusOf = (
  code: number,
  message: string,
  more: { reason?: string; details?: Readonly<Record<string, unknown>> } = {},
) => ({
  status: code,
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: code < 300 ? 'Success' : 'Failure',
    message,
    code,
    ...more,
  },
});
