import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sinon from 'sinon';
import type { AwsService } from '../../aws/aws-service.ts';
import { createAwsEndpoint } from '../../aws/endpoint.ts';
import type { SandboxRequest } from '../../server/http.ts';
import { serveHttp } from '../../server/serve.ts';
import { createWireLog } from '../../server/wire-log.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';
import { sendRaw } from './raw-request.ts';
import { AS_ADMIN, serveWorld, signedFor } from './served-world.ts';

const MIB = 1024 * 1024;

/**
 * Memory in use once everything unused has been collected. The least of three measurements: buffers of sockets that are just
 * closing, or that one collection only marks as unused, are no leak.
 */
async function usedMemory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    collect();
    await setImmediate();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external);
  }
  return least;
}

const request = (path: string): SandboxRequest => ({
  method: 'GET',
  path,
  query: new URLSearchParams(),
  headers: {},
  body: '',
});

describe('a sandbox that is served for long', function () {
  this.timeout(120_000);

  it('#46 keeps nothing of the requests it has answered', async () => {
    const world = await serveWorld();
    const body = `${' '.repeat(900_000)}{`;
    const target = '/api/v1/namespaces/default/configmaps';
    const flood = async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        const json = { 'content-type': 'application/json' };
        const aws = {
          method: 'POST',
          target: '/clusters/shop/node-groups',
          headers: { ...signedFor('eks'), ...json },
          body,
        };
        const kubernetes = { method: 'POST', target, headers: { ...AS_ADMIN, ...json }, body };
        assert.equal((await sendRaw(world.awsPort, aws)).status, 400);
        assert.equal((await sendRaw(world.kubernetesPort, kubernetes)).status, 400);
        assert.equal(
          (await sendRaw(world.kubernetesPort, { target: `/openapi/v3/${round}`, headers: AS_ADMIN })).status,
          404,
        );
      }
    };
    await flood(3);
    const before = await usedMemory();
    await flood(60);
    const grown = (await usedMemory()) - before;
    await world.close();
    assert.deepEqual(world.sandbox.wire.entries, []);
    assert.ok(grown < 40 * MIB, `grew by ${Math.round(grown / MIB)} MiB over 108 MB of requests`);
  });

  it('#46 keeps as many of the latest requests as it is asked to, and all by default', async () => {
    const answer = async () => ({ status: 200, headers: {}, body: '' });
    for (const [kept, expected] of [
      [2, ['GET /c', 'GET /%zz']],
      [undefined, ['GET /a', 'GET /b', 'GET /c', 'GET /%zz']],
    ] as const) {
      const log = createWireLog({ now: () => 0 }, kept);
      const handle = log.record('kubernetes', answer);
      for (const path of ['/a', '/b', '/c', '/%zz']) await handle(request(path));
      assert.deepEqual(
        log.entries.map(({ action }) => action),
        expected,
      );
    }
  });
});

describe('a sandbox whose own code fails', function () {
  this.timeout(120_000);
  let said: sinon.SinonStub;
  beforeEach(() => {
    said = sinon.stub(console, 'error');
  });
  afterEach(() => said.restore());

  const fails = () => {
    throw new TypeError('a fault of ours');
  };
  const assertSaid = (what: string) => {
    assert.equal(said.callCount, 1);
    const line = String(said.firstCall.args[0]);
    assert.ok(line.startsWith(`The sandbox failed at ${what}: TypeError: a fault of ours`), line);
    assert.ok(!line.includes('\n'), 'in one line');
  };

  it('answers as the AWS service with a 500, and says so on standard error', async () => {
    const service: AwsService = {
      name: 'eks',
      api: {
        protocol: 'rest-json',
        version: '2017-11-01',
        inputs: { ListClusters: {} },
        routes: { ListClusters: 'GET /clusters' },
      },
      dispatch: fails,
    };
    const endpoint = createAwsEndpoint({ services: [service], clock: createVirtualClock(0) });
    const { status, headers, body } = await endpoint({ ...request('/clusters'), headers: signedFor('eks') });
    assert.deepEqual([status, headers['x-amzn-errortype']], [500, 'InternalFailure']);
    assert.match(String(body), /a fault of ours/);
    assertSaid('GET /clusters of AWS');
  });

  it('answers as kube-apiserver with a 500, and says so on standard error', async () => {
    const world = await serveWorld();
    const store = world.sandbox.stores.get('shop');
    assert.ok(store);
    sinon.replace(store, 'list', fails as typeof store.list);
    const { status, text } = await sendRaw(world.kubernetesPort, { target: '/api/v1/nodes', headers: AS_ADMIN });
    await world.close();
    sinon.restore();
    assert.equal(status, 500);
    assert.match(text, /"reason":"InternalError"/);
  });

  it('answers with a 500 where a front end rejects, and goes on', async () => {
    const served = await serveHttp(async ({ path }) =>
      path === '/bad' ? fails() : { status: 200, headers: {}, body: '' },
    );
    assert.equal((await sendRaw(served.port, { target: '/bad' })).status, 500);
    assertSaid('GET /bad');
    assert.equal((await sendRaw(served.port, { target: '/good' })).status, 200);
    await served.close();
  });

  it('breaks the connection where a stream fails in its midst, and goes on', async () => {
    const served = await serveHttp(async () => ({
      status: 200,
      headers: {},
      body: (async function* () {
        yield 'first\n';
        fails();
      })(),
    }));
    const { status, text } = await sendRaw(served.port, { target: '/stream' });
    assert.equal(status, 200);
    assert.ok(!text.endsWith('0\r\n\r\n'), 'the stream has no end');
    assertSaid('GET /stream');
    await served.close();
  });
});
