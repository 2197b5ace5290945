import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { whyNotPrivate } from '../../kubernetes-bridge/server-address.ts';

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  localhost: ['::1', '127.0.0.1'],
  'host.docker.internal': ['192.168.65.254'],
  'both.example': ['10.0.0.1', '52.1.2.3'],
  'private.eks.amazonaws.com': ['10.0.0.1'],
};
const resolve = async (host: string) => {
  const found = ADDRESSES[host];
  if (found === undefined) throw new Error('ENOTFOUND');
  return found;
};

const CASES: readonly [server: string, why: RegExp | undefined][] = [
  ['https://127.0.0.1:6443', undefined],
  ['https://0.0.0.0:6550', undefined],
  ['https://10.1.2.3', undefined],
  ['https://172.16.0.1:6443', undefined],
  ['https://172.32.0.1:6443', /172\.32\.0\.1 is a public address/],
  ['https://192.168.49.2:8443', undefined],
  ['https://169.254.1.1', undefined],
  ['https://[::1]:6443', undefined],
  ['https://[fd00::12]:6443', undefined],
  ['https://[fe80::1]:6443', undefined],
  ['https://[2001:db8::1]:6443', /2001:db8::1 is a public address/],
  ['https://[::ffff:52.1.2.3]:6443', /is a public address/],
  ['https://52.1.2.3', /52\.1\.2\.3 is a public address/],
  ['https://localhost:6443', undefined],
  ['https://host.docker.internal:6443', undefined],
  ['https://both.example', /both\.example is 52\.1\.2\.3, a public address/],
  ['https://nowhere.example', /nowhere\.example has no address/],
  ['https://private.eks.amazonaws.com', /is the name of a hosted cluster/],
  ['https://ABC.gr7.eu-west-1.EKS.amazonaws.com', /is the name of a hosted cluster/],
];

describe('a cluster that the sandbox may bring nodes to', () => {
  for (const [server, why] of CASES) {
    it(`${server}: ${why === undefined ? 'is taken' : `is refused, because it ${why.source.replaceAll('\\', '')}`}`, async () => {
      const said = await whyNotPrivate(server, resolve);
      if (why === undefined) assert.equal(said, undefined);
      else assert.match(said ?? '', why);
    });
  }
});
