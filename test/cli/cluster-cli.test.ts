import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { blockingWorkload, createClusterWorld, fleet, group, renewed } from '../upgrade/run-cluster.ts';
import { programOf } from './sandbox-program.ts';

const WHOLE = ['--cluster', 'shop', '--nodegroups'];

describe('command line: a whole cluster', () => {
  it('plans all groups, and starts none of them', async () => {
    const world = await createClusterWorld(fleet([group('a'), renewed('b')], { workloads: [blockingWorkload('a')] }));
    const program = programOf(world);
    const { exitCode, stdout } = await program('plan', ...WHOLE, 'all');
    assert.equal(exitCode, 0);
    assert.match(stdout, /^1 of 2 node groups of shop are outdated/);
    assert.match(stdout, /^GROUP +ENGINE +STATE +OUTDATED/m);
    assert.match(stdout, /^a +workflow +outdated +2 of 2 +ami-0aaaaaaaaaaaaaaa1 +1\.33\.5-20251229/m);
    assert.match(stdout, /^b +workflow +on target +0 of 2/m);
    assert.match(stdout, /would block a drain\n {2}- a: pod shop\/a-strict-\S+ .*blocks the drain: .* To do: /);
    assert.deepEqual(world.started(), []);
  });

  it('prints the whole plan as JSON', async () => {
    const program = programOf(await createClusterWorld(fleet([group('a')])));
    const { stdout } = await program('plan', ...WHOLE, 'a', '--json');
    assert.equal(JSON.parse(stdout).groups[0].name, 'a');
  });

  it('says in one sentence why a plan fails', async () => {
    const program = programOf(await createClusterWorld(fleet([group('workers')])));
    const { exitCode, stderr } = await program('plan', ...WHOLE, 'wrokers');
    assert.equal(exitCode, 1);
    assert.match(stderr, /^NodegroupNotFound: .*did you mean "workers"\?\n$/);
  });

  it('starts the state machine of clusters with the settings of the options', async () => {
    const world = await createClusterWorld(fleet([group('a'), group('b'), group('c')]));
    const program = programOf(world);
    const options = ['--max-parallel-nodegroups', '2', '--on-nodegroup-failure', 'continue', '--force'];
    const { exitCode, stdout } = await program('start', ...WHOLE, 'b,c', '--nodegroups', 'a', ...options);
    assert.equal(exitCode, 0);
    const name = /execution:eks-nodegroup-upgrade-dev-upgrade-cluster:(shop-\S+)\n/.exec(stdout)?.[1];
    assert.equal(name, 'shop-20260120-101500-by-ana-0001');
    const [, clusters] = world.stepFunctions.machines;
    const [execution] = world.stepFunctions.executionsOf(clusters as never);
    assert.deepEqual(execution?.input.value, {
      clusterName: 'shop',
      nodegroups: ['b', 'c', 'a'],
      maxParallelNodegroups: 2,
      onNodegroupFailure: 'continue',
      force: true,
    });
  });

  it('lists its executions beside those of groups, newest first', async () => {
    const world = await createClusterWorld(fleet([group('a'), group('b')]));
    const program = programOf(world);
    await program('start', '--cluster', 'shop', '--auto-scaling-group', 'b');
    await world.clock.advance(5);
    await program('start', ...WHOLE, 'a');
    await world.clock.advance(60);
    const { stdout } = await program('list', '--json');
    const names = JSON.parse(stdout).map(({ name }: { name: string }) => name);
    assert.equal(names.length, 3);
    assert.match(names[0], /^a-shop-20260120-101500-by-ana-0002-[0-9a-f]{8}$/);
    assert.deepEqual(names.slice(1), ['shop-20260120-101500-by-ana-0002', 'b-20260120-101500-by-ana-0001']);
  });

  it('treats the run of the cluster as the newest, not those of the groups it started', async () => {
    const world = await createClusterWorld(fleet([group('a')]));
    const program = await programOf(world);
    await program('start', ...WHOLE, 'a');
    await world.clock.advance(60);
    assert.equal(world.started().length, 1);
    const newest = await program('status', '--json');
    assert.match(JSON.parse(newest.stdout).execution.arn, /:eks-nodegroup-upgrade-dev-upgrade-cluster:shop-/);
    const [ofGroup] = world.groupExecutions();
    const named = await program('status', ofGroup?.name ?? '', '--json');
    assert.match(JSON.parse(named.stdout).execution.arn, /:eks-nodegroup-upgrade-dev-upgrade-nodegroup:a-shop-/);
  });

  const refused: [string, string[], RegExp][] = [
    ['one group by its own option as well', [...WHOLE, 'all', '--nodegroup', 'a'], /unknown key "nodegroupName"/],
    ['words where a number belongs', [...WHOLE, 'all', '--max-parallel-nodegroups', 'two'], /maxParallelNodegroups/],
    ['the same name twice', [...WHOLE, 'a,b,a'], /each name once/],
    ['an AMI for all', [...WHOLE, 'all', '--ami-id', 'ami-0123456789abcdef0'], /unknown key "target\.amiId"/],
    [
      'a setting of clusters for one group',
      ['--cluster', 'shop', '--nodegroup', 'a', '--max-parallel-nodegroups', '2'],
      /unknown key "maxParallelNodegroups"/,
    ],
  ];
  for (const [title, argv, sentence] of refused) {
    it(`refuses ${title}, with exit code 2 and nothing started`, async () => {
      const world = await createClusterWorld(fleet([group('a')]));
      const { exitCode, stderr } = await programOf(world)('start', ...argv);
      assert.equal(exitCode, 2);
      assert.match(stderr, sentence);
      for (const machine of world.stepFunctions.machines) {
        assert.deepEqual(world.stepFunctions.executionsOf(machine), []);
      }
    });
  }
});
