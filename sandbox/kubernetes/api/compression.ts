import { gzipSync } from 'node:zlib';
import type { SandboxRequest, SandboxResponse } from '../../server/http.ts';

/** Answers up to this size are sent as they are. */
const THRESHOLD_BYTES = 128 * 1024;
/** Fast rather than small, as kube-apiserver chooses. */
const LEVEL = 1;

const wantsGzip = ({ headers }: SandboxRequest) =>
  (headers['accept-encoding'] ?? '').split(',').some((token) => token.trim() === 'gzip');

/**
 * Compress an answer about objects if the client takes gzip and the answer is large. A watch is never compressed.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go
 */
export function compress(request: SandboxRequest, response: SandboxResponse): SandboxResponse {
  const { body, headers } = response;
  if (typeof body !== 'string' || !wantsGzip(request) || Buffer.byteLength(body) <= THRESHOLD_BYTES) return response;
  return {
    ...response,
    headers: { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' },
    body: gzipSync(body, { level: LEVEL }),
  };
}
