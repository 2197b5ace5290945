import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { fakeCluster } from './fake-kubernetes.ts';

describe('#73 what is asked of the API server', () => {
  it('may be packed when it is a list', async () => {
    const { cluster, asked } = fakeCluster({ object: { items: [] } });
    await cluster.listNodes();
    await cluster.listPodsOnNode('node-0');
    assert.deepEqual(
      asked.map(({ headers }) => headers['accept-encoding']),
      ['gzip', 'gzip'],
    );
  });

  it('is not packed when it is a watch, whose events must come at once', async () => {
    const { cluster, asked } = fakeCluster({ pieces: [] });
    await cluster.watchNodes({ label: 'x', resourceVersion: '1', timeoutSeconds: 1 });
    assert.equal(asked[0]?.headers['accept-encoding'], undefined);
  });
});
