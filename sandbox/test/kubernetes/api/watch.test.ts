import assert from 'node:assert/strict';
import { addNode, type Call, createTestApi, type TestApi } from './fixture.ts';

interface Seen {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: events carry objects of every shape
  readonly object: any;
}

/** Collects a watch in the background; `events` fills as the clock moves. */
async function follow(api: TestApi, target: string, options: Call = {}) {
  const response = await api.raw('GET', target, options);
  const events: Seen[] = [];
  const state = { events, hasEnded: false };
  void (async () => {
    for await (const chunk of response.body as AsyncIterable<string>)
      events.push(
        ...chunk
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Seen),
      );
    state.hasEnded = true;
  })();
  await api.clock.advance(0);
  return state;
}

const told = ({ events }: { events: readonly Seen[] }) =>
  events.map(({ type, object }) => `${type} ${object.metadata.name}`);
const label = (api: TestApi, name: string, labels: Record<string, string>) =>
  api.store.change('nodes', undefined, name, (node) => ({ ...node, metadata: { ...node.metadata, labels } }));

describe('watch', () => {
  for (const [title, query] of [
    ['no version', ''],
    ['version 0', '&resourceVersion=0'],
  ] as const)
    it(`starts with what is there when given ${title}`, async () => {
      const api = createTestApi();
      addNode(api, 'n1');
      const seen = await follow(api, `/api/v1/nodes?watch=true${query}`);
      addNode(api, 'n2');
      api.store.remove('nodes', undefined, 'n1');
      await api.clock.advance(1);
      assert.deepEqual(told(seen), ['ADDED n1', 'ADDED n2', 'DELETED n1']);
    });

  it('goes on from the version of a list, missing nothing', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const { body } = await api.call('GET', '/api/v1/nodes');
    label(api, 'n1', { a: 'b' });
    const seen = await follow(api, `/api/v1/nodes?watch=true&resourceVersion=${body.metadata.resourceVersion}`);
    label(api, 'n1', { a: 'c' });
    await api.clock.advance(1);
    assert.deepEqual(told(seen), ['MODIFIED n1', 'MODIFIED n1']);
    assert.equal(seen.events[1]?.object.kind, 'Node');
  });

  it('shows an object that enters the selection as ADDED, and one that leaves it as DELETED with its last state in it', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const seen = await follow(api, '/api/v1/nodes?watch=true&labelSelector=a=b');
    label(api, 'n1', { a: 'b' });
    label(api, 'n1', { a: 'b', c: 'd' });
    const left = label(api, 'n1', { a: 'x' });
    label(api, 'n1', { a: 'y' });
    await api.clock.advance(1);
    assert.deepEqual(told(seen), ['ADDED n1', 'MODIFIED n1', 'DELETED n1']);
    assert.deepEqual(seen.events[2]?.object.metadata.labels, { a: 'b', c: 'd' });
    assert.equal(seen.events[2]?.object.metadata.resourceVersion, left?.metadata.resourceVersion);
  });

  it('follows a single object by name', async () => {
    const api = createTestApi();
    const seen = await follow(api, '/api/v1/nodes?watch=true&fieldSelector=metadata.name=n2');
    addNode(api, 'n1');
    addNode(api, 'n2');
    await api.clock.advance(1);
    assert.deepEqual(told(seen), ['ADDED n2']);
  });

  it('ends after timeoutSeconds of simulated time', async () => {
    const api = createTestApi();
    const seen = await follow(api, '/api/v1/nodes?watch=true&timeoutSeconds=30');
    await api.clock.advance(29);
    assert.equal(seen.hasEnded, false);
    await api.clock.advance(2);
    await api.clock.advance(0);
    assert.equal(seen.hasEnded, true);
  });

  it('ends when the client goes away, and leaves no timer behind', async () => {
    const api = createTestApi();
    const client = new AbortController();
    const seen = await follow(api, '/api/v1/nodes?watch=true', { signal: client.signal });
    client.abort();
    await api.clock.advance(0);
    addNode(api, 'n1');
    await api.clock.advance(0);
    assert.equal(seen.hasEnded, true);
    assert.deepEqual(seen.events, []);
  });

  it('answers a version that is no longer kept with an ERROR event, 410 Expired', async () => {
    const api = createTestApi({ keptEvents: 4 });
    for (let index = 0; index < 20; index += 1) addNode(api, `n${index}`);
    const seen = await follow(api, '/api/v1/nodes?watch=true&resourceVersion=7');
    await api.clock.advance(0);
    assert.equal(seen.hasEnded, true);
    assert.equal(seen.events[0]?.type, 'ERROR');
    assert.equal(seen.events[0]?.object.code, 410);
    assert.equal(seen.events[0]?.object.reason, 'Expired');
    assert.match(seen.events[0]?.object.message, /^too old resource version: 7 \(\d+\)$/);
  });

  it('sends a bookmark a minute to clients that allow it, with the version reached', async () => {
    const api = createTestApi();
    const seen = await follow(api, '/api/v1/nodes?watch=true&allowWatchBookmarks=true');
    addNode(api, 'n1');
    await api.clock.advance(121);
    await api.clock.advance(0);
    assert.deepEqual(
      seen.events.map(({ type }) => type),
      ['ADDED', 'BOOKMARK', 'BOOKMARK'],
    );
    assert.equal(seen.events[2]?.object.metadata.resourceVersion, String(api.store.resourceVersion()));
  });

  it('marks the end of the initial events for clients that ask for them', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const seen = await follow(
      api,
      '/api/v1/nodes?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    assert.deepEqual(
      seen.events.map(({ type }) => type),
      ['ADDED', 'BOOKMARK'],
    );
    assert.equal(seen.events[1]?.object.metadata.annotations['k8s.io/initial-events-end'], 'true');
  });

  it('refuses sendInitialEvents without resourceVersionMatch', async () => {
    const { status } = await createTestApi().call('GET', '/api/v1/nodes?watch=true&sendInitialEvents=true');
    assert.equal(status, 422);
  });

  it('sends tables to kubectl, with columns in the first event only', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    addNode(api, 'n2');
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const { events } = await follow(api, '/api/v1/nodes?watch=true', { accept });
    assert.equal(events[0]?.object.kind, 'Table');
    assert.equal(events[0]?.object.columnDefinitions[0].name, 'Name');
    assert.equal(events[1]?.object.columnDefinitions, null);
    assert.equal(events[1]?.object.rows[0].cells[0], 'n2');
  });

  it('ends when its reader is 32 MiB behind, so that nobody can fill the memory by not reading', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const { body } = await api.raw('GET', '/api/v1/nodes?watch=true');
    for (let change = 0; change < 200; change += 1) label(api, 'n1', { a: `${change}${'x'.repeat(200_000)}` });
    let length = 0;
    for await (const chunk of body as AsyncIterable<string>) length += chunk.length;
    assert.ok(length > 32 * 1024 * 1024 && length < 34 * 1024 * 1024, `${length} characters`);
  });

  for (const limit of ['soon', '', '1e3', '1.5'])
    it(`refuses a time limit that is no whole number: "${limit}"`, async () => {
      const { status, body } = await createTestApi().call('GET', `/api/v1/nodes?watch=true&timeoutSeconds=${limit}`);
      assert.deepEqual([status, body.message], [400, `strconv.ParseInt: parsing "${limit}": invalid syntax`]);
    });

  for (const limit of ['-1', '9223372036854775807'])
    it(`ends at once, without an event, when its time is over before it begins: ${limit}`, async () => {
      const api = createTestApi();
      addNode(api, 'n1');
      const seen = await follow(api, `/api/v1/nodes?watch=true&timeoutSeconds=${limit}`);
      assert.deepEqual([seen.events, seen.hasEnded], [[], true]);
    });

  it('lasts as long as the server likes with a time limit of 0', async () => {
    const api = createTestApi();
    const seen = await follow(api, '/api/v1/nodes?watch=true&timeoutSeconds=0');
    await api.clock.advance(1799);
    assert.equal(seen.hasEnded, false);
    await api.clock.advance(1801);
    assert.equal(seen.hasEnded, true);
  });
});
