import assert from 'node:assert/strict';
import { createStepFunctionsService, type Execution } from 'eks-sandbox/step-functions';
import { describe, it } from 'mocha';
import { LEASE_NAMESPACE } from '../../domain/admission/record.ts';
import { IN_HAND_LABEL } from '../../domain/drain/in-hand.ts';
import { createWorld, endOf, GROUP, INPUT, NEW_AMI, type UpgradeWorld, world } from './run-upgrade.ts';
import { BLOCKING_WORKLOAD } from './workloads.ts';

const ONE = { ...INPUT, updateConfig: { maxUnavailable: 1 } };

const inHand = (sandbox: UpgradeWorld) =>
  sandbox.nodes().filter(({ metadata }) => metadata.labels?.[IN_HAND_LABEL] !== undefined);
const changed = (sandbox: UpgradeWorld) =>
  sandbox
    .nodes()
    .filter(({ metadata }) => /eks-nodegroup-upgrade/.test(JSON.stringify([metadata.labels, metadata.annotations])))
    .map(({ metadata }) => metadata.name);
const leaseOf = (sandbox: UpgradeWorld) =>
  (sandbox.stores.get('shop')?.list('leases') ?? []).find(
    ({ metadata }) => metadata.namespace === LEASE_NAMESPACE && metadata.name === GROUP,
  ) as { spec?: { holderIdentity?: string } } | undefined;
const outdated = (sandbox: UpgradeWorld) => sandbox.amis().filter((ami) => ami !== NEW_AMI).length;

async function stop({ stepFunctions, region }: UpgradeWorld, { arn }: Execution): Promise<void> {
  const caller = { caller: 'AKIAOPERATOR', region: 'eu-west-1', accountId: region.state.scenario.accountId };
  await createStepFunctionsService(stepFunctions).dispatch('StopExecution', { executionArn: arn }, caller);
}

describe('a run that is stopped in mid-drain', () => {
  it('finishes the node in hand, begins no other one, and is tidied after by the janitor', async () => {
    const sandbox = await createWorld();
    const execution = sandbox.start(ONE, 'monday');
    await sandbox.clock.runUntil(() => inHand(sandbox).length > 0, 3600);
    const [node] = inHand(sandbox);
    await stop(sandbox, execution);
    await sandbox.clock.advance(1500);
    assert.equal(outdated(sandbox), 5);
    assert.ok(!sandbox.nodes().some(({ metadata }) => metadata.uid === node?.metadata.uid), 'it was replaced');
    assert.deepEqual(changed(sandbox), []);
    assert.deepEqual(sandbox.group().suspended, []);
    assert.equal(leaseOf(sandbox)?.spec?.holderIdentity, '');
  });

  it('is adopted by a run that is started at once, and nothing is left at its end', async () => {
    const sandbox = await createWorld();
    const execution = sandbox.start(ONE, 'monday');
    await sandbox.clock.runUntil(() => inHand(sandbox).length > 0, 3600);
    await stop(sandbox, execution);
    const ended = await sandbox.upgrade(ONE, 'tuesday');
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(ended.output.lock.status, 'takenOver');
    assert.equal(ended.output.lock.adopted.length, 1);
    await sandbox.clock.advance(600);
    assert.deepEqual([outdated(sandbox), changed(sandbox), leaseOf(sandbox)], [0, [], undefined]);
    const { tags, ...sizes } = sandbox.group();
    assert.deepEqual(sizes, { minSize: 3, maxSize: 7, desiredCapacity: 6, suspended: [] });
    assert.deepEqual(
      Object.keys(tags).filter((key) => key.startsWith('eks-nodegroup-upgrade')),
      [],
    );
  });
});

describe('a run of named nodes', () => {
  it('upgrades those, leaves the others as they are, and says so', async () => {
    const sandbox = await createWorld();
    const [first, second] = sandbox.nodes();
    const names = [first?.metadata.name ?? '', second?.spec?.providerID?.split('/').at(-1) ?? ''];
    const ended = await sandbox.upgrade({ ...ONE, nodes: names });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(outdated(sandbox), 4);
    assert.match(ended.output.completion.summary, /^2 named nodes of shop-workers replaced/);
    await sandbox.clock.advance(300);
    assert.deepEqual(changed(sandbox), []);
    const again = await sandbox.upgrade({ ...ONE, nodes: names.slice(1) }, 'again');
    assert.equal(again.output.plan.status, 'nothingToDo', 'the group has had it, as its activities tell');
  });

  it('is refused in one sentence when the group never had them, and nothing is touched', async () => {
    const sandbox = await createWorld();
    const { error, cause } = await sandbox.upgrade({ ...ONE, nodes: ['i-0123456789abcdef0'] });
    assert.equal(error, 'InvalidInput');
    assert.match(
      cause,
      /^"nodes" names i-0123456789abcdef0, but shop-workers has no such node: .*Nothing was changed\.$/,
    );
  });
});

describe('a run that fails because of a blocked node', () => {
  it('leaves it cordoned where the input says so, until the next run', async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const ended = await sandbox.upgrade({ ...ONE, drainTimeoutSeconds: 120, blockedNodes: 'leaveCordoned' }, 'monday');
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(ended.cause, /1 blocked node stays cordoned, as "blockedNodes" says/);
    const cordoned = () => sandbox.nodes().filter(({ spec }) => spec?.unschedulable === true).length;
    await sandbox.clock.advance(1200);
    assert.equal(cordoned(), 1, 'the janitor leaves it as well');
    const again = await sandbox.upgrade({ ...ONE, drainTimeoutSeconds: 120 }, 'tuesday');
    assert.equal(endOf(again.execution).error, 'PodEvictionFailure');
    assert.deepEqual([cordoned(), changed(sandbox)], [0, []]);
  });
});
