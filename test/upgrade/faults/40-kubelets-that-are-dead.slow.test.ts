import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { buildReport } from '../../../report/read/read.ts';
import { upgradeHistory } from '../histories.ts';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { watchedWorld } from './watched-world.ts';

const workloads = [
  { kind: 'Deployment', name: 'api', namespace: 'shop', replicas: 6, spread: 'host' },
  { kind: 'StatefulSet', name: 'db', namespace: 'shop', replicas: 6, spread: 'host', volumeClaim: true },
] as const;
const faults = [{ kind: 'nodeNotReady', group: 'shop-workers', atSeconds: 0, nodes: 1 }] as const;

describe('#40 a node whose kubelet is dead', () => {
  it('does not block: pods that have outlasted their grace period count as gone, and are named', async () => {
    const sandbox = await watchedWorld(world({ workloads: [...workloads], scenario: { faults: [...faults] } }));
    await sandbox.clock.advance(30);
    const startedAt = sandbox.clock.now();
    const ended = await sandbox.end(sandbox.start(INPUT));
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    const minutes = (sandbox.clock.now() - startedAt) / 60_000;
    assert.ok(minutes < 30, `${minutes} minutes`);
    const { nodes } = buildReport(upgradeHistory(sandbox.stepFunctions, ended.execution));
    const presumed = nodes.filter(({ presumedGone }) => presumedGone !== undefined);
    assert.equal(presumed.length, 1);
    const { presumedGone = [] } = presumed[0] ?? {};
    assert.ok(
      presumedGone.some((name) => name.startsWith('shop/db-')),
      presumedGone.join(),
    );
    const terminated = sandbox.terminations.filter(({ pods }) => pods.length > 0);
    assert.equal(terminated.length, 1, 'no other node is terminated with pods on it');
    assert.deepEqual(terminated[0]?.pods.map((name) => `shop/${name}`).sort(), [...presumedGone]);
    const events = sandbox.store.list('events').map((event) => event as { reason?: string; message?: string });
    const told = events.find(({ reason }) => reason === 'NodeUpgradePodsPresumedGone');
    assert.match(told?.message ?? '', /shop\/db-/);
  });
});
