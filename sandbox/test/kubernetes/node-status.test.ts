import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { ADMIN_TOKEN, createSandbox } from '../../sandbox.ts';
import { kubernetesTransport } from '../../server/in-process.ts';
import { serveHttp } from '../../server/serve.ts';
import { type ScenarioInput, scenarioSchema } from '../../world/scenario.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';

type NodeStatus = ScenarioInput['clusters'][number]['nodeStatus'];

const GZIP = { authorization: `Bearer ${ADMIN_TOKEN}`, 'accept-encoding': 'gzip' };

/** A cluster of so many nodes, whose statuses are as the scenario says. */
function createWorld(nodeStatus: NodeStatus, nodes = 3) {
  const scenario = scenarioSchema.parse({
    images: [{ id: 'ami-0aaaaaaaaaaaaaaaa', name: 'image' }],
    clusters: [
      {
        name: 'shop',
        nodeStatus,
        groups: [
          {
            name: 'workers',
            zones: ['eu-west-1a'],
            minSize: nodes,
            maxSize: nodes + 1,
            desiredCapacity: nodes,
            amiId: 'ami-0aaaaaaaaaaaaaaaa',
          },
        ],
      },
    ],
    actors: [{ kind: 'setSizes', group: 'workers', atSeconds: 1000, desiredCapacity: nodes + 1 }],
  });
  const clock = createVirtualClock(Date.parse(scenario.startsAt));
  const sandbox = createSandbox({ scenario, clock });
  const store = sandbox.stores.get('shop');
  const api = sandbox.kubernetes.get('shop');
  if (store === undefined || api === undefined) throw new Error('the world has a cluster');
  const writes = { count: 0 };
  store.subscribe(({ resource, type }) => {
    if (resource === 'nodes' && type === 'MODIFIED') writes.count += 1;
  });
  return { clock, store, api, sandbox, writes };
}

describe('nodes of real size', () => {
  it('list 50 images, which are 12 KB a node, also on nodes that join later', async () => {
    const { clock, store } = createWorld({ images: 50 });
    await clock.advance(1200);
    const nodes = store.list('nodes');
    assert.equal(nodes.length, 4);
    for (const node of nodes) {
      const images = node.status?.images as readonly { names: readonly string[]; sizeBytes: number }[];
      assert.equal(images.length, 50);
      const [first, second] = images;
      assert.match(first?.names[0] ?? '', /^\d{12}\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/.+@sha256:[0-9a-f]{64}$/);
      assert.ok((first?.sizeBytes ?? 0) >= (second?.sizeBytes ?? 0), 'largest first');
      const bytes = JSON.stringify(images).length;
      assert.ok(bytes > 11_000 && bytes < 14_000, `${bytes} bytes`);
    }
  });

  it('list no images, and rest, unless the scenario says so', async () => {
    const { clock, store, writes } = createWorld({});
    await clock.advance(900);
    assert.equal(writes.count, 0);
    assert.equal(store.list('nodes')[0]?.status?.images, undefined);
  });

  it('have their status written every 5 minutes, each at a moment of its own, and nothing else', async () => {
    const { clock, store, writes } = createWorld({ updateSeconds: 300 });
    const before = store.list('nodes');
    await clock.advance(300);
    assert.equal(writes.count, 3);
    await clock.advance(600);
    assert.equal(writes.count, 9);
    const after = store.list('nodes');
    for (const [index, node] of after.entries()) {
      assert.notEqual(node.metadata.resourceVersion, before[index]?.metadata.resourceVersion);
      assert.deepEqual(node.spec, before[index]?.spec);
      const changed = (node.status?.conditions ?? []).filter(
        (condition, at) => condition.lastTransitionTime !== before[index]?.status?.conditions?.[at]?.lastTransitionTime,
      );
      assert.deepEqual(changed, [], 'no condition has changed');
    }
    const heartbeats = after.map(({ status }) => status?.conditions?.[0]?.lastHeartbeatTime);
    assert.equal(new Set(heartbeats).size, 3);
  });

  it('have their status written no more once their machines are gone', async () => {
    const { clock, store, sandbox, writes } = createWorld({ updateSeconds: 300 });
    const { autoScaling } = sandbox.region.state;
    const [group] = autoScaling.groups.values();
    const [member] = group?.members.values() ?? [];
    if (group === undefined || member === undefined) throw new Error('the world has a node');
    autoScaling.terminate({ group, member }, 'test');
    await clock.advance(900);
    const written = writes.count;
    assert.equal(store.get('nodes', undefined, member.instance.privateDnsName), undefined);
    await clock.advance(60);
    assert.ok(writes.count - written <= 3);
  });

  it('reach those who watch', async () => {
    const { clock, api } = createWorld({ updateSeconds: 300, images: 50 });
    const abort = new AbortController();
    const response = await api({
      method: 'GET',
      path: '/api/v1/nodes',
      query: new URLSearchParams({ watch: 'true' }),
      headers: GZIP,
      body: '',
      signal: abort.signal,
    });
    assert.equal(response.headers['content-encoding'], undefined, 'a watch is never packed');
    if (typeof response.body === 'string' || response.body instanceof Uint8Array)
      throw new Error('a watch is a stream');
    const types: string[] = [];
    const reading = (async () => {
      for await (const chunk of response.body as AsyncIterable<string>)
        for (const line of chunk.trimEnd().split('\n')) types.push((JSON.parse(line) as { type: string }).type);
    })();
    await clock.advance(300);
    abort.abort();
    await reading;
    assert.deepEqual(types, ['ADDED', 'ADDED', 'ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED']);
  });
});

describe('a packed answer', () => {
  const request = { method: 'GET', path: '/api/v1/nodes', headers: GZIP };

  it('is an eighth of the plain one or less, and the log of requests counts what was sent', async () => {
    const { api, sandbox } = createWorld({ images: 50 }, 20);
    const answer = await api({ ...request, query: new URLSearchParams(), body: '' });
    assert.ok(answer.body instanceof Uint8Array);
    assert.equal(sandbox.wire.entries[0]?.responseLength, answer.body.length);
    const text = gunzipSync(answer.body).toString();
    assert.equal((JSON.parse(text) as { items: unknown[] }).items.length, 20);
    assert.ok(answer.body.length * 8 < text.length);
  });

  it('comes over a socket as it is', async () => {
    const { api } = createWorld({ images: 50 }, 20);
    const served = await serveHttp(api);
    try {
      const response = await fetch(`http://127.0.0.1:${served.port}/api/v1/nodes`, { headers: GZIP });
      assert.equal(response.headers.get('content-encoding'), 'gzip');
      assert.equal(((await response.json()) as { items: unknown[] }).items.length, 20);
    } finally {
      await served.close();
    }
  });

  it('comes unpacked over the transport in process', async () => {
    const { api, clock } = createWorld({ images: 50 }, 20);
    const response = await kubernetesTransport(api, clock)(request);
    assert.equal(response.headers['content-encoding'], undefined);
    let text = '';
    for await (const piece of response.body) text += piece;
    assert.equal((JSON.parse(text) as { items: unknown[] }).items.length, 20);
  });
});
