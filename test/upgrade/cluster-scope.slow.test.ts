import assert from 'node:assert/strict';
import type { ScenarioInput } from 'eks-sandbox/scenario';
import { describe, it } from 'mocha';
import { ALL, createClusterWorld, fleet, group, renewed } from './run-cluster.ts';
import { CLUSTER, NEW_AMI, OLD_AMI } from './run-upgrade.ts';

const ZONE = 'eu-west-1a';
const managed = (name: string, more: object = {}) =>
  group(`eks-${name}`, { managed: { nodegroupName: name, ...more } });
const withConfiguration = group('ancient', { launchConfigurationName: 'ancient-1' });

describe('a whole cluster: what is out of scope', () => {
  const others = [
    { kind: 'karpenter' as const, name: 'spot', nodes: 3, zone: ZONE },
    { kind: 'autoMode' as const, name: 'general-purpose', nodes: 2, zone: ZONE },
    { kind: 'fargate' as const, nodes: 2, zone: ZONE },
    { kind: 'hybrid' as const, zone: ZONE },
    { kind: 'plain' as const, zone: ZONE },
  ];

  it('lists the nodes that others run, with the reason, and upgrades the rest', async () => {
    const world = await createClusterWorld(fleet([group('a'), withConfiguration], { otherNodes: others }));
    const { status, plan } = await world.upgrade();
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(
      plan.outOfScope.map(({ kind, name, nodes }) => [kind, name, nodes]),
      [
        ['unsupported', 'ancient', 2],
        ['autoMode', 'general-purpose', 2],
        ['fargate', 'Fargate', 2],
        ['hybrid', 'hybrid nodes', 1],
        ['karpenter', 'spot', 3],
        ['unknown', 'other nodes', 1],
      ],
    );
    const reasons = Object.fromEntries(plan.outOfScope.map(({ kind, reason }) => [kind, reason]));
    assert.match(reasons.unsupported ?? '', /launch configuration ancient-1/);
    assert.match(reasons.karpenter ?? '', /EC2NodeClass/);
    assert.match(reasons.unknown ?? '', /kubernetes\.io\/cluster\/shop/);
    assert.match(plan.summary, /6 out of scope$/);
    assert.deepEqual(world.started(), ['a']);
  });

  it('mentions Auto Mode also when it runs no node now', async () => {
    const world = await createClusterWorld(fleet([renewed('a')], { autoMode: true }));
    const { plan } = await world.upgrade();
    assert.deepEqual(
      plan.outOfScope.map(({ kind, nodes }) => [kind, nodes]),
      [['autoMode', 0]],
    );
  });

  it('is an empty list when every node is in a group', async () => {
    const world = await createClusterWorld(fleet([renewed('a'), renewed('b')]));
    assert.deepEqual((await world.upgrade()).plan.outOfScope, []);
  });
});

describe('a whole cluster: managed node groups', () => {
  it('runs the four phases on them when asked to, beside self-managed groups', async () => {
    const world = await createClusterWorld(fleet([managed('blue'), group('green')]));
    const { status, plan } = await world.upgrade({ ...ALL, engine: 'workflow' });
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(
      plan.groups.map(({ name, kind, engine }) => [name, kind, engine]),
      [
        ['blue', 'managed', 'workflow'],
        ['green', 'self-managed', 'workflow'],
      ],
    );
    const inputs = world.groupExecutions().map(({ input }) => input.value as Record<string, unknown>);
    assert.equal(inputs[0]?.nodegroupName, 'blue');
    assert.equal(inputs[0]?.engine, 'workflow');
    assert.equal(inputs[1]?.autoScalingGroupName, 'green');
    assert.equal(inputs[1]?.engine, undefined);
  });

  it('leaves them to EKS otherwise, without the settings that EKS rejects, and says so', async () => {
    const world = await createClusterWorld(fleet([managed('blue'), group('green')]));
    const { status, plan, completion } = await world.upgrade({ ...ALL, drainTimeoutSeconds: 600, force: true });
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(
      plan.groups.map(({ name, engine, settingsNotPassedOn }) => [name, engine, settingsNotPassedOn]),
      [
        ['blue', 'eks', ['drainTimeoutSeconds']],
        ['green', 'workflow', []],
      ],
    );
    assert.match(plan.warnings.join(), /^not passed on to blue: drainTimeoutSeconds; EKS/);
    assert.equal(completion?.summary, '2 node groups of shop: 2 upgraded');
    const [blue, green] = world.groupExecutions().map(({ input }) => input.value as Record<string, unknown>);
    assert.deepEqual([blue?.drainTimeoutSeconds, green?.drainTimeoutSeconds], [undefined, 600]);
    for (const name of ['eks-blue', 'green']) assert.deepEqual(world.amis(name), [NEW_AMI, NEW_AMI], name);
  });

  it('leaves one with an AMI of its owner out of "all", so that a schedule succeeds every week', async () => {
    const golden = { amiType: 'CUSTOM', launchTemplateName: 'golden', launchTemplateVersion: '1' };
    const custom = group('eks-golden', { ...golden, managed: { nodegroupName: 'golden' } });
    const world = await createClusterWorld(fleet([custom, group('workers')]));
    const { status, plan } = await world.upgrade();
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(
      plan.outOfScope.map(({ kind, name }) => [kind, name]),
      [['unsupported', 'golden']],
    );
    assert.match(plan.outOfScope[0]?.reason ?? '', /has a custom AMI, so AWS recommends no newer one/);
    assert.deepEqual(world.started(), ['workers']);
  });

  it('lists a broken one as out of scope, with the reason that EKS gives', async () => {
    const healthIssues = [{ code: 'AccessDenied', message: 'the node role is gone' }];
    const world = await createClusterWorld(
      fleet([managed('blue', { status: 'DEGRADED', healthIssues }), renewed('green')]),
    );
    const { plan } = await world.upgrade({ ...ALL, engine: 'workflow' });
    assert.deepEqual(
      plan.outOfScope.map(({ kind, name, nodes }) => [kind, name, nodes]),
      [['unsupported', 'blue', 2]],
    );
    assert.match(plan.outOfScope[0]?.reason ?? '', /DEGRADED.*the node role is gone/);
  });
});

describe('a whole cluster: refusals', () => {
  type Row = [title: string, scenario: ScenarioInput, input: object, error: string, sentence: RegExp];
  const two = fleet([group('workers'), group('batch')]);
  const rows: Row[] = [
    ['an unknown key', two, { ...ALL, nodegroup: 'a' }, 'InvalidInput', /"nodegroup": did you mean "nodegroups"\?/],
    ['the same name twice', two, { ...ALL, nodegroups: ['batch', 'batch'] }, 'InvalidInput', /each name once/],
    ['a cluster that does not exist', two, { ...ALL, clusterName: 'shopp' }, 'ClusterNotFound', /"shopp"/],
    [
      'a cluster that is being updated',
      fleet([group('workers')], { status: 'UPDATING' }),
      ALL,
      'UnsupportedNodegroup',
      /UPDATING, not ACTIVE/,
    ],
    [
      'a name that no group has',
      two,
      { ...ALL, nodegroups: ['batch', 'wrokers'] },
      'NodegroupNotFound',
      /no node group "wrokers".*did you mean "workers"\?/,
    ],
    [
      'a name that is similar to no group',
      two,
      { ...ALL, nodegroups: ['gpu-pool'] },
      'NodegroupNotFound',
      /its groups are batch, workers/,
    ],
    [
      'a name that two groups have',
      fleet([managed('same'), group('same')]),
      ALL,
      'InvalidInput',
      /"same" is both a managed node group and an Auto Scaling group/,
    ],
    [
      'a group asked for by name that cannot be upgraded',
      fleet([withConfiguration, group('workers')]),
      { ...ALL, nodegroups: ['workers', 'ancient'] },
      'UnsupportedNodegroup',
      /^node group ancient cannot be upgraded: .*launch configuration ancient-1.*nothing was changed/,
    ],
    [
      'a release that one group does not have',
      two,
      { ...ALL, target: { releaseVersion: '1.33.5-20990101' } },
      'AmiNotFound',
      /^node group batch cannot be upgraded, nor can 1 more group: /,
    ],
    ['an alarm that does not exist', two, { ...ALL, alarms: ['nope'] }, 'InvalidInput', /"alarms" names nope/],
    [
      'a cluster that denies a right',
      fleet([group('workers')], { deniedRules: [{ verb: 'patch', resource: 'nodes' }] }),
      ALL,
      'AccessDenied',
      /is not allowed to patch nodes/,
    ],
    [
      'more groups than one run accepts',
      fleet(Array.from({ length: 101 }, (_, index) => renewed(`group-${index}`)).map(empty)),
      ALL,
      'InvalidInput',
      /has 101 node groups, and one run takes 100/,
    ],
  ];
  for (const [title, scenario, input, error, sentence] of rows) {
    it(`refuses ${title}, before anything is started`, async () => {
      const world = await createClusterWorld(scenario);
      const ended = await world.upgrade(input);
      assert.equal(ended.error, error, ended.cause);
      assert.match(ended.cause, sentence);
      assert.deepEqual(world.started(), []);
    });
  }

  it('goes on without a group that is refused when asked to, and fails with its refusal in the end', async () => {
    const world = await createClusterWorld(fleet([withConfiguration, group('workers')]));
    const input = { ...ALL, nodegroups: ['ancient', 'workers'], onNodegroupFailure: 'continue' };
    const { error, cause, completion } = await world.upgrade(input);
    assert.equal(error, 'UnsupportedNodegroup');
    assert.match(cause, /ancient: refused \(UnsupportedNodegroup: .*launch configuration/);
    assert.deepEqual(
      completion?.nodegroups.map(({ name, outcome }) => `${name} ${outcome}`),
      ['ancient refused', 'workers upgraded'],
    );
  });

  it('lists a refused group in a dry run', async () => {
    const world = await createClusterWorld(fleet([withConfiguration, group('workers')]));
    const { status, plan } = await world.upgrade({ ...ALL, nodegroups: ['ancient', 'workers'], dryRun: true });
    assert.equal(status, 'SUCCEEDED');
    assert.equal(plan.groups[0]?.status, 'refused');
    assert.match(plan.groups[0]?.reason ?? '', /launch configuration/);
    assert.match(plan.summary, /1 group cannot be upgraded as asked/);
    assert.equal(plan.groups[0]?.nodes.total, 2);
  });

  it('leaves the cluster of another name alone', async () => {
    const scenario = fleet([group('workers')]);
    const [first] = scenario.clusters;
    const second = { ...first, name: 'other', groups: [group('other-workers')] };
    const world = await createClusterWorld({ ...scenario, clusters: [first as never, second as never] });
    await world.upgrade({ ...ALL, clusterName: CLUSTER });
    assert.deepEqual(world.started(), ['workers']);
    assert.deepEqual(world.amis('other-workers'), [OLD_AMI, OLD_AMI]);
  });
});

function empty(scenario: ReturnType<typeof group>): ReturnType<typeof group> {
  return { ...scenario, minSize: 0, desiredCapacity: 0 };
}
