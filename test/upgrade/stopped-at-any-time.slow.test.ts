import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { assertUpgraded, drainsBegun, inHand, JANITOR, recordIn, stopExecution, unclean } from './left-behind.ts';
import { createWorld, INPUT, world } from './run-upgrade.ts';

/** Longer than a drain, so that the janitor has come back after the last node in hand. */
const UNTIL_TIDY_SECONDS = 1800;
const FIRST_SECONDS = 5;
const LAST_SECONDS = 560;
const EVERY_SECONDS = 37;

const instants = Array.from(
  { length: Math.ceil((LAST_SECONDS - FIRST_SECONDS) / EVERY_SECONDS) },
  (_, index) => FIRST_SECONDS + index * EVERY_SECONDS,
);

describe('a run that is stopped at any time', () => {
  for (const updateStrategy of ['DEFAULT', 'MINIMAL'] as const) {
    for (const seconds of instants) {
      const input = { ...INPUT, updateConfig: { maxUnavailable: 2, updateStrategy } };

      it(`is tidied after, and finished by the next run (${updateStrategy}, after ${seconds} s)`, async () => {
        const sandbox = await createWorld(world(), JANITOR.always);
        const execution = sandbox.start(input, 'monday');
        await sandbox.clock.advance(seconds);
        await stopExecution(sandbox, execution);
        await sandbox.clock.advance(15);
        const begun = drainsBegun(sandbox);
        await sandbox.clock.advance(UNTIL_TIDY_SECONDS);
        assert.deepEqual(drainsBegun(sandbox), begun);
        const { suspended } = sandbox.group();
        assert.deepEqual([unclean(sandbox), suspended, inHand(sandbox)], [[], [], []]);
        assert.equal(recordIn(sandbox)?.holder, undefined);
        const ended = await sandbox.upgrade(input, 'tuesday');
        assert.equal(ended.status, 'SUCCEEDED', ended.cause);
        await sandbox.clock.advance(300);
        assertUpgraded(sandbox);
      });

      it(`is finished by a run that begins at once (${updateStrategy}, after ${seconds} s)`, async () => {
        const sandbox = await createWorld(world(), JANITOR.always);
        const execution = sandbox.start(input, 'monday');
        await sandbox.clock.advance(seconds);
        await stopExecution(sandbox, execution);
        const ended = await sandbox.upgrade(input, 'tuesday');
        assert.equal(ended.status, 'SUCCEEDED', ended.cause);
        await sandbox.clock.advance(300);
        assertUpgraded(sandbox);
      });
    }
  }
});
