import assert from 'node:assert/strict';
import type { ScenarioInput } from '../../../world/scenario.ts';
import { addBudget, addPod, createTestApi, type TestApi } from '../api/fixture.ts';

type Faults = NonNullable<ScenarioInput['faults']>;

const evict = ({ call }: TestApi, name: string, deleteOptions: object = {}) =>
  call('POST', `/api/v1/namespaces/default/pods/${name}/eviction`, {
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, deleteOptions },
  });

const withPods = (...faults: Faults) => {
  const api = createTestApi({ faults });
  addPod(api, 'kafka-0', { labels: { app: 'kafka' } });
  addPod(api, 'web-0');
  return api;
};

const dryRun = { dryRun: ['All'] };

describe('a webhook for evictions', () => {
  const name = 'drain.strimzi.io';
  const deniedBy = `admission webhook "${name}" denied the request`;
  const kafka = { kind: 'evictionWebhook', name, matchLabels: { app: 'kafka' } } as const;

  it('denies with 400 and no reason when it gives no code', async () => {
    const api = withPods({ ...kafka, message: 'the operator rolls it' });
    const { status, body } = await evict(api, 'kafka-0');
    assert.equal(status, 400);
    assert.deepEqual(body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `${deniedBy}: the operator rolls it`,
      code: 400,
    });
    assert.equal(api.store.get('pods', 'default', 'kafka-0')?.metadata.deletionTimestamp, undefined);
  });

  it('denies with the code and reason that it gives, without a time to wait', async () => {
    for (const [code, reason] of [
      [403, 'Forbidden'],
      [429, 'TooManyRequests'],
      [405, undefined],
    ] as const) {
      const api = withPods({ ...kafka, code, ...(reason && { reason }), message: 'not now' });
      const { status, body, headers } = await evict(api, 'kafka-0');
      assert.deepEqual([status, body.code, body.reason, body.details], [code, code, reason, undefined]);
      assert.equal(headers['retry-after'], undefined);
    }
  });

  it('says so when it denies without an explanation', async () => {
    const { body } = await evict(withPods(kafka), 'kafka-0');
    assert.equal(body.message, `${deniedBy} without explanation`);
  });

  it('concerns only pods with its labels, in its namespace, and in its spell', async () => {
    assert.equal((await evict(withPods(kafka), 'web-0')).status, 201);
    assert.equal((await evict(withPods({ ...kafka, namespace: 'other' }), 'kafka-0')).status, 201);
    const api = withPods({ ...kafka, fromSeconds: 10, untilSeconds: 20 });
    addPod(api, 'kafka-1', { labels: { app: 'kafka' } });
    assert.equal((await evict(api, 'kafka-0')).status, 201);
    await api.clock.advance(10);
    assert.equal((await evict(api, 'kafka-1')).status, 400);
    await api.clock.advance(10);
    assert.equal((await evict(api, 'kafka-1')).status, 201);
  });

  it('that nobody answers for is an internal error', async () => {
    const { status, body } = await evict(withPods({ ...kafka, answer: 'fails' }), 'kafka-0');
    assert.deepEqual([status, body.reason], [500, 'InternalError']);
    assert.match(body.message, /^Internal error occurred: failed calling webhook "drain.strimzi.io": failed to call/);
    assert.deepEqual(body.details, {
      causes: [{ message: body.message.replace('Internal error occurred: ', '') }],
    });
  });

  it('that hangs is an internal error after its timeout, and delays only its own pods', async () => {
    const api = withPods({ ...kafka, answer: 'hangs' });
    let ended: number | undefined;
    const answer = evict(api, 'kafka-0').then((given) => {
      ended = api.clock.now();
      return given;
    });
    const startedAt = api.clock.now();
    assert.equal((await evict(api, 'web-0')).status, 201);
    await api.clock.advance(9.9);
    assert.equal(ended, undefined);
    await api.clock.advance(0.1);
    const { status, body } = await answer;
    assert.equal(ended, startedAt + 10_000);
    assert.equal(status, 500);
    assert.match(body.message, /context deadline exceeded$/);
  });

  it('decides about dry runs too, unless it admits them', async () => {
    const denied = await evict(withPods({ ...kafka, message: 'no' }), 'kafka-0', dryRun);
    assert.deepEqual([denied.status, denied.body.message], [400, `${deniedBy}: no`]);

    const admitting = withPods({ ...kafka, onDryRun: 'admits' });
    assert.equal((await evict(admitting, 'kafka-0', dryRun)).status, 201);
    assert.equal((await evict(admitting, 'kafka-0')).status, 400);
  });

  it('is asked before any budget', async () => {
    const api = withPods({ ...kafka, matchLabels: {}, code: 403 });
    addBudget(api, 'pdb', { disruptionsAllowed: 0 });
    assert.equal((await evict(api, 'web-0')).status, 403);
  });
});

describe('a ValidatingAdmissionPolicy for evictions', () => {
  const policy = { kind: 'evictionPolicy', name: 'keep', binding: 'keep-all', message: 'pods of shop stay' } as const;

  it('refuses with 422 Invalid, as a cause too, also in a dry run', async () => {
    for (const options of [{}, dryRun]) {
      const { status, body } = await evict(withPods(policy), 'web-0', options);
      const why = "ValidatingAdmissionPolicy 'keep' with binding 'keep-all' denied request: pods of shop stay";
      assert.equal(status, 422);
      assert.deepEqual(body, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: `pods "web-0" is forbidden: ${why}`,
        reason: 'Invalid',
        details: { name: 'web-0', kind: 'pods', causes: [{ message: why }] },
        code: 422,
      });
    }
  });

  it('refuses with the status of the reason that it gives', async () => {
    for (const [reason, code] of [
      ['Forbidden', 403],
      ['Unauthorized', 401],
      ['RequestEntityTooLarge', 413],
    ] as const) {
      const { status, body } = await evict(withPods({ ...policy, reason }), 'web-0');
      assert.deepEqual([status, body.reason], [code, reason]);
    }
  });

  it('concerns only pods with its labels', async () => {
    const api = withPods({ ...policy, matchLabels: { app: 'kafka' } });
    assert.equal((await evict(api, 'web-0')).status, 201);
    assert.equal((await evict(api, 'kafka-0')).status, 422);
  });
});
