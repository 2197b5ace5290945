import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, OLD_AMI } from '../run-upgrade.ts';
import { type WatchedWorld, watchedWorld } from './watched-world.ts';

const TWO = { ...INPUT, updateConfig: { maxUnavailable: 2 } };

/**
 * More new nodes than needed, each with pods of which none may leave: the last old nodes were lost to Spot, and replaced,
 * before they could be terminated with a decrement.
 */
async function surplusKept(input: object) {
  const sandbox = await watchedWorld();
  const execution = sandbox.start(input);
  await sandbox.when(() => sandbox.terminations.length >= 2);
  sandbox.interruptAll(OLD_AMI);
  sandbox.store.change('poddisruptionbudgets', 'shop', 'checkout', (budget) => ({
    ...budget,
    spec: { ...budget.spec, maxUnavailable: 0 },
  }));
  return { sandbox, execution };
}

/** Nodes that somebody could not use although the run is over. */
const unusable = (sandbox: WatchedWorld) =>
  sandbox.nodes().filter(({ spec }) => spec?.unschedulable === true || (spec?.taints ?? []).length > 0);

describe('#8 a surplus node that a budget keeps is a blocked node like any other', () => {
  it('ends the run in the time of a drain, and the pod is named', async () => {
    const { sandbox, execution } = await surplusKept({ ...TWO, drainTimeoutSeconds: 300 });
    const ended = await sandbox.end(execution, 2 * 3600);
    assert.equal(ended.error, 'PodEvictionFailure', `${ended.status} ${ended.cause}`);
    assert.match(ended.cause, /shop\/checkout/);
    await sandbox.clock.advance(180);
    assert.deepEqual(unusable(sandbox), []);
    assert.deepEqual(sandbox.group().suspended, []);
    assert.equal(sandbox.lockHolder(), '');
  });

  it('does not keep the run from being cancelled', async () => {
    const { sandbox, execution } = await surplusKept({ ...TWO, drainTimeoutSeconds: 300 });
    await sandbox.clock.advance(300);
    sandbox.order('cancel', 'enough');
    const ended = await sandbox.end(execution, 1200);
    assert.equal(ended.error, 'UpgradeCancelled', `${ended.status} ${ended.cause}`);
    await sandbox.clock.advance(180);
    assert.deepEqual(unusable(sandbox), []);
  });

  it('is emptied by force where the input says so', async () => {
    const { sandbox, execution } = await surplusKept({ ...TWO, force: true, drainTimeoutSeconds: 120 });
    const ended = await sandbox.end(execution, 2 * 3600);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(sandbox.group().desiredCapacity, 6);
  });
});
