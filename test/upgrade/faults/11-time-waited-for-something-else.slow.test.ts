import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { NEW_AMI } from '../run-upgrade.ts';
import { MINIMAL, watchedWorld } from './watched-world.ts';

describe('#11 the time for a new node counts from when it is awaited', () => {
  it('not from when the last node was taken: one that takes longer does not fail the run', async () => {
    const sandbox = await watchedWorld();
    const ended = await sandbox.end(sandbox.start({ ...MINIMAL, cordonWaitSeconds: 1000 }), 86_400);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  });

  it('not from before a pause: a node lost shortly before its end has its time', async () => {
    const sandbox = await watchedWorld();
    const execution = sandbox.start(MINIMAL);
    await sandbox.when(() => sandbox.terminations.length >= 2);
    sandbox.order('pause', 'lunch');
    await sandbox.clock.advance(1200);
    sandbox.interrupt(1);
    await sandbox.clock.advance(30);
    sandbox.order('pause', undefined);
    const ended = await sandbox.end(execution);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  });
});
