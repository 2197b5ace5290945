import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, OLD_AMI, world } from '../run-upgrade.ts';
import { traces } from './as-it-was.ts';
import { undrained, watchedWorld } from './watched-world.ts';

/** Zones that have no capacity until then. */
const noCapacity = (zones: readonly string[], untilSeconds?: number) =>
  zones.map((zone) => ({
    kind: 'insufficientCapacity' as const,
    zone: `eu-west-1${zone}`,
    ...(untilSeconds !== undefined && { untilSeconds }),
  }));
/** What Cluster Autoscaler does when instances do not come: it gives up on them. */
const lowered = (atSeconds: number, change: number) => ({
  kind: 'setDesiredCapacity' as const,
  group: 'shop-workers',
  atSeconds,
  change,
});
const EVERYWHERE = ['a', 'b', 'c'];

describe('#21 surge that an autoscaler takes back while it waits for capacity is asked for again', () => {
  for (const [title, faults] of [
    ['all of it, before capacity comes', [...noCapacity(EVERYWHERE, 600), lowered(200, -6)]],
    ['twice', [...noCapacity(EVERYWHERE, 900), lowered(200, -6), lowered(600, -6)]],
  ] as const) {
    it(`${title}: the run goes on when there is capacity, and ends upgraded`, async () => {
      const sandbox = await watchedWorld(world({ scenario: { faults: [...faults] } }));
      const before = traces(sandbox);
      const ended = await sandbox.end(sandbox.start({ ...INPUT, updateConfig: { surge: 6 } }));
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(sandbox.amis(), Array(6).fill(NEW_AMI));
      await sandbox.clock.advance(300);
      assert.deepEqual(traces(sandbox), before);
      assert.deepEqual(undrained(sandbox), []);
    });
  }

  it('again and again: the run ends, says who takes it, and leaves the group as it was', async () => {
    const sandbox = await watchedWorld(world({ scenario: { faults: noCapacity(EVERYWHERE) } }));
    const before = traces(sandbox);
    const { autoScalingGroup: group, region } = sandbox;
    const execution = sandbox.start({ ...INPUT, updateConfig: { surge: 6 } });
    const tick = () => {
      if (execution.status !== 'RUNNING') return;
      group.desiredCapacity = Math.min(group.desiredCapacity, 6);
      region.state.autoScaling.wake(group, 'a user request');
      sandbox.clock.after(120, tick);
    };
    sandbox.clock.after(120, tick);
    const ended = await sandbox.end(execution);
    assert.equal(ended.error, 'NotConverging', ended.cause);
    assert.match(
      ended.cause,
      /the surge was added 3 times and is gone again: somebody else lowers the desired capacity/,
    );
    await sandbox.clock.advance(300);
    assert.deepEqual(traces(sandbox), before);
    assert.deepEqual(sandbox.amis(), Array(6).fill(OLD_AMI));
  });

  it('a cut that removes an instance while new nodes boot is the owner’s: it is kept', async () => {
    const sandbox = await watchedWorld();
    const execution = sandbox.start({ ...INPUT, updateConfig: { surge: 6 } });
    await sandbox.when(() => sandbox.amis().length === 12);
    await sandbox.clock.advance(30);
    sandbox.autoScalingGroup.desiredCapacity -= 2;
    sandbox.region.state.autoScaling.wake(sandbox.autoScalingGroup, 'a user request');
    const ended = await sandbox.end(execution);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(sandbox.group().desiredCapacity, 4);
    assert.deepEqual(sandbox.amis(), Array(4).fill(NEW_AMI));
  });
});
