import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MANAGED, managedWorld } from '../managed-world.ts';
import { watchedWorld } from './watched-world.ts';

const group = { desiredCapacity: 3, minSize: 1, maxSize: 4 };

/** A function that does its work and dies before it can say so, a number of times. */
const dying = (key: string, times: number) => {
  let deaths = 0;
  return (inner: (key: string, payload: never) => Promise<unknown>) => async (called: string, payload: never) => {
    const result = await inner(called, payload);
    if (called !== key || deaths >= times) return result;
    deaths += 1;
    throw Object.assign(new Error('Task timed out after 60.00 seconds'), { name: 'Sandbox.Timedout' });
  };
};

describe('#63 a step that did its work and could not say so', () => {
  it('leaves no Lease when it is the one that takes it, and says truly that nothing was changed', async () => {
    const sandbox = await watchedWorld(managedWorld({ group }), { invoke: dying('acquireLock', 100) as never });
    const before = sandbox.group();
    const ended = await sandbox.end(sandbox.start(MANAGED));
    assert.equal(ended.status, 'FAILED');
    assert.match(ended.cause, /Nothing was changed/);
    assert.equal(sandbox.lease(), undefined);
    assert.deepEqual(sandbox.group(), before);
  });

  for (const times of [1, 3]) {
    it(`is a success when it is the last one, ${times} times in a row`, async () => {
      const sandbox = await watchedWorld(managedWorld({ group }), { invoke: dying('completeUpgrade', times) as never });
      const ended = await sandbox.end(sandbox.start(MANAGED));
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.equal(sandbox.lease(), undefined);
    });
  }

  it('does not speak of another execution when the last one never gets through', async () => {
    const sandbox = await watchedWorld(managedWorld({ group }), { invoke: dying('completeUpgrade', 100) as never });
    const ended = await sandbox.end(sandbox.start(MANAGED));
    assert.equal(ended.status, 'FAILED');
    assert.doesNotMatch(ended.cause, /held by another/);
    assert.match(ended.cause, /3 nodes are on the target and Ready, 0 are outdated/);
    assert.equal(sandbox.lease(), undefined);
  });
});
