import assert from 'node:assert/strict';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connectionLost } from '../../aws/aws-error.ts';
import { createLoopbackCertificate } from '../../server/certificate.ts';
import type { RequestHandler } from '../../server/http.ts';
import { serveHttp, serveHttps } from '../../server/serve.ts';

const echo: RequestHandler = async ({ method, path, query, headers, body }) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ method, path, query: query.toString(), header: headers['x-test'], body }),
});

/** A stream that stays open after its first chunk, and tells when its reader has gone. */
const openStream = () => {
  const gone = Promise.withResolvers<void>();
  const handle: RequestHandler = async ({ signal }) => ({
    status: 200,
    headers: {},
    body: (async function* () {
      yield 'first\n';
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      gone.resolve();
    })(),
  });
  return { handle, gone: gone.promise };
};

describe('serving on loopback', function () {
  this.timeout(120_000);

  it('hands requests over as they came and answers them', async () => {
    const served = await serveHttp(echo);
    const response = await fetch(`http://127.0.0.1:${served.port}/a%2Fb?x=1&x=2`, {
      method: 'POST',
      headers: { 'X-Test': 'yes' },
      body: 'héllo',
    });
    assert.deepEqual(await response.json(), {
      method: 'POST',
      path: '/a%2Fb',
      query: 'x=1&x=2',
      header: 'yes',
      body: 'héllo',
    });
    await served.close();
  });

  it('is trusted by a client that has the certificate of its authority, by address and by name', async () => {
    const certificate = await createLoopbackCertificate(new Date());
    const served = await serveHttps(echo, { certificate });
    for (const host of ['127.0.0.1', 'localhost']) {
      const status = await new Promise((resolve, reject) => {
        const options = { host, port: served.port, ca: certificate.certificateAuthority, agent: false, family: 4 };
        httpsGet(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
      });
      assert.equal(status, 200);
    }
    await assert.rejects(fetch(`https://127.0.0.1:${served.port}/`), 'a client that does not know the authority');
    await served.close();
  });

  it('flushes each chunk of a stream at once, and aborts the stream when the client has gone', async () => {
    const { handle, gone } = openStream();
    const served = await serveHttp(handle);
    await new Promise<void>((resolve) => {
      const request = httpGet({ port: served.port, host: '127.0.0.1' }, (response) => {
        response.once('data', (chunk) => {
          assert.equal(String(chunk), 'first\n');
          request.destroy();
          resolve();
        });
      });
    });
    await gone;
    await served.close();
  });

  it('closes promptly although a stream is open', async () => {
    const { handle } = openStream();
    const served = await serveHttp(handle);
    const response = await fetch(`http://127.0.0.1:${served.port}/`);
    await served.close();
    await assert.rejects(response.text());
  });

  it('breaks the connection when the response is to be lost', async () => {
    const served = await serveHttp(() => Promise.reject(connectionLost()));
    await assert.rejects(fetch(`http://127.0.0.1:${served.port}/`));
    await served.close();
  });

  it('says when the port is taken', async () => {
    const served = await serveHttp(echo);
    await assert.rejects(serveHttp(echo, { port: served.port }), { code: 'EADDRINUSE' });
    await served.close();
  });
});
