import assert from 'node:assert/strict';
import { parseInput } from '../../../domain/input/input.ts';
import { OWNERSHIP_ANNOTATIONS } from '../../../domain/nodegroup/node-ownership.ts';
import type { GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../../domain/nodegroup/original-settings.ts';
import type { WorkflowPlanFacts } from '../../../domain/plan/facts.ts';
import { makePlan } from '../../../domain/plan/plan.ts';
import { planSchema } from '../../../domain/state.ts';
import type { LaunchSource, MachineImage, Pod } from '../../../domain/types.ts';
import {
  aBarePod,
  aBudget,
  aGroup,
  aGroupInstance,
  aGroupNode,
  aNode,
  aPod,
  aRun,
  EXECUTION_ARN,
  NEW_AMI,
  NOW_AT,
  OLD_AMI,
  ZONES,
} from '../builders.ts';

const image: MachineImage = {
  imageId: NEW_AMI,
  name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20260112',
  state: 'available',
  architecture: 'x86_64',
  isAllowed: true,
  platform: 'Linux/UNIX',
  createdAt: '2026-01-12T00:00:00.000Z',
};

const members = (count: number, overrides: Partial<GroupNode> = {}): GroupNode[] =>
  Array.from({ length: count }, (_, index) =>
    aGroupNode({ instanceId: `i-${index}`, zone: ZONES[index % 3] as string, ...overrides }),
  );
const renewed = (count: number) => members(count, { isOutdated: false, imageId: NEW_AMI });
/** Pods on the first of `members`. */
const onNode = (pods: readonly Pod[]) => pods.map((pod) => ({ ...pod, nodeName: 'node-i-0' }));

const wanted = (input: Record<string, unknown> = {}) =>
  parseInput({ clusterName: 'production', autoScalingGroupName: 'workers', ...input });

const facts = (overrides: Partial<WorkflowPlanFacts> = {}): WorkflowPlanFacts => ({
  input: wanted(),
  executionArn: EXECUTION_ARN,
  startedAt: NOW_AT,
  kubernetesVersion: '1.33',
  group: aGroup({ desiredCapacity: 12, maxSize: 12 }),
  members: members(12),
  instanceTypes: ['m6i.large'],
  engine: 'workflow',
  target: aRun().target,
  launchesTarget: false,
  image,
  targetSource: '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id',
  nodes: [],
  pods: [],
  budgets: [],
  goneOwners: [],
  notes: [],
  ...overrides,
});

const plan = (overrides: Partial<WorkflowPlanFacts> = {}) => makePlan(facts(overrides));
const launchesFrom = (version: string, overrides: Partial<Parameters<typeof aGroup>[0]> = {}) => {
  const launchSource: LaunchSource = { launchTemplateId: 'lt-0', version, overridingTemplates: [], usesWeights: false };
  return aGroup({ launchSource, ...overrides });
};

describe('plan', () => {
  it('settles one node at a time, two extra nodes for each zone, and the sizes to come back to', () => {
    const { status, run, parallelism, surge } = plan();
    assert.equal(status, 'planned');
    assert.deepEqual([run.parallelism, run.surge, run.updateStrategy, run.engine], [1, 6, 'DEFAULT', 'workflow']);
    assert.deepEqual([parallelism.nodes, surge.nodes], [1, 6]);
    assert.deepEqual(run.originalSizes, { minSize: 1, maxSize: 12, desiredCapacity: 12 });
  });

  it('keeps to its own contract, with and without everything optional', () => {
    planSchema.parse(plan());
    planSchema.parse(
      plan({
        input: wanted({ canary: { nodes: 1, bakeSeconds: 60 }, alarms: ['errors'], target: { amiId: NEW_AMI } }),
        amiType: 'AL2023_x86_64_STANDARD',
        target: { ...aRun().target, releaseVersion: '1.33.5-20260112' },
        pods: onNode([aBarePod(), aPod()]),
        budgets: [aBudget({ disruptionsAllowed: 0 })],
      }),
    );
  });

  it('carries the settings of the input into the run', () => {
    const settings = {
      force: true,
      drainTimeoutSeconds: 30,
      cordonWaitSeconds: 5,
      nodeReadyTimeoutSeconds: 40,
      alarms: ['errors'],
      canary: { nodes: 2, bakeSeconds: 10 },
      failurePolicy: 'halt',
      pods: { unmanaged: 'refuse', localStorage: 'evict' },
    };
    assert.deepEqual({ ...plan({ input: wanted(settings) }).run, ...settings }, plan({ input: wanted(settings) }).run);
    assert.equal(plan({ input: wanted({ dryRun: true }) }).isDryRun, true);
  });

  it('counts the AMIs of the running nodes, the most frequent first', () => {
    const { current } = plan({ members: [...renewed(1), ...members(3)] });
    assert.deepEqual(current, [
      { amiId: OLD_AMI, nodes: 3 },
      { amiId: NEW_AMI, nodes: 1 },
    ]);
  });

  it('says in one sentence what will happen and how long it takes', () =>
    assert.match(plan().summary, /^12 of 12 nodes of workers go to ami-0fedcba9876543210 in about 20 minutes$/));

  it('adds to that sentence how many pods may block a drain', () =>
    assert.match(
      plan({ pods: onNode([aPod()]), budgets: [aBudget({ disruptionsAllowed: 0 })] }).summary,
      /; 1 pod may block a drain$/,
    ));

  it('lists at most 100 outdated nodes, and says that there are more', () => {
    const { nodes } = plan({ members: members(101) });
    assert.deepEqual([nodes.outdatedNodes.length, nodes.outdated, nodes.isListComplete], [100, 101, false]);
    assert.equal(plan({ members: members(100) }).nodes.isListComplete, true);
  });
});

describe('plan: settings of a managed node group', () => {
  const cases: [title: string, own: object, theirs: object, parallelism: number, strategy: string][] = [
    ['are used when the input says nothing', {}, { maxUnavailable: 4, updateStrategy: 'MINIMAL' }, 4, 'MINIMAL'],
    ['give way to the parallelism of the input', { maxUnavailablePercentage: 50 }, { maxUnavailable: 4 }, 6, 'DEFAULT'],
    [
      'keep their strategy when the input only says how many',
      { maxUnavailable: 2 },
      { maxUnavailable: 4, updateStrategy: 'MINIMAL' },
      2,
      'MINIMAL',
    ],
    [
      'keep their parallelism when the input only says how',
      { updateStrategy: 'DEFAULT' },
      { maxUnavailable: 4, updateStrategy: 'MINIMAL' },
      4,
      'DEFAULT',
    ],
  ];
  for (const [title, updateConfig, nodegroupUpdateConfig, parallelism, strategy] of cases) {
    it(title, () => {
      const { run } = plan({ input: wanted({ updateConfig }), nodegroupUpdateConfig });
      assert.deepEqual([run.parallelism, run.updateStrategy], [parallelism, strategy]);
    });
  }
});

describe('plan: MINIMAL', () => {
  it('adds no capacity and still upgrades as many at a time as it was told', () => {
    const { run } = plan({ input: wanted({ updateConfig: { updateStrategy: 'MINIMAL', maxUnavailable: 3 } }) });
    assert.deepEqual([run.updateStrategy, run.surge, run.parallelism], ['MINIMAL', 0, 3]);
  });
});

describe('plan: nothing to do', () => {
  it('is said of a group whose nodes all run the target', () => {
    const { status, summary, run } = plan({ members: renewed(12), launchesTarget: true });
    assert.equal(status, 'nothingToDo');
    assert.match(summary, /^workers runs ami-0fedcba9876543210 on all 12 nodes already: nothing was changed$/);
    assert.equal(run.surge, 0);
  });

  it('is said of an empty group that launches the target', () => {
    const group = aGroup({ desiredCapacity: 0, instances: [] });
    const { status, summary } = plan({ members: [], launchesTarget: true, group });
    assert.equal(status, 'nothingToDo');
    assert.match(summary, /^workers has no nodes: nothing to upgrade, nothing was changed$/);
  });

  for (const [title, members, said] of [
    ['no nodes', [], /^workers has no nodes; the group is set up to launch ami-0fedcba9876543210$/],
    ['renewed nodes', renewed(3), /^all nodes of workers run ami-0fedcba9876543210; the group is set up to launch it$/],
  ] as const) {
    it(`#19 is not said of a group with ${title} that would launch the old AMI next`, () => {
      const { status, summary } = plan({ members, launchesTarget: false });
      assert.equal(status, 'planned');
      assert.match(summary, said);
    });
  }

  for (const [title, overrides] of [
    [
      'an earlier run left its original settings tags',
      { group: aGroup({ tags: { [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: '6' } }) },
    ],
    [
      'an earlier run left an ownership annotation on a node',
      {
        members: renewed(1).map((member) => ({
          ...member,
          node: aNode({ annotations: { [OWNERSHIP_ANNOTATIONS.protected]: 'x' } }),
        })),
      },
    ],
  ] as [string, Partial<WorkflowPlanFacts>][]) {
    it(`is not said when ${title}: that is cleaned up`, () => {
      const { status, summary, warnings } = plan({ members: renewed(12), ...overrides });
      assert.equal(status, 'planned');
      assert.match(summary, /what an earlier run left is cleaned up$/);
      assert.match(warnings.join('\n'), /an earlier run did not finish here/);
    });
  }
});

describe('plan: a resumed run', () => {
  it('comes back to the sizes from before the run that failed, not to the raised ones', () => {
    const tags = {
      [ORIGINAL_SETTINGS_TAGS.minSize]: '1',
      [ORIGINAL_SETTINGS_TAGS.maxSize]: '12',
      [ORIGINAL_SETTINGS_TAGS.desiredCapacity]: '12',
    };
    const { run, group } = plan({ group: aGroup({ desiredCapacity: 18, maxSize: 18, tags }) });
    assert.deepEqual(run.originalSizes, { minSize: 1, maxSize: 12, desiredCapacity: 12 });
    assert.deepEqual(group.sizes, { minSize: 1, maxSize: 18, desiredCapacity: 18 });
  });
});

describe('plan: warnings', () => {
  it('are none for a healthy group', () =>
    assert.deepEqual(plan({ pods: onNode([aPod(), aPod({ uid: 'second' })]) }).warnings, []));

  const cases: [title: string, overrides: Partial<WorkflowPlanFacts>, warning: RegExp][] = [
    ['repeat what was found on the way', { notes: ['the alarm is new'] }, /^the alarm is new$/],
    [
      'tell what EKS will report of a managed node group, and how to reconcile',
      { input: parseInput({ clusterName: 'production', nodegroupName: 'workers', engine: 'workflow' }) },
      /DEGRADED \(Ec2LaunchTemplateVersionMismatch\).*update the node group to the same release/,
    ],
    [
      'say that $Default is not changed',
      { group: launchesFrom('$Default') },
      /^the group follows \$Default.*is not changed: other groups may use it$/,
    ],
    ['say that $Latest is followed again', { group: launchesFrom('$Latest') }, /follows \$Latest again afterwards$/],
    [
      'say that the template stops following its parameter',
      { imageAlias: 'resolve:ssm:/golden' },
      /names its AMI by resolve:ssm:\/golden: .* no longer follows the parameter$/,
    ],
    [
      'say that the AMI is deprecated',
      { image: { ...image, deprecatedAt: '2026-01-14T00:00:00.000Z' } },
      /^ami-0fedcba9876543210 has been deprecated since 2026-01-14/,
    ],
    [
      'name instances in Standby',
      { group: aGroup({ instances: [aGroupInstance({ instanceId: 'i-9', lifecycleState: 'Standby' })] }) },
      /^i-9 in Standby: not replaced; they stay outdated$/,
    ],
    [
      'count nodes that are not Ready',
      { members: [...members(2), aGroupNode({ instanceId: 'i-9', isReady: false })] },
      /^1 of 3 nodes are not Ready now$/,
    ],
    [
      'say that AZRebalance stays suspended when somebody else suspended it',
      { group: aGroup({ suspendedProcesses: [{ name: 'AZRebalance', reason: 'User suspended' }] }) },
      /^AZRebalance is suspended already, and stays so$/,
    ],
    [
      'say that a small surge does not reach every zone',
      { input: wanted({ updateConfig: { surge: 2 } }) },
      /^a surge of 2 may not reach every zone with outdated nodes/,
    ],
    [
      'count pods that nothing creates again',
      { pods: onNode([aBarePod({ name: 'a' }), aBarePod({ name: 'b' })]) },
      /^2 pods without a controller will be evicted, and nothing creates them again$/,
    ],
  ];
  for (const [title, overrides, warning] of cases) {
    it(title, () => {
      const { warnings } = plan(overrides);
      assert.equal(warnings.filter((text) => warning.test(text)).length, 1, warnings.join('\n'));
    });
  }

  for (const [title, overrides] of [
    ['the AMI will only be deprecated later', { image: { ...image, deprecatedAt: '2027-01-14T00:00:00.000Z' } }],
    [
      'bare pods are refused, which makes them blocking pods',
      { input: wanted({ pods: { unmanaged: 'refuse' } }), pods: onNode([aBarePod()]) },
    ],
    ['a small surge still reaches every zone', { input: wanted({ updateConfig: { surge: 3 } }) }],
  ] as [string, Partial<WorkflowPlanFacts>][]) {
    it(`are none when ${title}`, () => assert.deepEqual(plan(overrides).warnings, []));
  }

  it('do not blame somebody else for AZRebalance when an earlier run of ours suspended it', () => {
    const group = aGroup({
      suspendedProcesses: [{ name: 'AZRebalance', reason: 'User suspended' }],
      tags: { [ORIGINAL_SETTINGS_TAGS.suspendedProcess]: 'AZRebalance' },
    });
    assert.doesNotMatch(plan({ group }).warnings.join('\n'), /AZRebalance/);
  });
});

describe('plan: pods that would block a drain', () => {
  const everything = [{ operator: 'Exists' }];
  const reasonsOf = (pods: readonly Pod[], overrides: Partial<WorkflowPlanFacts> = {}) =>
    plan({ pods, ...overrides }).blockingPods.map(({ name, reason }) => `${name}: ${reason}`);

  it('are those on outdated nodes alone', () => {
    const blockingPods = aPod({ name: 'blocked', nodeName: 'node-i-0' });
    const budgets = [aBudget({ disruptionsAllowed: 0 })];
    const pods = [
      blockingPods,
      aPod({ name: 'renewed', nodeName: 'node-n' }),
      aPod({ name: 'foreign', nodeName: 'other' }),
    ];
    const fresh = aGroupNode({ isOutdated: false, node: aNode({ name: 'node-n' }) });
    assert.deepEqual(reasonsOf(pods, { budgets, members: [...members(2), fresh] }), ['blocked: budget']);
  });

  it('are not those that a drain leaves alone', () => {
    const daemon = aPod({ owner: { kind: 'DaemonSet', name: 'cni', uid: 'u' }, tolerations: everything });
    const pods = onNode([daemon, aPod({ isMirror: true, tolerations: everything }), aPod({ phase: 'Succeeded' })]);
    assert.deepEqual(reasonsOf(pods, { budgets: [aBudget({ disruptionsAllowed: 0 })] }), []);
  });

  it('are not those that the Eviction API lets go whatever their budget says', () => {
    const pods = onNode([aPod({ name: 'starting', phase: 'Pending', isReady: false }), aPod({ name: 'blocked' })]);
    assert.deepEqual(reasonsOf(pods, { budgets: [aBudget({ disruptionsAllowed: 0 })] }), ['blocked: budget']);
  });

  it('include those that come back because they tolerate every taint', () =>
    assert.deepEqual(reasonsOf(onNode([aPod({ name: 'stubborn', tolerations: everything })])), [
      'stubborn: toleratesEveryTaint',
    ]));

  it('are sorted by reason, namespace and name', () => {
    const pods = onNode([
      aBarePod({ name: 'b' }),
      aBarePod({ name: 'a' }),
      aPod({ name: 'z', gracePeriodSeconds: 3600 }),
      aBarePod({ name: 'c', namespace: 'first' }),
    ]);
    assert.deepEqual(reasonsOf(pods, { input: wanted({ pods: { unmanaged: 'refuse' } }) }), [
      'z: gracePeriod',
      'c: unmanaged',
      'a: unmanaged',
      'b: unmanaged',
    ]);
  });

  it('are all counted, and at most 50 of them described', () => {
    const pods = onNode(Array.from({ length: 51 }, (_, index) => aPod({ name: `p-${index}` })));
    const { blockingPods, blockingPodCount } = plan({ pods, budgets: [aBudget({ disruptionsAllowed: 0 })] });
    assert.deepEqual([blockingPods.length, blockingPodCount], [50, 51]);
  });

  it('lengthen the prediction by their grace period', () => {
    const quick = plan({ pods: onNode([aPod()]) }).estimate.durationSeconds;
    const slow = plan({ pods: onNode([aPod({ gracePeriodSeconds: 600 })]) }).estimate.durationSeconds;
    assert.ok(slow > quick, `${slow} > ${quick}`);
  });
});

describe('plan of named nodes', () => {
  const scoped = (instanceIds: string[], overrides: Partial<WorkflowPlanFacts> = {}) =>
    plan({ scope: { instanceIds, gone: [] }, ...overrides });

  it('counts only those as outdated, and hands their instance ids to the run', () => {
    const { nodes, run, summary } = scoped(['i-1', 'i-2']);
    assert.deepEqual([nodes.outdated, nodes.total], [2, 12]);
    assert.deepEqual(run.engine === 'workflow' && run.nodes, ['i-1', 'i-2']);
    assert.match(summary, /^2 of 12 nodes of workers go to/);
  });

  it('has nothing to do when all of them run the target already, or are gone', () => {
    const { status, summary } = scoped(['i-1', 'i-gone'], { members: renewed(3) });
    assert.equal(status, 'nothingToDo');
    assert.match(summary, /^the named nodes of workers run ami-\w+ already, or are gone: nothing was changed$/);
  });
});
