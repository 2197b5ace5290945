import assert from 'node:assert/strict';
import { type Answer, fakeCluster, statusOf } from './fake-kubernetes.ts';

const event = (type: string, uid: string, resourceVersion: string) =>
  `${JSON.stringify({ type, object: { metadata: { uid, name: `name-of-${uid}`, resourceVersion } } })}\n`;
const request = { label: 'example.com/ours', resourceVersion: '41', timeoutSeconds: 240 };

const watch = async (answer: Answer) => {
  const { cluster, asked } = fakeCluster(answer);
  const { changed, gone, resourceVersion } = await cluster.watchNodes(request);
  const names = { changed: changed.map(({ name }) => name), gone: gone.map(({ name }) => name) };
  return { ...names, resourceVersion, asked };
};

describe('observing nodes that have a label', () => {
  it('watches from the version of the list for as long as it is told, and longer than the transport would', async () => {
    const { asked } = await watch({ pieces: [] });
    assert.equal(asked[0]?.path, '/api/v1/nodes');
    assert.deepEqual(asked[0]?.query, {
      labelSelector: 'example.com/ours',
      watch: 'true',
      resourceVersion: '41',
      timeoutSeconds: '240',
    });
    assert.equal(asked[0]?.timeoutSeconds, 245);
  });

  it('ends at the first change, with all that arrived with it', async () => {
    const together = event('MODIFIED', 'a', '42') + event('DELETED', 'b', '43') + event('ADDED', 'c', '44');
    const { asked, ...seen } = await watch({ pieces: [together, new Error('read on')] });
    assert.deepEqual(seen, { changed: ['name-of-a', 'name-of-c'], gone: ['name-of-b'], resourceVersion: '44' });
    assert.equal(asked[0]?.signal?.aborted, true);
  });

  it('waits for the rest of an event that arrives in pieces', async () => {
    const text = event('MODIFIED', 'a', '42');
    const { changed, resourceVersion } = await watch({ pieces: [text.slice(0, 20), text.slice(20)] });
    assert.deepEqual([changed, resourceVersion], [['name-of-a'], '42']);
  });

  it('reports each node once, as it was last', async () => {
    const together = event('MODIFIED', 'a', '42') + event('DELETED', 'a', '43');
    const { changed, gone } = await watch({ pieces: [together] });
    assert.deepEqual([changed, gone], [[], ['name-of-a']]);
  });

  const ends: [title: string, answer: Answer, changed: string[], resourceVersion: string | undefined][] = [
    ['can go on from where it began when nothing happened', { pieces: [] }, [], '41'],
    ['can go on from where it began when the connection is lost', { pieces: [new Error('reset')] }, [], '41'],
    ['can go on from where it began when a line is no JSON', { pieces: ['<html>\n'] }, [], '41'],
    ['cannot go on when the version is too old', statusOf(410, 'too old', { reason: 'Expired' }), [], undefined],
    [
      'cannot go on after an error event, but tells what came before it',
      { pieces: [event('ADDED', 'a', '42') + event('ERROR', '', '')] },
      ['name-of-a'],
      undefined,
    ],
  ];
  for (const [title, answer, changed, resourceVersion] of ends) {
    it(title, async () => {
      const seen = await watch(answer);
      assert.deepEqual([seen.changed, seen.resourceVersion], [changed, resourceVersion]);
    });
  }

  it('sends no request for less than a second, which to the server would be no limit', async () => {
    const { cluster, asked } = fakeCluster({ pieces: [] });
    const seen = await cluster.watchNodes({ ...request, timeoutSeconds: 0.5 });
    assert.deepEqual(seen, { changed: [], gone: [], resourceVersion: '41' });
    assert.equal(asked.length, 0);
  });

  it('throws when it may not watch', async () => {
    const forbidden = statusOf(403, 'forbidden', { reason: 'Forbidden' });
    await assert.rejects(watch(forbidden), { name: 'Unauthorized', message: /watch nodes/ });
  });
});
