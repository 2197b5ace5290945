import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, world } from '../run-upgrade.ts';
import { type WatchedWorld, watchedWorld } from './watched-world.ts';

const SURPLUS = { ...INPUT, updateConfig: { surge: 8, maxUnavailable: 2 } };
const OLD_NODES = 6;

/** The last old nodes are gone, more new ones are there than needed, and no pod may leave any more. */
async function surplusKept() {
  const sandbox = await watchedWorld(world({ group: { maxSize: 12 } }));
  const execution = sandbox.start(SURPLUS);
  await sandbox.when(() => sandbox.terminations.length >= OLD_NODES);
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
    const { sandbox, execution } = await surplusKept();
    const ended = await sandbox.end(execution, 2 * 3600);
    assert.equal(ended.error, 'PodEvictionFailure', `${ended.status} ${ended.cause}`);
    assert.match(ended.cause, /shop\/checkout/);
    await sandbox.clock.advance(180);
    assert.deepEqual(unusable(sandbox), []);
    assert.deepEqual(sandbox.group().suspended, []);
    assert.equal(sandbox.lease(), undefined);
  });

  it('does not keep the run from being cancelled', async () => {
    const { sandbox, execution } = await surplusKept();
    await sandbox.clock.advance(300);
    sandbox.order('cancel', 'enough');
    const ended = await sandbox.end(execution, 1200);
    assert.equal(ended.error, 'UpgradeCancelled', `${ended.status} ${ended.cause}`);
    await sandbox.clock.advance(180);
    assert.deepEqual(unusable(sandbox), []);
  });

  it('is emptied by force where the input says so', async () => {
    const held = {
      kind: 'Deployment',
      name: 'api',
      namespace: 'shop',
      replicas: 6,
      spread: 'host',
      budget: { minAvailable: 6 },
    } as const;
    const group = { desiredCapacity: 2, minSize: 1, maxSize: 3, zones: ['eu-west-1a'] };
    const sandbox = await watchedWorld(world({ group, workloads: [held] }));
    const forced = { ...INPUT, force: true, drainTimeoutSeconds: 120, updateConfig: { maxUnavailable: 1, surge: 4 } };
    const ended = await sandbox.end(sandbox.start(forced), 2 * 3600);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(sandbox.group().desiredCapacity, 2);
  });
});
