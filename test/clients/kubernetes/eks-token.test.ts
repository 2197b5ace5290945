import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import type { Credentials } from '../../../clients/aws/identity.ts';
import { createToken, createTokenSource } from '../../../clients/kubernetes/eks-token.ts';

const NOW = new Date('2026-01-01T10:00:00Z');
const KEYS: Credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2VjE+/=',
};

async function urlOf(region: string, credentials = KEYS): Promise<URL> {
  const token = await createToken({ clusterName: 'prod', region, credentials, now: NOW });
  assert.match(token, /^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  return new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Signature Version 4 of a presigned GET, worked out from its specification. */
function signatureOf(url: URL, clusterName: string, secretAccessKey: string): string {
  const [, date = '', region = '', service = ''] = (url.searchParams.get('X-Amz-Credential') ?? '').split('/');
  const query = url.search
    .slice(1)
    .split('&')
    .filter((pair) => !pair.startsWith('X-Amz-Signature='))
    .sort()
    .join('&');
  const headers = `host:${url.host}\nx-k8s-aws-id:${clusterName}\n`;
  const emptyBody = createHash('sha256').update('').digest('hex');
  const request = ['GET', '/', query, headers, 'host;x-k8s-aws-id', emptyBody].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const digest = createHash('sha256').update(request).digest('hex');
  const text = ['AWS4-HMAC-SHA256', url.searchParams.get('X-Amz-Date'), scope, digest].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return hmac(key, text).toString('hex');
}

describe('a token for an EKS cluster', () => {
  it('is a presigned GetCallerIdentity request of 60 seconds with only the parameters that the server allows', async () => {
    const url = await urlOf('eu-west-1');
    assert.equal(url.origin + url.pathname, 'https://sts.eu-west-1.amazonaws.com/');
    const { 'X-Amz-Signature': signature, ...query } = Object.fromEntries(url.searchParams);
    assert.match(signature ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(query, {
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/sts/aws4_request',
      'X-Amz-Date': '20260101T100000Z',
      'X-Amz-Expires': '60',
      'X-Amz-Security-Token': 'IQoJb3JpZ2luX2VjE+/=',
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    });
    assert.ok(url.href.length < 4096);
  });

  it('carries a signature over the cluster’s name that STS can verify', async () => {
    const url = await urlOf('eu-west-1');
    const expected = signatureOf(url, 'prod', KEYS.secretAccessKey);
    assert.equal(url.searchParams.get('X-Amz-Signature'), expected);
    assert.notEqual(expected, signatureOf(url, 'staging', KEYS.secretAccessKey));
  });

  it('has no session token when the keys are long-lived', async () => {
    const { sessionToken: _, ...keys } = KEYS;
    assert.equal((await urlOf('eu-west-1', keys)).searchParams.has('X-Amz-Security-Token'), false);
  });

  for (const [region, host] of [
    ['us-east-1', 'sts.us-east-1.amazonaws.com'],
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
    ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
  ] as const) {
    it(`goes to ${host} in ${region}`, async () => {
      assert.equal((await urlOf(region)).host, host);
    });
  }
});

/** A token source on a clock that is set by hand. */
function source(credentials: () => Promise<Credentials>) {
  let now = NOW.getTime();
  const token = createTokenSource({
    clusterName: 'prod',
    region: 'eu-west-1',
    credentials,
    clock: { now: () => new Date(now) },
  });
  const pass = (seconds: number) => {
    now += seconds * 1000;
  };
  return { token, pass };
}

describe('the token of a cluster client', () => {
  it('is kept for ten minutes', async () => {
    const { token, pass } = source(async () => KEYS);
    const first = await token();
    pass(599);
    assert.equal(await token(), first);
    pass(1);
    assert.notEqual(await token(), first);
  });

  it('is made again when the last one was refused', async () => {
    const { token, pass } = source(async () => KEYS);
    const first = await token();
    pass(1);
    const second = await token({ fresh: true });
    assert.notEqual(second, first);
    assert.equal(await token(), second);
  });

  it('is made once for requests that start at the same time', async () => {
    let asked = 0;
    const { token } = source(async () => {
      asked += 1;
      return KEYS;
    });
    await Promise.all([token(), token(), token()]);
    assert.equal(asked, 1);
  });

  it('expires with the credentials that signed it', async () => {
    const { token, pass } = source(async () => ({ ...KEYS, expiration: new Date(NOW.getTime() + 300_000) }));
    const first = await token();
    pass(239);
    assert.equal(await token(), first);
    pass(2);
    assert.notEqual(await token(), first);
  });

  it('is AccessDenied without credentials, and is tried again the next time', async () => {
    const missing = Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' });
    const answers = [Promise.reject(missing), Promise.resolve(KEYS)];
    const { token } = source(() => answers.shift() ?? Promise.resolve(KEYS));
    await assert.rejects(token(), { name: 'AccessDenied', message: /no AWS credentials/ });
    assert.match(await token(), /^k8s-aws-v1\./);
  });
});
