import assert from 'node:assert/strict';
import { ADMIN_TOKEN, createSandbox } from '../../../sandbox.ts';
import { scenarioSchema } from '../../../world/scenario.ts';
import { createVirtualClock } from '../../../world/virtual-clock.ts';

const group = { zones: ['eu-west-1a'], minSize: 0, maxSize: 0, desiredCapacity: 0, amiId: 'ami-0aaaaaaaaaaaaaaaa' };

describe('a late or odd answer of one cluster', () => {
  it('leaves the other clusters of the region alone', async () => {
    const scenario = scenarioSchema.parse({
      images: [{ id: group.amiId, name: 'old' }],
      clusters: ['one', 'two'].map((name) => ({ name, groups: [{ ...group, name: `workers-${name}` }] })),
      faults: [{ kind: 'denied', status: 401, cluster: 'one' }],
    });
    const { kubernetes } = createSandbox({ scenario, clock: createVirtualClock(Date.parse(scenario.startsAt)) });
    const statusIn = async (cluster: string) => {
      const answer = await kubernetes.get(cluster)?.({
        method: 'GET',
        path: '/api/v1/nodes',
        query: new URLSearchParams(),
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
        body: '',
      });
      return answer?.status;
    };
    assert.deepEqual([await statusIn('one'), await statusIn('two')], [401, 200]);
  });
});
