import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request as requestOverTls } from 'node:https';
import { ClusterUnreachable } from '../../domain/errors.ts';
import type { KubernetesRequest, KubernetesResponse, KubernetesTransport } from './transport.ts';
import { unpacked } from './unpack.ts';

const TIMEOUT_SECONDS = 10;
/** The evictions of a step run in parallel; more connections would only queue at the API server. */
const MAX_SOCKETS = 50;

/** Call back after some seconds unless cancelled; tests give their own. */
export type Schedule = (seconds: number, callback: () => void) => { cancel(): void };

const scheduleByTimer: Schedule = (seconds, callback) => {
  const timer = setTimeout(callback, seconds * 1000);
  return { cancel: () => clearTimeout(timer) };
};

const timedOut = (request: KubernetesRequest, seconds: number) =>
  Object.assign(new Error(`no answer to ${request.method} ${request.path.split('?')[0]} within ${seconds} seconds`), {
    code: 'ETIMEDOUT',
  });

const headersOf = (message: IncomingMessage) =>
  Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));

/**
 * Reach a cluster over TLS, with keep-alive connections and one timeout for the whole exchange, counted from the moment at which
 * the request has its connection: one that waits for a connection is not late yet.
 *
 * A request on a keep-alive connection that is dead (the Lambda container was frozen meanwhile) is sent once more on a
 * new one: the server has not seen it, and all of ours may be repeated anyway.
 *
 * @param endpoint `https://…` as EKS names it
 * @param certificateAuthority base64 PEM as EKS gives it; the system's authorities when absent
 * @throws {ClusterUnreachable} when the endpoint is not an https URL
 */
export function createHttpsTransport({
  endpoint,
  certificateAuthority,
  schedule = scheduleByTimer,
}: {
  endpoint: string;
  certificateAuthority?: string | undefined;
  schedule?: Schedule;
}): KubernetesTransport {
  const base = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (base?.protocol !== 'https:') {
    throw new ClusterUnreachable(
      `The cluster's endpoint ${endpoint} is not an https URL: check it with aws eks describe-cluster`,
    );
  }
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const options: RequestOptions = {
    agent,
    hostname: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port || 443,
    ...(certificateAuthority === undefined ? {} : { ca: Buffer.from(certificateAuthority, 'base64') }),
  };
  const prefix = base.pathname.replace(/\/$/, '');

  const send = (request: KubernetesRequest, isRepeated: boolean): Promise<KubernetesResponse> =>
    new Promise((resolve, reject) => {
      const { method, headers, body, signal, timeoutSeconds = TIMEOUT_SECONDS } = request;
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const exchange = requestOverTls({
        ...options,
        method,
        path: prefix + request.path,
        headers: { ...headers, ...length },
        ...(signal === undefined ? {} : { signal }),
      });
      let answer: IncomingMessage | undefined;
      let timer: ReturnType<Schedule> | undefined;
      const stopTimer = () => timer?.cancel();
      exchange.on('socket', () => {
        timer = schedule(timeoutSeconds, () => (answer ?? exchange).destroy(timedOut(request, timeoutSeconds)));
      });
      exchange.on('error', (error: NodeJS.ErrnoException) => {
        stopTimer();
        const isStale = exchange.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        if (isStale && answer === undefined && !isRepeated) resolve(send(request, true));
        else reject(error);
      });
      exchange.on('response', (message) => {
        answer = message;
        message.on('end', stopTimer);
        message.on('close', stopTimer);
        // The reader of an aborted body gets the error. Without this line it would end the process as well.
        message.on('error', () => undefined);
        resolve({ status: message.statusCode ?? 0, headers: headersOf(message), body: unpacked(message) });
      });
      exchange.end(body);
    });

  return (request) => send(request, false);
}
