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
function cannedTransport(complete: (answer: Answer, request: KubernetesRequest) => Answer, answers: Answer[]) {
  const asked: Asked[] = [];
  const transport: KubernetesTransport = async (request) => {
    asked.push(takeApart(request));
    const answer = complete(answers[Math.min(asked.length, answers.length) - 1] as Answer, request);
    if (answer instanceof Error) throw answer;
    const { status = 200 } = answer;
    if ('pieces' in answer) return { status, headers: {}, body: stream(answer.pieces) };
    return { status, headers: answer.headers ?? {}, body: stream([JSON.stringify(answer.object)]) };
  };
  return { transport, asked };
}

/** A transport that answers exactly so. */
export const fakeTransport = (...answers: Answer[]) => cannedTransport((answer) => answer, answers);

export const NOW = new Date('2026-01-01T10:00:00Z');

/** Kinds by the last fixed part of a path, of one object and of a list. */
const KINDS: Readonly<Record<string, string>> = {
  nodes: 'Node',
  pods: 'Pod',
  leases: 'Lease',
  poddisruptionbudgets: 'PodDisruptionBudget',
  volumeattachments: 'VolumeAttachment',
  subjectaccessreviews: 'SubjectAccessReview',
};

/** The object of a successful answer with kind and version, as the API server gives them, where a test does not. */
function completed(answer: Answer, { method, path }: KubernetesRequest): Answer {
  if (answer instanceof Error || !('object' in answer) || (answer.status ?? 200) >= 300) return answer;
  const segments = path.replace(/\?.*/, '').split('/');
  const kind = KINDS[segments.find((segment) => segment in KINDS) ?? ''];
  const object = answer.object as { kind?: string; metadata?: object };
  if (kind === undefined || object.kind !== undefined) return answer;
  const isList = method === 'GET' && KINDS[segments.at(-1) ?? ''] !== undefined;
  const metadata = { resourceVersion: '1', ...object.metadata };
  return { ...answer, object: { ...object, kind: isList ? `${kind}List` : kind, metadata } };
}

/**
 * A cluster client that talks to canned answers at a fixed instant. Kind and version of objects need not be given; an answer in
 * pieces arrives as it is.
 */
export function fakeCluster(...answers: Answer[]) {
  const { transport, asked } = cannedTransport(completed, answers);
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
