import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createClusterWorld, fleet, group, renewed } from './run-cluster.ts';
import { NEW_AMI } from './run-upgrade.ts';

const outcomes = (completion: { nodegroups: readonly { name: string; outcome: string }[] } | undefined) =>
  (completion?.nodegroups ?? []).map(({ name, outcome }) => `${name} ${outcome}`);

describe('a whole cluster: all groups', () => {
  it('upgrades every outdated group in an execution of its own, one after another by name', async () => {
    const world = await createClusterWorld(fleet([group('web'), group('batch'), renewed('gpu')]));
    const { status, completion, plan } = await world.upgrade();
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(outcomes(completion), ['batch upgraded', 'gpu onTarget', 'web upgraded']);
    assert.deepEqual(world.started(), ['batch', 'web']);
    for (const name of ['web', 'batch']) assert.deepEqual(world.amis(name), [NEW_AMI, NEW_AMI], name);
    const [first, second] = world.groupExecutions();
    assert.ok((first?.stoppedAt ?? Infinity) <= (second?.startedAt ?? 0), 'one after another');
    assert.match(plan.summary, /^2 of 3 node groups of shop are outdated, with 4 nodes, about \d+ minutes$/);
    assert.equal(completion?.summary, '3 node groups of shop: 2 upgraded, 1 on the target already');
  });
});
