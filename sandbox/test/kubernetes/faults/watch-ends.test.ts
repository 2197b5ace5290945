import assert from 'node:assert/strict';
import type { ScenarioInput } from '../../../world/scenario.ts';
import { addNode, createTestApi } from '../api/fixture.ts';

type WatchEnd = Extract<NonNullable<ScenarioInput['faults']>[number], { kind: 'watchEnds' }>;

/** What a watch of nodes says before it ends by itself, a round trip later. */
async function watched(fault: WatchEnd, query = '') {
  const api = createTestApi({ faults: [fault] });
  addNode(api, 'n1');
  const version = api.store.resourceVersion();
  addNode(api, 'n2');
  const { status, body } = await api.raw('GET', `/api/v1/nodes?watch=true&resourceVersion=${version}${query}`);
  assert.equal(status, 200);
  let text = '';
  const read = (async () => {
    for await (const chunk of body) text += chunk;
  })();
  await api.clock.advance(0.02);
  await read;
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const nodes = { kind: 'watchEnds', resource: 'nodes' } as const;

describe('a watch that ends at once', () => {
  it('ends without events', async () => {
    assert.deepEqual(await watched(nodes), []);
  });

  it('ends after what has happened since the version that was asked for', async () => {
    const events = await watched({ ...nodes, sends: 'news' });
    assert.deepEqual(
      events.map(({ type, object }) => [type, object.metadata.name]),
      [['ADDED', 'n2']],
    );
  });

  it('ends after a bookmark, for a client that takes them', async () => {
    const taking = await watched({ ...nodes, sends: 'bookmark' }, '&allowWatchBookmarks=true');
    assert.deepEqual(
      taking.map(({ type }) => type),
      ['ADDED', 'BOOKMARK'],
    );
    assert.equal(taking[1].object.metadata.resourceVersion, taking[0].object.metadata.resourceVersion);
    assert.equal((await watched({ ...nodes, sends: 'bookmark' })).length, 1);
  });

  it('is of the resource named, and in its spell', async () => {
    const api = createTestApi({ faults: [{ ...nodes, untilSeconds: 5 }] });
    const read = async (path: string) => {
      const { body } = await api.raw('GET', path);
      let hasEnded = false;
      void (async () => {
        for await (const _ of body);
        hasEnded = true;
      })();
      await api.clock.advance(1);
      return hasEnded;
    };
    assert.equal(await read('/api/v1/nodes?watch=true'), true);
    assert.equal(await read('/api/v1/pods?watch=true'), false);
    await api.clock.advance(5);
    assert.equal(await read('/api/v1/nodes?watch=true'), false);
  });
});
