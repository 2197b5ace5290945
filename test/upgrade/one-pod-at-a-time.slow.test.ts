import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { watchedWorld } from './faults/watched-world.ts';
import { INPUT, NEW_AMI, world } from './run-upgrade.ts';

const NODES = 12;
const START_SECONDS = 20;
const PAY = {
  kind: 'Deployment' as const,
  name: 'pay',
  namespace: 'shop',
  replicas: NODES,
  antiAffinity: 'host' as const,
  startSeconds: START_SECONDS,
  terminationSeconds: 60,
  terminationGracePeriodSeconds: 90,
  budget: { maxUnavailable: 1 },
};

describe('a budget that lets one pod go at a time, with such a pod on every node', () => {
  it('takes the next node when the last pod is healthy elsewhere, not when its node is empty', async () => {
    const sandbox = await watchedWorld(
      world({ group: { desiredCapacity: NODES, minSize: 0, maxSize: NODES }, workloads: [PAY] }),
    );
    const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 4 } });
    const ended = await sandbox.end(execution);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sandbox.amis(), Array(NODES).fill(NEW_AMI));
    const [first, last] = [sandbox.terminations[0], sandbox.terminations.at(-1)].map((one) => one?.at ?? 0) as [
      number,
      number,
    ];
    const perNode = (last - first) / 1000 / (NODES - 1);
    assert.ok(perNode >= START_SECONDS && perNode <= START_SECONDS + 10, `${perNode} s a node`);
    assert.ok(
      sandbox.wire.entries.filter(({ action, status }) => action.endsWith('/eviction') && status === 429).length <=
        NODES,
    );
  });
});
