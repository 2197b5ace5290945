import assert from 'node:assert/strict';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { createLoopbackCertificate } from 'eks-sandbox/server';
import { createCluster } from '../../../clients/kubernetes/cluster.ts';
import { createHttpsTransport, type Schedule } from '../../../clients/kubernetes/https.ts';
import { textOf, withBearerToken } from '../../../clients/kubernetes/transport.ts';
import { fakeCluster, fakeTransport, statusOf } from './fake-kubernetes.ts';

const ask = { method: 'GET', path: '/version', headers: {} };

describe('the bearer token of a request', () => {
  it('is sent with it', async () => {
    const { transport, asked } = fakeTransport({ object: {} });
    await withBearerToken(transport, async () => 'token-1')(ask);
    assert.equal(asked[0]?.headers.authorization, 'Bearer token-1');
  });

  it('is renewed once when it is refused', async () => {
    const { transport, asked } = fakeTransport({ status: 401, object: {} }, { object: {} });
    const token = async ({ fresh } = { fresh: false }) => (fresh ? 'token-2' : 'token-1');
    const response = await withBearerToken(transport, token)(ask);
    assert.equal(response.status, 200);
    assert.deepEqual(
      asked.map(({ headers }) => headers.authorization),
      ['Bearer token-1', 'Bearer token-2'],
    );
  });

  it('is not renewed a second time', async () => {
    const { transport, asked } = fakeTransport({ status: 401, object: {} });
    const response = await withBearerToken(transport, async () => 'token')(ask);
    assert.equal(response.status, 401);
    assert.equal(asked.length, 2);
  });
});

describe('#31 an answer of the Kubernetes API', () => {
  const endless = async function* () {
    for (;;) yield ' '.repeat(2 ** 20);
  };

  it('is read up to 64 Mi characters, unpacked', async () => {
    await assert.rejects(textOf({ body: endless() }), { code: 'EMSGSIZE', message: /more than 67108864 characters/ });
  });

  it('that never ends is a fault that passes: it is asked for again', async () => {
    const transport = async () => ({ status: 200, headers: {}, body: endless() });
    const cluster = createCluster({ transport, clock: { now: () => new Date(0) }, random: () => 0 });
    await assert.rejects(cluster.listNodes(), { name: 'ServiceUnavailable' });
    const watch = { label: 'a', resourceVersion: '1', timeoutSeconds: 30 };
    assert.deepEqual((await cluster.watchNodes(watch)).changed, []);
  });

  it('gives a list of at most 1,000 pages', async () => {
    const { cluster, asked } = fakeCluster({ object: { metadata: { continue: 'again' }, items: [] } });
    await assert.rejects(cluster.listNodes(), { name: 'ServiceUnavailable', message: /more than 1000 pages/ });
    assert.equal(asked.length, 1000);
  });

  it('has items that are objects', async () => {
    await assert.rejects(fakeCluster({ object: { items: [null] } }).cluster.listNodes(), {
      name: 'ServiceUnavailable',
    });
  });

  it('is quoted with 500 characters at most, in time that grows with its length and no faster', async () => {
    const message = `${' '.repeat(2_000_000)}Encoded`;
    const startedAt = process.cpuUsage();
    await assert.rejects(
      fakeCluster(statusOf(403, message)).cluster.listNodes(),
      ({ message: said }: Error) => said.length < 1000,
    );
    await assert.rejects(
      fakeCluster(statusOf(422, 'x'.repeat(2_000_000))).cluster.listNodes(),
      ({ message: said }: Error) => said.length < 700,
    );
    assert.ok(process.cpuUsage(startedAt).user < 5_000_000);
  });
});

describe('the connection to a cluster over TLS', function () {
  this.timeout(120_000);

  let server: Server;
  let certificate: string;
  let endpoint: string;
  /** Connections on which a request has come. */
  const seen = new Set<object>();
  /** Timers that were started and not cancelled. */
  const timers = new Set<{ seconds: number; fire: () => void }>();
  const schedule: Schedule = (seconds, fire) => {
    const timer = { seconds, fire };
    timers.add(timer);
    return { cancel: () => timers.delete(timer) };
  };
  const untilTimers = async (count: number) => {
    while (timers.size < count) await setImmediate();
    return timers;
  };
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const connect = (authority = certificate) =>
    createHttpsTransport({ endpoint, certificateAuthority: base64(authority), schedule });

  before(async () => {
    const authority = await createLoopbackCertificate(new Date());
    certificate = authority.certificateAuthority;
    server = createServer({ key: authority.privateKey, cert: authority.certificate }, (request, response) => {
      if (request.url === '/silent') return;
      const isKept = seen.has(request.socket);
      seen.add(request.socket);
      if (request.url === '/stale' && isKept) {
        request.socket.destroy();
        return;
      }
      if (request.url === '/watch?watch=true') {
        response.write('{"type":"ADDED"}\n');
        return;
      }
      const packed = gzipSync(JSON.stringify({ items: 'ü'.repeat(100_000) }));
      if (request.url?.startsWith('/packed')) {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(request.url === '/packed' ? packed : packed.subarray(0, packed.length / 2));
        return;
      }
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        response.writeHead(201, { 'x-path': request.url ?? '', 'content-type': 'application/json' });
        response.end(JSON.stringify({ method: request.method, headers: request.headers, body }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  beforeEach(() => timers.clear());

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('carries method, path, headers and body, and trusts the authority that EKS gives', async () => {
    const response = await connect()({
      method: 'POST',
      path: '/api/v1/pods?x=1',
      headers: { accept: 'a' },
      body: '{"ü":1}',
    });
    assert.equal(response.status, 201);
    assert.equal(response.headers['x-path'], '/api/v1/pods?x=1');
    const { method, headers, body } = JSON.parse(await textOf(response));
    assert.deepEqual([method, headers.accept, headers['content-length'], body], ['POST', 'a', '8', '{"ü":1}']);
  });

  it('keeps a path prefix of the endpoint', async () => {
    const transport = createHttpsTransport({
      endpoint: `${endpoint}/clusters/prod/`,
      certificateAuthority: base64(certificate),
      schedule,
    });
    const response = await transport(ask);
    assert.equal(response.headers['x-path'], '/clusters/prod/version');
    await textOf(response);
  });

  it('reuses a connection, and stops its timer with the answer', async () => {
    const transport = connect();
    const before = seen.size;
    await textOf(await transport(ask));
    await textOf(await transport(ask));
    assert.equal(seen.size - before, 1);
    assert.equal(timers.size, 0);
  });

  it('#73 unpacks an answer that is packed, and stops its timer with it', async () => {
    const response = await connect()({ ...ask, path: '/packed' });
    assert.equal(JSON.parse(await textOf(response)).items.length, 100_000);
    assert.equal(timers.size, 0);
  });

  it('#73 takes a packed answer that is cut for none', async () => {
    const response = await connect()({ ...ask, path: '/packed-and-cut' });
    await assert.rejects(textOf(response), { code: 'EPROTO' });
  });

  it('refuses a certificate of another authority', async () => {
    const other = await createLoopbackCertificate(new Date());
    await assert.rejects(connect(other.certificateAuthority)(ask), {
      code: /^(CERT_SIGNATURE_FAILURE|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
    });
  });

  it('gives up on a request that is not answered within 10 seconds', async () => {
    const pending = connect()({ ...ask, path: '/silent' });
    const [timer] = await untilTimers(1);
    assert.equal(timer?.seconds, 10);
    timer?.fire();
    await assert.rejects(pending, { code: 'ETIMEDOUT', message: /no answer to GET \/silent within 10 seconds/ });
    assert.equal(timers.size, 0);
  });

  it('#30 counts the time of a request from its connection: one that waits for a connection is not late', async () => {
    const transport = connect();
    const pending = Array.from({ length: 60 }, () => transport({ ...ask, path: '/silent' }));
    const outcomes = Promise.allSettled(pending);
    await untilTimers(50);
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    assert.equal(timers.size, 50);
    // Each that ends leaves its connection to one that waits.
    for (let late = 0; late < 60; late += 1) {
      const [timer] = await untilTimers(1);
      timer?.fire();
      while (timer !== undefined && timers.has(timer)) await setImmediate();
    }
    const codes = (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
    assert.deepEqual(new Set(codes), new Set(['ETIMEDOUT']));
  });

  it('gives a watch the time it asks for, and gives up on it after that', async () => {
    const response = await connect()({ ...ask, path: '/watch?watch=true', timeoutSeconds: 45 });
    const pieces = response.body[Symbol.asyncIterator]();
    assert.equal((await pieces.next()).value, '{"type":"ADDED"}\n');
    const [timer] = timers;
    assert.equal(timer?.seconds, 45);
    timer?.fire();
    await assert.rejects(pieces.next(), { code: 'ETIMEDOUT' });
  });

  it('closes the connection of a watch that is no longer read', async () => {
    const stop = new AbortController();
    const response = await connect()({ ...ask, path: '/watch?watch=true', signal: stop.signal });
    const pieces = response.body[Symbol.asyncIterator]();
    await pieces.next();
    stop.abort();
    await assert.rejects(pieces.next());
    assert.equal(timers.size, 0);
  });

  it('sends a request again when its keep-alive connection is dead', async () => {
    const transport = connect();
    await textOf(await transport(ask));
    const response = await transport({ ...ask, path: '/stale' });
    assert.equal(response.status, 201);
    await textOf(response);
    assert.equal(timers.size, 0);
  });

  it('fails when the port is closed', async () => {
    const transport = createHttpsTransport({ endpoint: 'https://127.0.0.1:1', schedule });
    await assert.rejects(transport(ask), { code: 'ECONNREFUSED' });
  });

  for (const wrong of ['http://127.0.0.1', 'cluster.example', '']) {
    it(`refuses the endpoint "${wrong}"`, () => {
      assert.throws(() => createHttpsTransport({ endpoint: wrong }), {
        name: 'ClusterUnreachable',
        message: /not an https URL/,
      });
    });
  }
});
