import assert from 'node:assert/strict';
import type { Execution } from 'eks-sandbox/step-functions';
import { describe, it } from 'mocha';
import type { ClusterCompletion } from '../../domain/cluster/cluster.ts';
import { ALL, blockingWorkload, type ClusterWorld, createClusterWorld, fleet, group, renewed } from './run-cluster.ts';
import { CLUSTER, kubernetesCalls, NEW_AMI, OLD_AMI } from './run-upgrade.ts';

const outcomes = (completion: ClusterCompletion | undefined): string[] =>
  (completion?.nodegroups ?? []).map(({ name, outcome }) => `${name} ${outcome}`);

const isNew = (world: ClusterWorld, name: string): boolean => world.amis(name).every((ami) => ami === NEW_AMI);

/** Most executions of groups that ran at the same time. */
const mostAtOnce = (executions: readonly Execution[]): number =>
  Math.max(
    ...executions.map(
      ({ startedAt }) =>
        executions.filter((other) => other.startedAt <= startedAt && (other.stoppedAt ?? Infinity) > startedAt).length,
    ),
  );

/** Enough time for a drain that is blocked to give up. */
const IMPATIENT = { drainTimeoutSeconds: 60 };

describe('a whole cluster: which groups', () => {
  it('upgrades every outdated one in an execution of its own, one after another by name', async () => {
    const world = await createClusterWorld(fleet([group('web'), group('batch'), renewed('gpu')]));
    const { status, completion, plan } = await world.upgrade();
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(outcomes(completion), ['batch upgraded', 'gpu onTarget', 'web upgraded']);
    assert.deepEqual(world.started(), ['batch', 'web']);
    assert.ok(isNew(world, 'web') && isNew(world, 'batch'));
    assert.equal(mostAtOnce(world.groupExecutions()), 1);
    assert.match(plan.summary, /^2 of 3 node groups of shop are outdated, with 4 nodes, about \d+ minutes$/);
    assert.equal(completion?.summary, '3 node groups of shop: 2 upgraded, 1 on the target already');
  });

  it('upgrades those of a list, in its order, and no other', async () => {
    const world = await createClusterWorld(fleet([group('a'), group('b'), group('c')]));
    const { completion } = await world.upgrade({ ...ALL, nodegroups: ['c', 'a'] });
    assert.deepEqual(outcomes(completion), ['c upgraded', 'a upgraded']);
    assert.ok(!isNew(world, 'b'));
  });

  it('accepts an Auto Scaling group by name although it has no tag of the cluster', async () => {
    const tags = { [`kubernetes.io/cluster/${CLUSTER}`]: 'other' };
    const world = await createClusterWorld(fleet([group('tagged'), group('bare', { tags })]));
    assert.deepEqual(outcomes((await world.upgrade()).completion), ['tagged upgraded']);
    assert.deepEqual(outcomes((await world.upgrade({ ...ALL, nodegroups: ['bare'] })).completion), ['bare upgraded']);
  });

  it('upgrades as many at a time as maxParallelNodegroups allows', async () => {
    const world = await createClusterWorld(fleet(['a', 'b', 'c', 'd', 'e'].map((name) => group(name))));
    const { status } = await world.upgrade({ ...ALL, maxParallelNodegroups: 2 });
    assert.equal(status, 'SUCCEEDED');
    assert.equal(mostAtOnce(world.groupExecutions()), 2);
    assert.equal(world.groupExecutions().length, 5);
  });

  it('ends with its plan when nothing is outdated, and starts nothing', async () => {
    const world = await createClusterWorld(fleet([renewed('a'), renewed('b')]));
    const { status, plan, completion } = await world.upgrade();
    assert.equal(status, 'SUCCEEDED');
    assert.equal(plan.status, 'nothingToDo');
    assert.equal(plan.summary, 'all 2 node groups of shop run the target already: nothing was changed');
    assert.equal(completion, undefined);
    assert.deepEqual(world.started(), []);
  });

  it('ends with its plan when there is no group at all', async () => {
    const world = await createClusterWorld(fleet([], { workloads: [] }));
    const { status, plan } = await world.upgrade();
    assert.equal(status, 'SUCCEEDED');
    assert.equal(plan.summary, 'shop has no node group to upgrade: nothing was changed');
  });

  it('only plans in a dry run, and names the pods that would block a drain', async () => {
    const world = await createClusterWorld(fleet([group('a'), renewed('b')], { workloads: [blockingWorkload('a')] }));
    const { status, plan } = await world.upgrade({ ...ALL, dryRun: true });
    assert.equal(status, 'SUCCEEDED');
    assert.equal(plan.isDryRun, true);
    const [first, second] = plan.groups;
    assert.deepEqual(first?.nodes, { total: 2, outdated: 2 });
    assert.equal(first?.currentAmiId, OLD_AMI);
    assert.deepEqual(first?.target, { amiId: NEW_AMI, releaseVersion: '1.33.5-20251229' });
    assert.ok((first?.blockingPodCount ?? 0) >= 2 && first?.blockingPods[0]?.budget === 'shop/a-strict');
    assert.equal(second?.status, 'onTarget');
    assert.deepEqual(world.started(), []);
  });
});

describe('a whole cluster: failures', () => {
  const three = () => fleet([group('a'), group('b'), group('c')], { workloads: [blockingWorkload('b')] });

  it('starts no other group after the first that fails, and fails with its error and the end of each', async () => {
    const world = await createClusterWorld(three());
    const { status, error, cause, completion } = await world.upgrade({ ...ALL, ...IMPATIENT });
    assert.equal(status, 'FAILED');
    assert.equal(error, 'PodEvictionFailure');
    assert.deepEqual(outcomes(completion), ['a upgraded', 'b failed', 'c notStarted']);
    assert.match(
      cause,
      /^3 node groups of shop: 1 upgraded, 1 failed, 1 not started\. b: failed \(PodEvictionFailure: .*shop\/b-strict/,
    );
    assert.match(cause, /a: upgraded\. c: not started \(a group before it failed\)\. To continue, start/);
    assert.ok(isNew(world, 'a') && !isNew(world, 'c'));
  });

  it('goes on with the others when asked to, and still fails', async () => {
    const world = await createClusterWorld(three());
    const { error, completion } = await world.upgrade({ ...ALL, ...IMPATIENT, onNodegroupFailure: 'continue' });
    assert.equal(error, 'PodEvictionFailure');
    assert.deepEqual(outcomes(completion), ['a upgraded', 'b failed', 'c upgraded']);
  });

  it('lets groups that were started beside a failed one finish', async () => {
    const world = await createClusterWorld(three());
    const { completion } = await world.upgrade({ ...ALL, ...IMPATIENT, maxParallelNodegroups: 3 });
    assert.deepEqual(outcomes(completion), ['a upgraded', 'b failed', 'c upgraded']);
  });

  it('continues when it is started again, and leaves groups on the target alone', async () => {
    const world = await createClusterWorld(three());
    await world.upgrade({ ...ALL, ...IMPATIENT });
    const { status, completion } = await world.upgrade({ ...ALL, ...IMPATIENT, force: true });
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(outcomes(completion), ['a onTarget', 'b upgraded', 'c upgraded']);
  });

  it('fails a group that somebody else is upgrading', async () => {
    const world = await createClusterWorld(fleet([group('a')]));
    const [machine] = world.stepFunctions.machines;
    assert.ok(machine);
    const input = { clusterName: CLUSTER, autoScalingGroupName: 'a' };
    const theirs = world.stepFunctions.start(machine, { value: input, text: JSON.stringify(input) }, 'theirs');
    await world.clock.runUntil(() => theirs.history.length > 20, 600);
    const { error, completion } = await world.upgrade();
    assert.equal(error, 'UpgradeInProgress');
    assert.match(completion?.nodegroups[0]?.reason ?? '', /theirs/);
    await world.ended(theirs);
    assert.equal(theirs.status, 'SUCCEEDED', 'the other run is not disturbed');
  });

  it('calls a group cancelled whose execution somebody stopped', async () => {
    const world = await createClusterWorld(fleet([group('a'), group('b')]));
    const run = world.start();
    await world.clock.runUntil(() => world.groupExecutions().length === 1, 600);
    world.stepFunctions.stop(world.groupExecutions()[0] as Execution, { cause: 'wrong night' });
    const { error, completion } = await world.ended(run);
    assert.equal(error, 'UpgradeCancelled');
    assert.match(completion?.nodegroups[0]?.reason ?? '', /stopped \(wrong night\)/);
    assert.deepEqual(outcomes(completion), ['a failed', 'b notStarted']);
  });

  it('stops the executions of its groups when it is stopped, and the next run cleans up what they left', async () => {
    const world = await createClusterWorld(fleet([group('a'), group('b')]));
    const run = world.start({ ...ALL, maxParallelNodegroups: 2 });
    await world.clock.runUntil(() => world.groupExecutions().some(({ history }) => history.length > 60), 3600);
    world.stepFunctions.stop(run, { cause: 'enough' });
    assert.deepEqual(
      world.groupExecutions().map(({ status }) => status),
      ['ABORTED', 'ABORTED'],
    );
    const { status } = await world.upgrade();
    assert.equal(status, 'SUCCEEDED');
    assert.ok(isNew(world, 'a') && isNew(world, 'b'));
  });

  it('fails with the error of a step of its own, in a sentence', async () => {
    const world = await createClusterWorld(
      fleet([group('a')], {}, { faults: [{ kind: 'fail', action: 'GET nodes', error: 'Forbidden', times: 1000 }] }),
    );
    const { error, cause } = await world.upgrade();
    assert.equal(error, 'AccessDenied');
    assert.doesNotMatch(cause, /^\{/);
  });
});

describe('a whole cluster: the executions of its groups', () => {
  it('receive the settings as they were given, and the execution that started them', async () => {
    const world = await createClusterWorld(fleet([group('a')]));
    const { execution } = await world.upgrade({
      ...ALL,
      updateConfig: { maxUnavailable: 2 },
      cordonWaitSeconds: 5,
      target: { releaseVersion: '1.33.5-20251229' },
    });
    assert.deepEqual(world.groupExecutions()[0]?.input.value, {
      clusterName: CLUSTER,
      autoScalingGroupName: 'a',
      updateConfig: { maxUnavailable: 2 },
      cordonWaitSeconds: 5,
      target: { releaseVersion: '1.33.5-20251229' },
      AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: execution.arn,
    });
  });

  it('are named after group and run, within the limits of Step Functions', async () => {
    const name = 'workers of the (old) kind, in three zones: blue & green';
    const run = `${'very.long-'.repeat(5)}20260104-030000-by-ana-3f2a`;
    const world = await createClusterWorld(fleet([group(name, { labels: {} })]));
    const { status } = await world.upgrade(ALL, run);
    assert.equal(status, 'SUCCEEDED');
    const [execution] = world.groupExecutions();
    assert.match(execution?.name ?? '', /^workers-of-the-old-kind-in.*20260104-030000-by-ana-3f2a-[0-9a-f]{8}$/);
    assert.ok((execution?.name.length ?? 99) <= 80);
  });

  it('share one list of all pods of the cluster in the plan, however many groups there are', async () => {
    const world = await createClusterWorld(fleet(Array.from({ length: 12 }, (_, index) => renewed(`group-${index}`))));
    await world.upgrade();
    for (const what of ['pods', 'nodes', 'poddisruptionbudgets']) {
      assert.equal(kubernetesCalls(world.wire.entries, new RegExp(`^GET .*/${what}$`)).length, 1, what);
    }
  });

  it('keep the state far below 256 KiB, with thirty groups and every pod blocking', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `workers-${index}`);
    const world = await createClusterWorld(
      fleet(
        names.map((name) => group(name, { desiredCapacity: 8, maxSize: 10 })),
        { workloads: names.map(blockingWorkload) },
      ),
    );
    const { plan } = await world.upgrade({ ...ALL, dryRun: true });
    assert.equal(plan.groups.length, 30);
    assert.ok(plan.groups.every(({ blockingPodCount }) => blockingPodCount > 0));
    assert.ok(JSON.stringify(plan).length < 64 * 1024, `${JSON.stringify(plan).length} bytes`);
  });
});
