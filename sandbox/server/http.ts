/**
 * One HTTP request as the sandbox's front ends see it, whatever carried it: a socket or a function call.
 * `path` is still percent-encoded and has no query; header names are lower-case.
 */
export interface SandboxRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Aborted when the client goes away; long answers (watches) must stop then. */
  readonly signal?: AbortSignal;
}

/**
 * `body` is whole, as text or packed as `content-encoding` says, or a stream of chunks for a watch.
 */
export interface SandboxResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | AsyncIterable<string>;
}

/** A front end: the AWS endpoint, or one cluster's Kubernetes API server. Never rejects; faults are responses. */
export type RequestHandler = (request: SandboxRequest) => Promise<SandboxResponse>;

/** The longest body that any front end takes: 3 MiB, of kube-apiserver. */
export const LONGEST_BODY_BYTES = 3 * 1024 * 1024;

/** A carrier hands over so much of a body, which is enough for a front end to see that it is too long. */
export const STORED_BODY_BYTES = LONGEST_BODY_BYTES + 1;

/** Whether a body has more bytes than that. */
export const isLongerThan = (body: string, bytes: number): boolean =>
  body.length > bytes || (body.length * 3 > bytes && Buffer.byteLength(body) > bytes);
