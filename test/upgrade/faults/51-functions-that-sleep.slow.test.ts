import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { traces } from './as-it-was.ts';
import { undrained, watchedWorld } from './watched-world.ts';

/** Almost three minutes, as it takes Lambda at worst. */
const WAKES = { kind: 'functionAsleep', wakesAfterSeconds: 170 } as const;

describe('#51 functions in a VPC that nobody has called for two weeks wake up in the run', () => {
  for (const error of [
    'Lambda.ResourceNotReadyException',
    'Lambda.ENINotReadyException',
    'Lambda.ResourceConflictException',
    'Lambda.EC2ThrottledException',
  ] as const) {
    it(`${error}, of every function: the run ends upgraded`, async () => {
      const sandbox = await watchedWorld(world({ scenario: { faults: [{ ...WAKES, error }] } }));
      const before = traces(sandbox);
      const ended = await sandbox.end(sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 2 } }));
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(sandbox.amis(), Array(6).fill(NEW_AMI));
      assert.deepEqual(undrained(sandbox), []);
      assert.deepEqual(traces(sandbox), before);
    });
  }

  it('the recovery too, which nearly always sleeps: nothing is left of a run that fails', async () => {
    const faults = [{ ...WAKES, function: 'recoverFromFailure' }];
    const sandbox = await watchedWorld(world({ newImage: { boots: 'never-joins' }, scenario: { faults } }));
    const before = traces(sandbox);
    const ended = await sandbox.upgrade({ ...INPUT, nodeReadyTimeoutSeconds: 120 });
    assert.equal(ended.error, 'NodeCreationFailure', ended.cause);
    await sandbox.clock.advance(300);
    assert.deepEqual(traces(sandbox), before);
  });
});
