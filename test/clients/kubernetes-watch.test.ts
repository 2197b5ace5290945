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

  it('asks nothing when there is nothing to wait for', async () => {
    const { cluster, asked } = fakeCluster({ pieces: [] });
    await cluster.waitForPodsGone('node-a', { ...wait, uids: [] });
    await cluster.waitForPodsGone('node-a', { ...wait, timeoutSeconds: 0 });
    assert.equal(asked.length, 0);
  });

  const refusals: [title: string, answer: Answer, name: string][] = [
    ['RBAC does not let us watch', statusOf(403, 'forbidden', { reason: 'Forbidden' }), 'AccessDenied'],
    ['the API server is too busy', statusOf(429, 'too many requests'), 'Throttled'],
    ['there is no answer', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'ServiceUnavailable'],
  ];
  for (const [title, answer, name] of refusals) {
    it(`throws ${name} when ${title}, lest the caller asks again and again`, async () => {
      await assert.rejects(fakeCluster(answer).cluster.waitForPodsGone('node-a', wait), {
        name,
        message: /forbidden|too many|refused/,
      });
    });
  }
});
