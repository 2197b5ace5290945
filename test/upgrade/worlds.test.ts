import assert from 'node:assert/strict';
import type { ScenarioInput } from 'eks-sandbox/scenario';
import { describe, it } from 'mocha';
import {
  awsCalls,
  createWorld,
  type Ended,
  INPUT,
  image,
  NEW_AMI,
  nodePatches,
  OLD_AMI,
  type UpgradeWorld,
  world,
} from './run-upgrade.ts';

const TWO = { ...INPUT, updateConfig: { maxUnavailable: 2 } };
const SIZES = { minSize: 3, maxSize: 7, desiredCapacity: 6 };
const sizesOf = (sandbox: UpgradeWorld) => {
  const { minSize, maxSize, desiredCapacity } = sandbox.group();
  return { minSize, maxSize, desiredCapacity };
};
const versionInUse = (sandbox: UpgradeWorld) => {
  const source = sandbox.region.state.autoScaling.groups.get('shop-workers')?.source;
  return source?.kind === 'launch-configuration' ? undefined : source?.template.version;
};

/** Upgrade, and compare everything but the AMIs with what was there before. */
async function assertUpgradedAsItWas(sandbox: UpgradeWorld, input: object, sizes: object = SIZES): Promise<Ended> {
  const { tags } = sandbox.group();
  const ended = await sandbox.upgrade(input);
  assert.equal(ended.status, 'SUCCEEDED', ended.cause);
  assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  assert.deepEqual(sizesOf(sandbox), sizes);
  assert.deepEqual(sandbox.group().tags, tags);
  assert.deepEqual(sandbox.group().suspended, []);
  return ended;
}

describe('every kind of group ends upgraded and as it was', () => {
  const rows: [title: string, scenario: ScenarioInput, input: object, sizes?: object][] = [
    [
      'one node in one zone',
      world({ group: { zones: ['eu-west-1a'], minSize: 1, maxSize: 1, desiredCapacity: 1 } }),
      INPUT,
      { minSize: 1, maxSize: 1, desiredCapacity: 1 },
    ],
    [
      'one node in a group of three zones: its zone gets the new one',
      world({ group: { minSize: 1, maxSize: 1, desiredCapacity: 1 } }),
      INPUT,
      { minSize: 1, maxSize: 1, desiredCapacity: 1 },
    ],
    [
      'minimum = desired = maximum',
      world({ group: { minSize: 6, maxSize: 6 } }),
      TWO,
      { minSize: 6, maxSize: 6, desiredCapacity: 6 },
    ],
    [
      'a managed node group, when asked for',
      world({ group: { managed: { nodegroupName: 'workers', maxUnavailablePercentage: 50 } } }),
      { clusterName: 'shop', nodegroupName: 'workers', engine: 'workflow' },
    ],
    ['a termination hook that times out', world({ group: { terminationHookSeconds: 600 } }), TWO],
    ['instances protected from scale-in', world({ group: { protectedFromScaleIn: true } }), TWO],
    ['a surge of one, set in the input', world(), { ...INPUT, updateConfig: { maxUnavailable: 3, surge: 1 } }],
    ['MINIMAL', world(), { ...INPUT, updateConfig: { maxUnavailable: 2, updateStrategy: 'MINIMAL' } }],
    ['half of the nodes at a time', world(), { ...INPUT, updateConfig: { maxUnavailablePercentage: 50 } }],
    [
      'a target by SSM parameter',
      world({ scenario: { parameters: { '/golden/ami': NEW_AMI } } }),
      { ...TWO, target: { ssmParameter: '/golden/ami' } },
    ],
  ];
  for (const [title, scenario, input, sizes = SIZES] of rows) {
    it(title, async () => {
      const sandbox = await createWorld(scenario);
      await assertUpgradedAsItWas(sandbox, input, sizes);
    });
  }
});

describe('a run on one kind of group', () => {
  it('ends with a warning that names instances which a termination hook keeps for longer than ten minutes', async () => {
    const sandbox = await createWorld(world({ group: { terminationHookSeconds: 3600 } }));
    const { status, output, execution } = await sandbox.upgrade(TWO);
    assert.equal(status, 'SUCCEEDED');
    const leaving = sandbox.terminating();
    assert.ok(leaving.length > 0);
    const [warning, ...others] = output.completion.warnings;
    assert.deepEqual(others, []);
    for (const instanceId of leaving) assert.ok(warning.includes(instanceId), `${instanceId}: ${warning}`);
    const lastTermination = awsCalls(sandbox.wire.entries, 'TerminateInstanceInAutoScalingGroup').at(-1);
    const waited = ((execution.stoppedAt as number) - (lastTermination?.at as number)) / 1000;
    assert.ok(waited >= 600 && waited <= 660, `${waited} s`);
  });

  it('adds no capacity with MINIMAL, taints only the node in hand, and replaces it before the next', async () => {
    const sandbox = await createWorld();
    await sandbox.upgrade({ ...INPUT, updateConfig: { updateStrategy: 'MINIMAL' } });
    assert.equal(
      awsCalls(sandbox.wire.entries, 'UpdateAutoScalingGroup').filter(({ form }) => form.has('DesiredCapacity')).length,
      0,
    );
    const taints = nodePatches(sandbox.wire.entries).filter(({ body }) => body.spec?.taints?.length);
    const ends = awsCalls(sandbox.wire.entries, 'TerminateInstanceInAutoScalingGroup');
    assert.equal(taints.length, 6);
    assert.ok(ends.every(({ form }) => form.get('ShouldDecrementDesiredCapacity') === 'false'));
    for (const [index, { at }] of ends.slice(0, -1).entries())
      assert.ok((taints[index + 1]?.at as number) > at + 60_000);
  });

  it('taints and replaces only the outdated nodes where an earlier run renewed some', async () => {
    const sandbox = await createWorld(world({ group: { renewedNodes: 3, renewedAmiId: NEW_AMI } }));
    const { output } = await assertUpgradedAsItWas(sandbox, TWO);
    assert.equal(output.plan.nodes.outdated, 3);
    assert.equal(awsCalls(sandbox.wire.entries, 'TerminateInstanceInAutoScalingGroup').length, 3);
  });

  it('pins a group on $Latest before the new version exists, and lets it follow $Latest again', async () => {
    const sandbox = await createWorld(world({ group: { launchTemplateVersion: '$Latest' } }));
    await sandbox.upgrade(TWO);
    assert.equal(versionInUse(sandbox), '$Latest');
    const actions = sandbox.wire.entries.map(({ action }) => action);
    assert.ok(actions.indexOf('UpdateAutoScalingGroup') < actions.indexOf('CreateLaunchTemplateVersion'));
  });

  it('pins a group on $Default, leaves $Default itself to its owner, and says so in the plan', async () => {
    const sandbox = await createWorld(world({ group: { launchTemplateVersion: '$Default' } }));
    const { output } = await sandbox.upgrade(TWO);
    assert.match(versionInUse(sandbox) ?? '', /^\d+$/);
    assert.match(output.plan.warnings.join(), /\$Default is not changed/);
    assert.deepEqual(awsCalls(sandbox.wire.entries, 'ModifyLaunchTemplate'), []);
  });

  it('writes a mixed instances policy back whole, with a changed version only', async () => {
    const overrides = [{ instanceType: 'm6i.xlarge' }, { instanceType: 'm5.xlarge' }];
    const sandbox = await createWorld(world({ group: { mixedInstances: { overrides } } }));
    await assertUpgradedAsItWas(sandbox, TWO);
    const [pointed] = awsCalls(sandbox.wire.entries, 'UpdateAutoScalingGroup');
    const names = [...(pointed?.form.entries() ?? [])].map(([name, value]) => `${name}=${value}`).join(' ');
    assert.match(names, /Overrides.member.1.InstanceType=m6i.xlarge/);
    assert.match(names, /Overrides.member.2.InstanceType=m5.xlarge/);
    assert.match(names, /LaunchTemplateSpecification.Version=4/);
    assert.doesNotMatch(names, /LaunchTemplateSpecification.LaunchTemplateName/);
  });

  it('ends without waiting when every old instance has left, and goes back when its target is the previous template version', async () => {
    const sandbox = await createWorld();
    const forth = await sandbox.upgrade(TWO);
    assert.deepEqual(sandbox.terminating(), []);
    assert.deepEqual(forth.output.completion.warnings, []);
    const back = await sandbox.upgrade({
      ...TWO,
      target: { launchTemplateVersion: forth.output.completion.previousLaunchTemplateVersion },
    });
    assert.equal(back.status, 'SUCCEEDED', back.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([OLD_AMI]));
    assert.equal(awsCalls(sandbox.wire.entries, 'CreateLaunchTemplateVersion').length, 1);
  });

  it('finds a target by AMI id and by release version', async () => {
    const sandbox = await createWorld();
    for (const target of [{ amiId: NEW_AMI }, { releaseVersion: '1.33.5-20251229' }]) {
      const { output, cause } = await sandbox.upgrade({ ...TWO, target, dryRun: true });
      assert.equal(output?.plan.target.amiId, NEW_AMI, cause);
    }
  });

  it('finds the recommended AMI for Windows, Bottlerocket and Amazon Linux 2', async () => {
    const families: [amiType: string, name: string, kubernetes?: string][] = [
      ['AL2_x86_64', 'amazon-eks-node-1.32-v', '1.32'],
      ['BOTTLEROCKET_x86_64', 'bottlerocket-aws-k8s-1.33-x86_64-v1.49.'],
      ['WINDOWS_CORE_2022_x86_64', 'Windows_Server-2022-English-Core-EKS_Optimized-1.33-2025.12.'],
    ];
    for (const [amiType, prefix, version = '1.33'] of families) {
      const more = { amiType, kubernetesVersion: version };
      const images = [
        image(OLD_AMI, '20251120', { ...more, name: `${prefix}20251120` }),
        image(NEW_AMI, '20251229', { ...more, name: `${prefix}20251229`, isRecommended: true }),
      ];
      const sandbox = await createWorld(world({ group: { amiType }, cluster: { version }, scenario: { images } }));
      const ended = await sandbox.upgrade({ ...INPUT, dryRun: true });
      assert.equal(ended.output?.plan.target.amiId, NEW_AMI, `${amiType}: ${ended.cause}`);
      assert.equal(ended.output.plan.target.amiType, amiType);
    }
  });
});

describe('a run in which something goes wrong', () => {
  it('fails with NodeCreationFailure in the words of the failed launch, without a taint, when a zone has no capacity', async () => {
    const faults = [{ kind: 'insufficientCapacity' as const, zone: 'eu-west-1b' }];
    const sandbox = await createWorld(world({ scenario: { faults } }));
    const ended = await sandbox.upgrade(TWO);
    assert.equal(ended.error, 'NodeCreationFailure');
    assert.match(
      ended.cause,
      /no new node in eu-west-1b; last failed launch \(eu-west-1b\): .*sufficient m6i.xlarge capacity/,
    );
    assert.ok(sandbox.nodes().every(({ spec }) => (spec?.taints ?? []).length === 0));
  });

  it('fails at once when waiting cannot help a failed launch', async () => {
    const sandbox = await createWorld(
      world({
        newImage: { boots: 'launch-fails', launchFailure: "The image id '[ami-0bbbbbbbbbbbbbbb2]' does not exist" },
      }),
    );
    const ended = await sandbox.upgrade(TWO);
    assert.equal(ended.error, 'NodeCreationFailure');
    assert.ok(sandbox.clock.now() - Date.parse('2026-01-04T03:00:00Z') < 60_000);
  });

  it('fails with NodeCreationFailure after the timeout, naming the instances, when nodes never join', async () => {
    const sandbox = await createWorld(world({ newImage: { boots: 'never-joins' } }));
    const ended = await sandbox.upgrade({ ...TWO, nodeReadyTimeoutSeconds: 300 });
    assert.equal(ended.error, 'NodeCreationFailure');
    assert.match(ended.cause, /not Ready or not registered: i-[0-9a-f]+/);
  });

  it('keeps a node that an autoscaler adds meanwhile', async () => {
    const faults = [{ kind: 'setDesiredCapacity' as const, group: 'shop-workers', atSeconds: 150, change: 1 }];
    const sandbox = await createWorld(world({ scenario: { faults } }));
    const ended = await sandbox.upgrade(TWO);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(sandbox.group().desiredCapacity, 7);
    assert.match(
      ended.output.completion.warnings.join(),
      /changed the desired capacity by \+1 during the run: their change is kept/,
    );
  });

  it('ends with the sizes as they were although instances are interrupted', async () => {
    const faults = [{ kind: 'spotInterruption' as const, group: 'shop-workers', atSeconds: 130, nodes: 2 }];
    const sandbox = await createWorld(world({ scenario: { faults } }));
    const ended = await sandbox.upgrade(TWO);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sizesOf(sandbox), SIZES);
  });

  it('succeeds despite throttling, conflicts and lost answers, and does nothing twice', async () => {
    const faults = [
      { kind: 'throttle' as const, action: 'DescribeAutoScalingGroups', everyNth: 3 },
      { kind: 'throttle' as const, action: 'kubernetes', everyNth: 7 },
      {
        kind: 'fail' as const,
        action: 'TerminateInstanceInAutoScalingGroup',
        error: 'ScalingActivityInProgress',
        times: 3,
      },
      { kind: 'fail' as const, action: 'PATCH nodes', error: 'Conflict', times: 5 },
      { kind: 'lostResponse' as const, action: 'TerminateInstanceInAutoScalingGroup', times: 2 },
      { kind: 'lostResponse' as const, action: 'CreateLaunchTemplateVersion', times: 1 },
      { kind: 'lostResponse' as const, action: 'PATCH nodes', times: 2 },
    ];
    const sandbox = await createWorld(world({ scenario: { faults } }));
    const ended = await sandbox.upgrade(TWO);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sizesOf(sandbox), SIZES);
    const template = sandbox.region.state.launchTemplates.findByName('shop-workers');
    assert.equal(template?.versions.size, 4, 'one new version in spite of the retry');
  });

  it('stays with its AMI when the SSM parameter changes meanwhile', async () => {
    const sandbox = await createWorld();
    const execution = sandbox.start(TWO);
    await sandbox.clock.advance(100);
    const reads = awsCalls(sandbox.wire.entries, 'GetParameter').length;
    await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7200);
    assert.equal(awsCalls(sandbox.wire.entries, 'GetParameter').length, reads, 'looked up once');
  });
});
