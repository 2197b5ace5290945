import assert from 'node:assert/strict';
import type { Execution } from 'eks-sandbox/step-functions';
import { describe, it } from 'mocha';
import { tidyEndedRuns } from '../../operations/clean-up/janitor.ts';
import {
  assertUpgraded,
  JANITOR,
  outdated,
  recordIn,
  stopExecution,
  unclean,
  untilBegun,
  untilEnded,
} from './left-behind.ts';
import { MANAGED, managedWorld } from './managed-world.ts';
import {
  awsCalls,
  createWorld,
  GROUP,
  INPUT,
  kubernetesCalls,
  NEW_AMI,
  type UpgradeWorld,
  world,
} from './run-upgrade.ts';

const TWO = { ...INPUT, updateConfig: { maxUnavailable: 2 } };

/** What EventBridge tells of an execution. */
const eventOf = ({ arn, input }: Execution, status: string) => ({
  detail: { executionArn: arn, status, input: input.text },
});

/** What the janitor works with when a test calls it: time passes while it waits. */
const besides = ({ deps, clock }: UpgradeWorld) => ({ ...deps, clock: { ...deps.clock, sleep: clock.advance } });

/** Writes of the janitor, which here runs beside the state machines. */
const writesSince = (sandbox: UpgradeWorld, index: number) =>
  sandbox.wire.entries
    .slice(index)
    .map(({ action }) => action)
    .filter(
      (action) =>
        /^(PUT|POST|PATCH|DELETE) .*\/(leases|nodes)/.test(action) ||
        /^(Set|Update|Delete|Create|Resume|Terminate)/.test(action),
    );

describe('the janitor and a run that is alive', () => {
  for (const status of ['RUNNING', 'PENDING_REDRIVE', 'ABORTED']) {
    it(`touches nothing when an event says ${status} of it`, async () => {
      const sandbox = await createWorld(world(), JANITOR.never);
      const execution = sandbox.start(TWO, 'monday');
      await untilBegun(sandbox, 1);
      const before = sandbox.wire.entries.length;
      const { groups } = await tidyEndedRuns(besides(sandbox), eventOf(execution, status));
      assert.deepEqual(
        groups,
        status === 'ABORTED'
          ? [{ autoScalingGroupName: GROUP, outcome: { status: 'held', holder: execution.arn } }]
          : [],
      );
      assert.equal(recordIn(sandbox)?.holder, execution.arn);
      if (status !== 'ABORTED') assert.deepEqual(writesSince(sandbox, before), []);
      await untilEnded(sandbox, execution);
      assert.equal(execution.status, 'SUCCEEDED', execution.cause);
      await sandbox.clock.advance(300);
      assertUpgraded(sandbox);
    });
  }

  it('leaves a run alone that was stopped and redriven before the event of its end came', async () => {
    const sandbox = await createWorld(world(), JANITOR.never);
    const execution = sandbox.start(TWO, 'monday');
    await untilBegun(sandbox, 1);
    const event = eventOf(execution, 'ABORTED');
    await stopExecution(sandbox, execution);
    sandbox.stepFunctions.redrive(execution);
    const { groups } = await tidyEndedRuns(besides(sandbox), event);
    assert.equal(groups[0]?.outcome.status, 'held');
    await untilEnded(sandbox, execution);
    assert.equal(execution.status, 'SUCCEEDED', execution.cause);
    await sandbox.clock.advance(300);
    assertUpgraded(sandbox);
  });
});

describe('after a success', () => {
  it('no Lease stays for ever, though a termination hook keeps instances for an hour', async () => {
    const sandbox = await createWorld(world({ group: { terminationHookSeconds: 3600 } }));
    const ended = await sandbox.upgrade(TWO);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.ok(sandbox.terminating().length > 0);
    assert.equal(recordIn(sandbox), undefined);
    await sandbox.clock.advance(2 * 3600);
    assertUpgraded(sandbox);
  });
});

describe('the janitor and an update by EKS', () => {
  it('tidies the Lease of a run that was stopped, and nothing else: EKS goes on', async () => {
    const sandbox = await createWorld(managedWorld());
    const execution = sandbox.start(MANAGED, 'monday');
    await sandbox.clock.advance(150);
    assert.equal(recordIn(sandbox)?.holder, execution.arn);
    const before = sandbox.wire.entries.length;
    await stopExecution(sandbox, execution);
    await sandbox.clock.advance(60);
    assert.equal(recordIn(sandbox), undefined);
    const ours = sandbox.wire.entries
      .slice(before)
      .filter(({ request }) => !/eks-node-manager/.test(request.headers.authorization ?? ''));
    const writes = kubernetesCalls(ours, /^(PUT|POST|PATCH|DELETE) \/api\/v1\/nodes\//);
    assert.deepEqual(writes, []);
    assert.deepEqual(awsCalls(ours, 'UpdateAutoScalingGroup'), []);
    await sandbox.clock.advance(3 * 3600);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  });
});

const SECOND = 'shop-batch';

/** The usual world with a second group like the first. */
function twoGroups() {
  const scenario = world();
  const clusters = scenario.clusters.map((cluster) => ({
    ...cluster,
    groups: cluster.groups.flatMap((group) => [group, { ...group, name: SECOND }]),
  }));
  return { ...scenario, clusters };
}

describe('two runs', () => {
  it('of two groups of one cluster at the same time do not disturb each other', async () => {
    const sandbox = await createWorld(twoGroups());
    const runs = [sandbox.start(TWO, 'one'), sandbox.start({ ...TWO, autoScalingGroupName: SECOND }, 'two')];
    await untilEnded(sandbox, ...runs);
    for (const run of runs) assert.equal(run.status, 'SUCCEEDED', run.cause);
    await sandbox.clock.advance(300);
    assertUpgraded(sandbox);
    const other = sandbox.region.state.autoScaling.groups.get(SECOND);
    assert.deepEqual([other?.desiredCapacity, other?.minSize, other?.maxSize], [6, 3, 7]);
    assert.ok([...(other?.members.values() ?? [])].every(({ instance }) => instance.image.id === NEW_AMI));
    assert.equal(recordIn(sandbox, SECOND), undefined);
  });

  it('of which one is stopped: only its group is tidied', async () => {
    const sandbox = await createWorld(twoGroups());
    const [one, two] = [sandbox.start(TWO, 'one'), sandbox.start({ ...TWO, autoScalingGroupName: SECOND }, 'two')];
    await untilBegun(sandbox, 2);
    await stopExecution(sandbox, one);
    await untilEnded(sandbox, two);
    assert.equal(two.status, 'SUCCEEDED', two.cause);
    await sandbox.clock.advance(900);
    assert.deepEqual([unclean(sandbox), recordIn(sandbox)?.holder], [[], undefined]);
    assert.ok(outdated(sandbox) > 0);
  });
});
