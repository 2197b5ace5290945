import assert from 'node:assert/strict';
import { type Answer, fakeCluster, statusOf } from './fake-kubernetes.ts';

const event = (type: string, uid: string) => `${JSON.stringify({ type, object: { metadata: { uid } } })}\n`;
const wait = { uids: ['uid-1', 'uid-2'], resourceVersion: '41', timeoutSeconds: 30 };

/** Cut a text into pieces of a few characters. */
const cut = (text: string, size: number) => text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];

describe('waiting for pods to be gone', () => {
  it('watches the node from the version of the list, and closes the watch once the last pod is deleted', async () => {
    const tail = new Error('read on');
    const { cluster, asked } = fakeCluster({
      pieces: [event('MODIFIED', 'uid-1'), event('DELETED', 'uid-1'), event('DELETED', 'uid-2'), tail],
    });
    await cluster.waitForPodsGone('node-a', wait);
    assert.equal(asked[0]?.path, '/api/v1/pods');
    assert.deepEqual(asked[0]?.query, {
      fieldSelector: 'spec.nodeName=node-a',
      watch: 'true',
      resourceVersion: '41',
      timeoutSeconds: '30',
    });
    assert.equal(asked[0]?.timeoutSeconds, 35);
    assert.equal(asked[0]?.signal?.aborted, true);
  });

  for (const size of [1, 7, 64]) {
    it(`reads events that arrive in pieces of ${size} characters`, async () => {
      const text = event('DELETED', 'uid-1') + event('ADDED', 'uid-3') + event('DELETED', 'uid-2');
      const { cluster, asked } = fakeCluster({ pieces: cut(text, size) });
      await cluster.waitForPodsGone('node-a', wait);
      assert.equal(asked.length, 1);
    });
  }

  const ends: [title: string, answer: Answer][] = [
    ['the server ends the watch', { pieces: [event('DELETED', 'uid-1')] }],
    ['the version is too old', statusOf(410, 'too old resource version', { reason: 'Expired' })],
    ['an error event says so', { pieces: [event('ERROR', ''), new Error('read on')] }],
    ['the connection is lost', { pieces: [event('DELETED', 'uid-1'), new Error('reset')] }],
    ['a line is cut off', { pieces: ['{"type":"DELE'] }],
    ['a line is no JSON', { pieces: ['<html>\n'] }],
  ];
  for (const [title, answer] of ends) {
    it(`returns without error when ${title}`, async () => {
      await fakeCluster(answer).cluster.waitForPodsGone('node-a', wait);
    });
  }

  it('sends no request when there is nothing to wait for', async () => {
    const { cluster, asked } = fakeCluster({ pieces: [] });
    await cluster.waitForPodsGone('node-a', { ...wait, uids: [] });
    await cluster.waitForPodsGone('node-a', { ...wait, timeoutSeconds: 0 });
    assert.equal(asked.length, 0);
  });

  const refusals: [title: string, answer: Answer, name: string][] = [
    ['RBAC does not let us watch', statusOf(403, 'forbidden', { reason: 'Forbidden' }), 'Unauthorized'],
    ['the API server is too busy', statusOf(429, 'too many requests'), 'Throttled'],
    ['there is no answer', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'ServiceUnavailable'],
  ];
  for (const [title, answer, name] of refusals) {
    it(`throws ${name} when ${title}, so that the caller does not repeat it forever`, async () => {
      await assert.rejects(fakeCluster(answer).cluster.waitForPodsGone('node-a', wait), {
        name,
        message: /forbidden|too many|refused/,
      });
    });
  }
});

describe('observing deletions of pods', () => {
  const pod = (type: string, uid: string, resourceVersion: string, more: object = {}) =>
    `${JSON.stringify({ type, object: { metadata: { uid, name: uid, namespace: 'shop', resourceVersion, ...more }, spec: { nodeName: 'node-a' } } })}\n`;
  const going = { deletionTimestamp: '2026-01-01T10:00:30Z' };
  const request = { resourceVersion: '41', timeoutSeconds: 12 };

  it('watches the whole cluster from where the last watch ended, and says where the next one starts', async () => {
    const { cluster, asked } = fakeCluster({
      pieces: [pod('ADDED', 'a', '42'), pod('MODIFIED', 'b', '43', going), pod('DELETED', 'c', '44', going)],
    });
    const seen = await cluster.watchDepartures(request);
    assert.deepEqual(asked[0]?.query, { watch: 'true', resourceVersion: '41', timeoutSeconds: '12' });
    assert.equal(seen.resourceVersion, '44');
    assert.deepEqual(
      seen.departures.map(({ pod: { name, nodeName }, isGone }) => [name, nodeName, isGone]),
      [
        ['b', 'node-a', false],
        ['c', 'node-a', true],
      ],
    );
  });

  it('reports each pod once, as it was last', async () => {
    const { cluster } = fakeCluster({ pieces: [pod('MODIFIED', 'a', '42', going), pod('DELETED', 'a', '43', going)] });
    const { departures } = await cluster.watchDepartures(request);
    assert.deepEqual(
      departures.map(({ isGone }) => isGone),
      [true],
    );
  });

  const ends: [title: string, answer: Answer, resourceVersion: string | undefined][] = [
    [
      'goes on from the last event when the connection is lost',
      { pieces: [pod('ADDED', 'a', '42'), new Error('reset')] },
      '42',
    ],
    ['goes on from where it began when nothing happened', { pieces: [] }, '41'],
    [
      'cannot go on when the version is too old',
      statusOf(410, 'too old resource version', { reason: 'Expired' }),
      undefined,
    ],
    ['cannot go on after an error event', { pieces: [pod('ADDED', 'a', '42'), pod('ERROR', '', '')] }, undefined],
  ];
  for (const [title, answer, resourceVersion] of ends) {
    it(title, async () =>
      assert.equal((await fakeCluster(answer).cluster.watchDepartures(request)).resourceVersion, resourceVersion),
    );
  }

  it('throws when it may not watch', async () =>
    assert.rejects(fakeCluster(statusOf(403, 'forbidden', { reason: 'Forbidden' })).cluster.watchDepartures(request), {
      name: 'Unauthorized',
    }));
});
