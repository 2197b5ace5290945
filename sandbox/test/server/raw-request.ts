import { connect } from 'node:net';

/** An answer as it came over the socket; status 0 when the connection broke or stayed silent. */
export interface RawAnswer {
  readonly status: number;
  /** Header lines and body. */
  readonly text: string;
}

/** What a request consists of; everything is sent as it is, whether HTTP allows it or not. */
export interface RawRequest {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const LONGEST_WAIT_MS = 20_000;

/** The bytes of a request, with the length of its body unless another one is given. */
export function bytesOf({ method = 'GET', target = '/', headers = {}, body = '' }: RawRequest): Buffer {
  const bytes = Buffer.from(body);
  const all = { host: '127.0.0.1', 'content-length': String(bytes.length), connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), bytes]);
}

/** Send bytes to a port of loopback, and read what comes back until the connection ends. */
export const sendBytes = (port: number, bytes: Buffer): Promise<RawAnswer> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    const finish = () => {
      clearTimeout(limit);
      socket.destroy();
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text });
    };
    const limit = setTimeout(finish, LONGEST_WAIT_MS);
    socket.on('data', (chunk) => chunks.push(chunk));
    // What is sent to a server that has answered and closed breaks; the answer is there all the same.
    socket.on('error', () => {});
    socket.on('close', finish);
  });

/** Send bytes and go away before the answer. */
export const abandon = (port: number, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes, () => socket.destroy()));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });

/** Send a request, and read its answer. */
export const sendRaw = (port: number, request: RawRequest): Promise<RawAnswer> => sendBytes(port, bytesOf(request));
