import assert from 'node:assert/strict';
import { createTestApi } from './fixture.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** A length-delimited field. */
const field = (number: number, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content as string);
  assert.ok(bytes.length < 128, 'one length byte is enough for these tests');
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
};
const varint = (number: number, value: number) => Buffer.from([number << 3, value]);

/** An object in the envelope that Go clients send, as latin-1 text. */
const envelope = (apiVersion: string, kind: string, ...raw: Buffer[]): string =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])),
    field(2, Buffer.concat(raw)),
  ]).toString('latin1');

describe('a body in protobuf', () => {
  it('creates what it says: names, maps, numbers and what Go writes for unset fields', async () => {
    const api = createTestApi();
    const metadata = field(1, Buffer.concat([field(1, 'pdb'), field(3, ''), varint(7, 0), field(8, '')]));
    const selector = field(2, field(1, Buffer.concat([field(1, 'app'), field(2, 'wéb')])));
    const minAvailable = field(1, Buffer.concat([varint(1, 1), varint(2, 0), field(3, '50%')]));
    const body = envelope(
      'policy/v1',
      'PodDisruptionBudget',
      metadata,
      field(2, Buffer.concat([minAvailable, selector])),
    );
    const target = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    const { status } = await api.call('POST', target, { type: PROTOBUF, body });
    assert.equal(status, 201);
    assert.deepEqual(api.store.get('poddisruptionbudgets', 'default', 'pdb')?.spec, {
      minAvailable: '50%',
      selector: { matchLabels: { app: 'wéb' } },
    });
  });

  it('asks what kubectl auth can-i asks', async () => {
    const attributes = field(1, Buffer.concat([field(2, 'create'), field(5, 'pods'), field(6, 'eviction')]));
    const body = envelope('authorization.k8s.io/v1', 'SelfSubjectAccessReview', field(1, ''), field(2, attributes));
    const api = createTestApi({ authorize: (_user, { subresource }) => subresource === 'eviction' });
    const answer = await api.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      type: PROTOBUF,
      body,
    });
    assert.equal(answer.body.status.allowed, true);
  });

  it('is refused with 415 naming the field when it holds more than is read', async () => {
    const body = envelope('v1', 'Namespace', field(1, field(1, 'x')), field(9, 'surprise'));
    const answer = await createTestApi().call('POST', '/api/v1/namespaces', { type: PROTOBUF, body });
    assert.equal(answer.status, 415);
    assert.match(answer.body.message, /Namespace: field 9 of Namespace cannot be read from protobuf here/);
  });

  for (const [title, body] of [
    ['has no envelope', 'nonsense'],
    ['ends in the middle', `${envelope('v1', 'Namespace').slice(0, 6)}`],
  ] as const)
    it(`is refused with 400 when it ${title}`, async () => {
      const answer = await createTestApi().call('POST', '/api/v1/namespaces', { type: PROTOBUF, body });
      assert.equal(answer.status, 400);
    });
});
