import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { programOf } from '../cli/sandbox-program.ts';
import { assertUpgraded, drainsBegun, inHand, JANITOR, untilBegun, untilEnded } from './left-behind.ts';
import { createWorld, INPUT, type UpgradeWorld, world } from './run-upgrade.ts';

const TWO = { ...INPUT, updateConfig: { maxUnavailable: 2 } };

const tainted = (sandbox: UpgradeWorld) =>
  sandbox
    .nodes()
    .filter(({ spec }) => spec?.taints?.some(({ key }) => key === 'eks.amazonaws.com/nodegroup'))
    .map(({ metadata }) => metadata.name);

describe('pause', () => {
  it('#27 of 38 hours costs few events of the history, lifts the taint from waiting nodes after half an hour, and puts it back', async () => {
    const sandbox = await createWorld(world(), JANITOR.never);
    const execution = sandbox.start(TWO, 'monday');
    await untilBegun(sandbox, 2);
    const program = programOf(sandbox);
    await program('pause');
    await sandbox.clock.advance(1500);
    const busy = new Set(inHand(sandbox).map(({ metadata }) => metadata.name));
    assert.equal(busy.size, 0);
    assert.ok(tainted(sandbox).length > 0, 'for half an hour the taint stays');
    await sandbox.clock.advance(1500);
    assert.deepEqual(tainted(sandbox), [], 'the nodes can be used meanwhile');
    const before = execution.history.length;
    await sandbox.clock.advance(37 * 3600);
    assert.ok(execution.history.length - before < 2500, `${execution.history.length - before} events`);
    await program('resume');
    const begun = drainsBegun(sandbox).length;
    await sandbox.clock.runUntil(() => drainsBegun(sandbox).length > begun, 3600);
    assert.ok(tainted(sandbox).length > 1, 'nodes that wait have their taint again');
    await untilEnded(sandbox, execution);
    assert.equal(execution.status, 'SUCCEEDED', execution.cause);
    await sandbox.clock.advance(300);
    assertUpgraded(sandbox);
  });
});
