import { actionOf, type Plane } from './seams/action.ts';
import type { SimulatedWorld } from './world.ts';

/** A request that reached the world, and its answer, as far as it tells which faults were felt. */
export interface SeenRequest {
  readonly atSeconds: number;
  readonly plane: Plane;
  /** AWS action, or `PATCH nodes`. */
  readonly action: string;
  /** 0 when the connection broke. */
  readonly status: number;
  /** Error code of AWS, or reason of Kubernetes; `''` for an answer that is no error. */
  readonly code: string;
  readonly isWatch: boolean;
  /** Whether it asked for a list that may be old. */
  readonly isCachedList: boolean;
  /** Seconds since something was written to AWS. */
  readonly secondsSinceWrite: number;
}

/** The code of an error in any of the wire protocols. */
function codeIn(body: unknown): string {
  if (typeof body !== 'string') return '';
  const [, code = ''] =
    /<Code>([^<]+)<\/Code>/.exec(body) ?? /"(?:__type|code|reason)":\s*"(?:[^"#]*#)?([^"]+)"/.exec(body) ?? [];
  return code;
}

/** Write down every request to a world from now on. */
export function seeRequests({ wire, scenario }: SimulatedWorld): () => SeenRequest[] {
  const codes = new Map<object, string>();
  wire.onResponse(({ request, status, response }) => {
    if (status < 400) return;
    const named = response.headers['x-amzn-errortype']?.split(':')[0];
    codes.set(request, named ?? codeIn(response.body));
  });
  const startedAt = Date.parse(scenario.startsAt);
  return () => {
    let writtenAt = Number.NEGATIVE_INFINITY;
    return [...wire.entries]
      .sort((left, right) => left.at - right.at)
      .map(({ at, plane, request, status }) => {
        const action = actionOf(request, plane);
        const atSeconds = (at - startedAt) / 1000;
        const secondsSinceWrite = atSeconds - writtenAt;
        if (plane === 'aws' && !/^(Describe|Get|List|GET )/.test(action)) writtenAt = atSeconds;
        return {
          atSeconds,
          plane,
          action,
          status,
          code: codes.get(request) ?? '',
          isWatch: request.query.has('watch'),
          isCachedList: request.method === 'GET' && request.query.get('resourceVersion') === '0',
          secondsSinceWrite,
        };
      });
  };
}
