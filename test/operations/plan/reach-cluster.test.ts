import assert from 'node:assert/strict';
import { ClusterUnreachable } from '../../../domain/errors.ts';
import { reachCluster } from '../../../operations/plan/reach-cluster.ts';
import { rememberCluster } from '../../../operations/plan/remember-cluster.ts';
import { createPorts } from '../ports-in-memory.ts';

/** A cluster that answers from the n-th request on. */
function answering(from: number) {
  const { deps, cluster, clock } = createPorts();
  let asked = 0;
  const serverVersion = async () => {
    asked += 1;
    if (asked < from) throw new ClusterUnreachable('socket hang up (ECONNRESET)');
    return 'v1.33.5';
  };
  const startedAt = clock.now().getTime();
  const unsteady = { ...cluster, serverVersion };
  return { deps, unsteady, asked: () => asked, seconds: () => (clock.now().getTime() - startedAt) / 1000 };
}

describe('#68 the first request to a cluster', () => {
  it('is repeated when its connection is lost', async () => {
    const { deps, unsteady, asked } = answering(2);
    await reachCluster(deps, unsteady);
    assert.equal(asked(), 2);
  });

  it('fails when the cluster stays unreachable, after a quarter of a minute', async () => {
    const { deps, unsteady, asked, seconds } = answering(100);
    await assert.rejects(reachCluster(deps, unsteady), ClusterUnreachable);
    assert.deepEqual([asked(), seconds()], [4, 15]);
  });

  it('is repeated for all groups of a cluster together, and asked once when it was answered', async () => {
    const { deps, unsteady, asked } = answering(2);
    const remembered = rememberCluster({ ...deps, cluster: async () => unsteady });
    const cluster = await remembered.cluster('production');
    await reachCluster(deps, cluster);
    await reachCluster(deps, cluster);
    assert.equal(asked(), 2);
  });
});
