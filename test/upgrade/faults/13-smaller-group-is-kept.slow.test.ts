import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI } from '../run-upgrade.ts';
import { watchedWorld } from './watched-world.ts';

describe('#13 a change of the desired capacity by somebody else is kept, and told', () => {
  for (const change of [-1, -2, 1]) {
    for (const after of [0, 2, 5]) {
      it(`by ${change} after ${after} terminations`, async () => {
        const sandbox = await watchedWorld();
        const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 2 } });
        await sandbox.when(() => sandbox.evictions.length > 0 && sandbox.terminations.length >= after);
        sandbox.autoScalingGroup.desiredCapacity += change;
        sandbox.region.state.autoScaling.wake(sandbox.autoScalingGroup, 'a user request');
        const ended = await sandbox.end(execution);
        assert.equal(ended.status, 'SUCCEEDED', ended.cause);
        assert.equal(sandbox.group().desiredCapacity, 6 + change);
        assert.deepEqual(sandbox.amis(), Array(6 + change).fill(NEW_AMI));
        const told = ended.output.completion.warnings.join('\n');
        assert.ok(new RegExp(`[^\\d]${change > 0 ? '\\+' : '[-−]'}${Math.abs(change)}\\b`).test(told), told);
      });
    }
  }
});
