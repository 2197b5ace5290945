import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, world } from '../run-upgrade.ts';
import { servingAtDrains, watchedWorld } from './watched-world.ts';

const OLD_NODES = 6;

describe('#9 no node is taken while replacements of others boot', () => {
  for (const [lost, afterSeconds] of [
    [1, 0],
    [2, 0],
    [1, 30],
    [2, 30],
    [3, 30],
    [2, 60],
  ] as const) {
    it(`${lost} lost to Spot ${afterSeconds} s after the last old one went: as many as before serve after each drain has begun`, async () => {
      const sandbox = await watchedWorld(world({ group: { maxSize: 14 } }));
      const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 2, surge: 8 } });
      await sandbox.when(() => sandbox.terminations.length >= OLD_NODES);
      await sandbox.clock.advance(afterSeconds);
      sandbox.interrupt(lost);
      const counts = servingAtDrains(sandbox);
      const ended = await sandbox.end(execution);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.ok(Math.min(...counts, OLD_NODES) >= OLD_NODES, `${counts}`);
      assert.equal(sandbox.group().desiredCapacity, OLD_NODES);
    });
  }
});
