import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isConnectionLost } from '../aws/aws-error.ts';
import type { LoopbackCertificate } from './certificate.ts';
import type { RequestHandler, SandboxRequest, SandboxResponse } from './http.ts';

/** A front end that listens on loopback. */
export interface Served {
  readonly port: number;
  /** Stop listening and break every open connection. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** Binary bodies come as latin-1 text, a character a byte. */
async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const isBinary = /protobuf|cbor|octet-stream/.test(message.headers['content-type'] ?? '');
  return Buffer.concat(chunks).toString(isBinary ? 'latin1' : 'utf8');
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
  if (typeof body === 'string') {
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

const answerWith = (handle: RequestHandler) => async (message: IncomingMessage, response: ServerResponse) => {
  const clientGone = new AbortController();
  response.once('close', () => clientGone.abort());
  try {
    await writeResponse(await handle(await readRequest(message, clientGone.signal)), response);
  } catch (error) {
    // A broken request or a lost response is seen as a broken connection; anything else is a fault of the sandbox.
    message.socket.destroy();
    if (!clientGone.signal.aborted && !isConnectionLost(error)) throw error;
  }
};

async function listen(server: Server, port: number): Promise<Served> {
  // Real clients keep connections for longer than Node's five seconds.
  server.keepAliveTimeout = 75_000;
  server.requestTimeout = 0;
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
export const serveHttp = (handle: RequestHandler, { port = 0 }: { port?: number } = {}): Promise<Served> => {
  const answer = answerWith(handle);
  return listen(
    createHttpServer((message, response) => void answer(message, response)),
    port,
  );
};

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
): Promise<Served> => {
  const answer = answerWith(handle);
  return listen(
    createHttpsServer(
      { cert: certificate.certificate, key: certificate.privateKey },
      (message, response) => void answer(message, response),
    ),
    port,
  );
};
