import { stringify as toYaml } from 'yaml';
import type { SandboxResponse } from '../../server/http.ts';
import type { Representation } from './accept.ts';
import type { FailureStatus } from './failures.ts';

const HEADERS = { 'cache-control': 'no-cache, private' };

/** Answer with JSON. */
export const jsonResponse = (status: number, body: object, contentType = 'application/json'): SandboxResponse => ({
  status,
  headers: { ...HEADERS, 'content-type': contentType },
  body: `${JSON.stringify(body)}\n`,
});

/** Answer with JSON text in the format the client prefers. */
export const respond = (
  { format }: Representation,
  status: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): SandboxResponse => ({
  status,
  headers: { ...HEADERS, ...headers, 'content-type': `application/${format}` },
  body: format === 'yaml' ? toYaml(JSON.parse(json)) : `${json}\n`,
});

/** Answer with plain text. */
export const textResponse = (status: number, body: string): SandboxResponse => ({
  status,
  headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' },
  body,
});

/** Answer with a failure; when to retry stands in `Retry-After`, too. */
export function failureResponse(status: FailureStatus): SandboxResponse {
  const retryAfterSeconds = status.details?.retryAfterSeconds;
  const response = jsonResponse(status.code, status);
  if (retryAfterSeconds === undefined) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(retryAfterSeconds) } };
}

/** The `Status` of a request that worked and has nothing else to show. */
export const statusSuccess = (code: number, details?: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  ...(details === undefined ? {} : { details }),
  ...(code === 200 ? {} : { code }),
});
