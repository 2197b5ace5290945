import { createServer as createHttpServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { isConnectionLost } from '../aws/aws-error.ts';
import type { LoopbackCertificate } from './certificate.ts';
import { isStream } from './content-encoding.ts';
import { type RequestHandler, type SandboxRequest, type SandboxResponse, STORED_BODY_BYTES } from './http.ts';
import { reportFault } from './report-fault.ts';

/** A front end that listens on loopback. */
export interface Served {
  readonly port: number;
  /** Stop listening and break every open connection. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** So much is read of a body that is too long, so that its client sees the refusal instead of a broken connection. */
const READ_BODY_BYTES = 16 * 1024 * 1024;
const REQUEST_SECONDS = 300;

/** Binary bodies are latin-1 text here, a character a byte. */
const encodingOf = (contentType = ''): 'latin1' | 'utf8' =>
  /protobuf|cbor|octet-stream/.test(contentType) ? 'latin1' : 'utf8';

/**
 * Read a body, and keep no more of it than any front end takes. */
async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let read = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    if (read < STORED_BODY_BYTES) chunks.push(chunk.subarray(0, STORED_BODY_BYTES - read));
    read += chunk.length;
    if (read > READ_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).toString(encodingOf(message.headers['content-type']));
}

async function readRequest(message: IncomingMessage, signal: AbortSignal): Promise<SandboxRequest> {
  const target = message.url ?? '/';
  const queryAt = target.indexOf('?');
  const headers = Object.entries(message.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return {
    method: message.method ?? 'GET',
    path: queryAt < 0 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt + 1)),
    headers: Object.fromEntries(headers),
    body: await readText(message),
    signal,
  };
}

/** Resolves when the socket takes more, or is gone. */
const drained = (response: ServerResponse) =>
  new Promise<void>((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });

async function writeResponse({ status, headers, body }: SandboxResponse, response: ServerResponse): Promise<void> {
  if (!isStream(body)) {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(response.req.method === 'HEAD' ? undefined : body);
    return;
  }
  response.writeHead(status, headers);
  // Show the client that its watch is accepted, even if there is no event yet.
  response.flushHeaders();
  for await (const chunk of body) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

/** Answer with a server error in place of a front end that failed, unless its answer has begun. */
function answerFault(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) response.destroy();
  else response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end('Internal Server Error\n');
}

const answerWith =
  (handle: RequestHandler) =>
  async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const clientGone = new AbortController();
    response.once('close', () => clientGone.abort());
    // A socket that breaks while it is written to is a client that has gone.
    response.on('error', () => clientGone.abort());
    try {
      await writeResponse(await handle(await readRequest(message, clientGone.signal)), response);
    } catch (error) {
      if (isConnectionLost(error) || clientGone.signal.aborted || !message.complete)
        return void message.socket.destroy();
      reportFault(`${message.method} ${message.url}`, error);
      answerFault(response);
    }
  };

/** A method without a target of its own is answered like any other that nobody serves. */
const answerConnect = (answer: ReturnType<typeof answerWith>) => (message: IncomingMessage, socket: Socket) => {
  const response = new ServerResponse(message);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  socket.on('error', () => socket.destroy());
  response.once('finish', () => socket.end());
  void answer(message, response);
};

async function listen(server: Server, handle: RequestHandler, port: number): Promise<Served> {
  const answer = answerWith(handle);
  server.on('request', (message, response) => void answer(message, response));
  server.on('connect', answerConnect(answer));
  // Real clients keep connections for longer than Node's five seconds.
  server.keepAliveTimeout = 75_000;
  // Time to send a request; its answer may take as long as it likes.
  server.requestTimeout = REQUEST_SECONDS * 1000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Serve a front end over HTTP on 127.0.0.1.
 *
 * @param port 0 = any free one
 * @throws Error with code EADDRINUSE when the port is taken
 */
export const serveHttp = (handle: RequestHandler, { port = 0 }: { port?: number } = {}): Promise<Served> =>
  listen(createHttpServer(), handle, port);

/**
 * Serve a front end over HTTPS on 127.0.0.1.
 *
 * @param port 0 = any free one
 * @param certificate of `createLoopbackCertificate`
 * @throws Error with code EADDRINUSE when the port is taken
 */
export const serveHttps = (
  handle: RequestHandler,
  { port = 0, certificate }: { port?: number; certificate: LoopbackCertificate },
): Promise<Served> =>
  listen(createHttpsServer({ cert: certificate.certificate, key: certificate.privateKey }), handle, port);
