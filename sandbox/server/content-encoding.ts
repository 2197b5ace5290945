import { gunzipSync } from 'node:zlib';
import type { SandboxResponse } from './http.ts';

/** Whether a body comes piece by piece. */
export const isStream = (body: SandboxResponse['body']): body is AsyncIterable<string> =>
  typeof body !== 'string' && !(body instanceof Uint8Array);

/** Unpack a compressed answer, as an HTTP client does before it hands on the text. */
export function unpack(response: SandboxResponse): SandboxResponse & { readonly body: string | AsyncIterable<string> } {
  const { body, headers } = response;
  if (!(body instanceof Uint8Array)) return { ...response, body };
  const { 'content-encoding': encoding, ...others } = headers;
  const bytes = encoding === 'gzip' ? gunzipSync(body) : body;
  return { ...response, headers: others, body: new TextDecoder().decode(bytes) };
}
