import type { SandboxClock } from '../world/clock.ts';
import { isStream } from './content-encoding.ts';
import type { RequestHandler, SandboxRequest, SandboxResponse } from './http.ts';

/** One request that the sandbox received, and its answer, for tests and figures. */
export interface WireEntry {
  /** Simulated instant, milliseconds since the epoch. */
  readonly at: number;
  readonly plane: 'aws' | 'kubernetes';
  /** AWS action, or `METHOD path` without the query. */
  readonly action: string;
  readonly request: SandboxRequest;
  readonly status: number;
  /** Characters of the answer, or bytes of a compressed one; 0 for a stream. */
  readonly responseLength: number;
}

/** What went over the wire, in order of arrival. */
export interface WireLog {
  readonly entries: readonly WireEntry[];
  /** Call a listener with each request before it is handled, while the world is still as the client found it. */
  onRequest(listener: (request: Pick<WireEntry, 'at' | 'plane' | 'action' | 'request'>) => void): void;
  /** Call a listener with each answer before it is sent. */
  onResponse(listener: (exchange: Omit<WireEntry, 'responseLength'> & { response: SandboxResponse }) => void): void;
  /** Wrap a front end so that what it receives is kept. */
  record(plane: WireEntry['plane'], handler: RequestHandler): RequestHandler;
}

/** The AWS action of a request; for EKS, its method and path. */
function awsAction({ method, path, headers, body }: SandboxRequest): string {
  const target = headers['x-amz-target'];
  if (target !== undefined) return target.split('.').at(-1) as string;
  return new URLSearchParams(body).get('Action') ?? `${method} ${path}`;
}

const lengthOf = ({ body }: SandboxResponse) => (isStream(body) ? 0 : body.length);

/** A path as people read it; one that cannot be decoded stays as it came. */
function readablePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Create an empty log.
 *
 * @param keptRequests how many of the latest requests it keeps: all by default
 */
export function createWireLog(clock: Pick<SandboxClock, 'now'>, keptRequests = Number.POSITIVE_INFINITY): WireLog {
  const entries: WireEntry[] = [];
  const listeners: Parameters<WireLog['onRequest']>[0][] = [];
  const responseListeners: Parameters<WireLog['onResponse']>[0][] = [];
  return {
    entries,
    onRequest: (listener) => {
      listeners.push(listener);
    },
    onResponse: (listener) => {
      responseListeners.push(listener);
    },
    record: (plane, handler) => async (request) => {
      const at = clock.now();
      const action = plane === 'aws' ? awsAction(request) : `${request.method} ${readablePath(request.path)}`;
      for (const listener of listeners) listener({ at, plane, action, request });
      const keep = (status: number, responseLength: number) => {
        entries.push({ at, plane, action, request, status, responseLength });
        if (entries.length > keptRequests) entries.shift();
      };
      try {
        const response = await handler(request);
        keep(response.status, lengthOf(response));
        for (const listener of responseListeners) {
          listener({ at, plane, action, request, status: response.status, response });
        }
        return response;
      } catch (connectionLost) {
        keep(0, 0);
        throw connectionLost;
      }
    },
  };
}
