import assert from 'node:assert/strict';
import type { WireEntry } from 'eks-sandbox';
import type { ScenarioInput } from 'eks-sandbox/scenario';
import { describe, it } from 'mocha';
import { createWorld, INPUT, image, NEW_AMI, OLD_AMI, world } from './run-upgrade.ts';

/** Requests that change something: AWS actions that do not read, and Kubernetes writes other than access reviews. */
const writes = (entries: readonly WireEntry[]): string[] =>
  entries
    .filter(({ plane, action, request }) =>
      plane === 'aws'
        ? !/^(Describe|List|Get)/.test(action) && !action.startsWith('GET ')
        : request.method !== 'GET' && !/subjectaccessreviews$/.test(action),
    )
    .map(({ action }) => action);

const managed = (more: object = {}) => world({ group: { managed: { nodegroupName: 'workers', ...more } } });
const clusterWith = (more: object) => world({ cluster: more });
const failing = (action: string, error: string) =>
  world({ scenario: { faults: [{ kind: 'fail', action, error, times: 1000 }] } });

type Row = [title: string, scenario: ScenarioInput, input: object, error: string, sentence: RegExp];

const ROWS: Row[] = [
  [
    'an unknown key',
    world(),
    { ...INPUT, updateConfg: {} },
    'InvalidInput',
    /unknown key "updateConfg": did you mean "updateConfig"\?/,
  ],
  [
    'an unknown key further in',
    world(),
    { ...INPUT, updateConfig: { maxUnavailble: 2 } },
    'InvalidInput',
    /"updateConfig.maxUnavailble": did you mean "maxUnavailable"\?/,
  ],
  [
    'a wrong type',
    world(),
    { ...INPUT, drainTimeoutSeconds: '900' },
    'InvalidInput',
    /"drainTimeoutSeconds" must be a number, but is "900"/,
  ],
  [
    'no cluster name',
    world(),
    { autoScalingGroupName: 'x' },
    'InvalidInput',
    /"clusterName" must be a string, but is missing/,
  ],
  [
    'both group names',
    world(),
    { ...INPUT, nodegroupName: 'workers' },
    'InvalidInput',
    /exactly one of nodegroupName .* and autoScalingGroupName/,
  ],
  [
    'neither group name',
    world(),
    { clusterName: 'shop' },
    'InvalidInput',
    /exactly one of nodegroupName .* and autoScalingGroupName/,
  ],
  [
    'a percentage above 100',
    world(),
    { ...INPUT, updateConfig: { maxUnavailablePercentage: 101 } },
    'InvalidInput',
    /at most 100, but is 101/,
  ],
  [
    'a percentage of 0',
    world(),
    { ...INPUT, updateConfig: { maxUnavailablePercentage: 0 } },
    'InvalidInput',
    /at least 1, but is 0/,
  ],
  [
    'a count and a percentage',
    world(),
    { ...INPUT, updateConfig: { maxUnavailable: 1, maxUnavailablePercentage: 10 } },
    'InvalidInput',
    /either maxUnavailable or maxUnavailablePercentage/,
  ],
  [
    'two targets',
    world(),
    { ...INPUT, target: { amiId: NEW_AMI, releaseVersion: '1.33.5-20251229' } },
    'InvalidInput',
    /exactly one of amiId, releaseVersion/,
  ],
  [
    'a canary larger than the group',
    world(),
    { ...INPUT, canary: { nodes: 7, bakeSeconds: 60 } },
    'InvalidInput',
    /"canary.nodes" is 7, but the group has 6 nodes/,
  ],
  [
    'an alarm that does not exist',
    world(),
    { ...INPUT, alarms: ['checkout-5xx'] },
    'InvalidInput',
    /"alarms" names checkout-5xx, which CloudWatch does not have/,
  ],
  [
    'the eks engine for self-managed nodes',
    world(),
    { ...INPUT, engine: 'eks' },
    'InvalidInput',
    /only a managed node group can be upgraded by EKS/,
  ],
  ['an unknown cluster', world(), { ...INPUT, clusterName: 'shoop' }, 'ClusterNotFound', /no EKS cluster "shoop"/],
  [
    'a cluster that is being updated',
    clusterWith({ status: 'UPDATING' }),
    INPUT,
    'UnsupportedNodegroup',
    /UPDATING, not ACTIVE/,
  ],
  [
    'an unknown Auto Scaling group',
    world(),
    { ...INPUT, autoScalingGroupName: 'shop-worker' },
    'NodegroupNotFound',
    /no Auto Scaling group "shop-worker"/,
  ],
  [
    'an unknown managed node group',
    managed(),
    { clusterName: 'shop', nodegroupName: 'worker', engine: 'workflow' },
    'NodegroupNotFound',
    /no managed node group "worker"/,
  ],
  [
    'the Auto Scaling group of a managed node group',
    managed(),
    INPUT,
    'UnsupportedNodegroup',
    /belongs to the EKS managed node group "workers": give \{"nodegroupName": "workers"\}/,
  ],
  [
    'a managed node group that is DEGRADED',
    managed({ status: 'DEGRADED', healthIssues: [{ code: 'AsgInstanceLaunchFailures', message: 'no capacity' }] }),
    { clusterName: 'shop', nodegroupName: 'workers', engine: 'workflow' },
    'UnsupportedNodegroup',
    /DEGRADED, not ACTIVE .*AsgInstanceLaunchFailures.*no capacity/,
  ],
  [
    'an AMI that does not exist',
    world(),
    { ...INPUT, target: { amiId: 'ami-0ccccccccccccccc3' } },
    'AmiNotFound',
    /ami-0ccccccccccccccc3 .*does not exist in this region/,
  ],
  [
    'an AMI that is not available',
    world({ newImage: { state: 'failed' } }),
    INPUT,
    'AmiNotFound',
    /is failed, not available/,
  ],
  [
    'an AMI of another architecture than the instances',
    world({ newImage: { architecture: 'arm64' } }),
    { ...INPUT, target: { amiId: NEW_AMI } },
    'InvalidInput',
    /is for arm64, but the instances of the group are x86_64/,
  ],
  [
    'an AMI of another family',
    world({ newImage: { name: 'bottlerocket-aws-k8s-1.33-x86_64-v1.49.0-abcdef12', amiType: 'BOTTLEROCKET_x86_64' } }),
    { ...INPUT, target: { amiId: NEW_AMI } },
    'InvalidInput',
    /is BOTTLEROCKET, but the group runs AL2023: they need different user data/,
  ],
  [
    'an AMI newer than the control plane',
    world({ newImage: { name: 'amazon-eks-node-al2023-x86_64-standard-1.34-v20251229', kubernetesVersion: '1.34' } }),
    { ...INPUT, target: { amiId: NEW_AMI } },
    'InvalidInput',
    /for Kubernetes 1.34, but the control plane is 1.33/,
  ],
  [
    'an AMI type that AWS no longer publishes for this version',
    world(),
    { ...INPUT, amiType: 'AL2_x86_64' },
    'AmiNotFound',
    /no SSM parameter \/aws\/service\/eks\/optimized-ami\/1.33\/amazon-linux-2\/recommended\/image_id: AWS publishes no AL2_x86_64 AMI/,
  ],
  [
    'an SSM parameter that does not exist',
    world(),
    { ...INPUT, target: { ssmParameter: '/golden/ami' } },
    'AmiNotFound',
    /no SSM parameter \/golden\/ami/,
  ],
  [
    'an SSM parameter that holds something else',
    world({ scenario: { parameters: { '/golden/ami': 'latest' } } }),
    { ...INPUT, target: { ssmParameter: '/golden/ami' } },
    'AmiNotFound',
    /holds "latest", which is not an AMI id/,
  ],
  [
    'a release version of another form',
    world(),
    { ...INPUT, target: { releaseVersion: 'newest' } },
    'InvalidInput',
    /"newest" is not a release version/,
  ],
  [
    'a release version that does not exist',
    world(),
    { ...INPUT, target: { releaseVersion: '1.33.5-20200101' } },
    'AmiNotFound',
    /no release 1.33.5-20200101/,
  ],
  [
    'a custom AMI, without a target',
    world({
      scenario: {
        images: [
          image(OLD_AMI, '20251120', { name: 'golden-42' }),
          image(NEW_AMI, '20251229', { isRecommended: true }),
        ],
      },
    }),
    INPUT,
    'InvalidInput',
    /"golden-42", is not one that AWS publishes for EKS.*name "amiType"/,
  ],
  [
    'a launch configuration',
    world({ group: { launchConfigurationName: 'old-style' } }),
    INPUT,
    'UnsupportedNodegroup',
    /launch configuration old-style.*move it to a launch template/,
  ],
  [
    'a template version that does not exist',
    world(),
    { ...INPUT, target: { launchTemplateVersion: '99' } },
    'InvalidInput',
    /has no version 99/,
  ],
  ['a warm pool', world({ group: { warmPool: true } }), INPUT, 'UnsupportedNodegroup', /warm pool/],
  [
    'a suspended Launch process',
    world({ group: { suspendedProcesses: ['Launch'] } }),
    INPUT,
    'UnsupportedNodegroup',
    /Launch process suspended/,
  ],
  [
    'an override with a template of its own',
    world({ group: { mixedInstances: { overrides: [{ instanceType: 'm6i.xlarge', launchTemplateName: 'other' }] } } }),
    INPUT,
    'UnsupportedNodegroup',
    /overrides its template in its mixed instances policy/,
  ],
  [
    'capacity counted by weights',
    world({ group: { mixedInstances: { overrides: [{ instanceType: 'm6i.xlarge', weightedCapacity: '2' }] } } }),
    INPUT,
    'UnsupportedNodegroup',
    /remove WeightedCapacity/,
  ],
  [
    'an alarm that is in ALARM already',
    world({ scenario: { alarms: [{ name: 'checkout-5xx', state: 'ALARM' }] } }),
    { ...INPUT, alarms: ['checkout-5xx'] },
    'AlarmTriggered',
    /in ALARM before the start: checkout-5xx/,
  ],
  [
    'a token that the cluster refuses',
    failing('GET nodes', 'Unauthorized'),
    INPUT,
    'ClusterUnreachable',
    /access entry/i,
  ],
  [
    'RBAC that lacks the eviction',
    clusterWith({ deniedRules: [{ verb: 'create', resource: 'pods/eviction' }] }),
    INPUT,
    'AccessDenied',
    /is not allowed to create pods\/eviction in cluster shop: apply kubernetes\/rbac.yaml/,
  ],
  [
    'RBAC that lacks the list of nodes',
    clusterWith({ deniedRules: [{ verb: 'list', resource: 'nodes' }] }),
    INPUT,
    'AccessDenied',
    /list nodes|nodes is forbidden/i,
  ],
  [
    'IAM that lacks the group',
    failing('DescribeAutoScalingGroups', 'AccessDenied'),
    INPUT,
    'AccessDenied',
    /autoscaling:DescribeAutoScalingGroups/,
  ],
];

describe('bad input is refused before anything is touched', () => {
  for (const [title, scenario, input, error, sentence] of ROWS) {
    it(`${title}: ${error}`, async () => {
      const sandbox = await createWorld(scenario);
      const ended = await sandbox.upgrade(input);
      assert.equal(ended.error, error, `${ended.status}: ${ended.cause}`);
      assert.match(ended.cause, sentence);
      assert.match(ended.cause, /Nothing was changed\.$/);
      assert.deepEqual(writes(sandbox.wire.entries), []);
    });
  }

  it('names a key in one sentence, without a stack trace', async () => {
    const { cause } = await (await createWorld()).upgrade({ ...INPUT, force: 'yes' });
    assert.doesNotMatch(cause, /\n|at .*\.ts/);
  });
});

describe('nothing to do is a success that changes nothing', () => {
  const rows: [title: string, scenario: ScenarioInput, sentence: RegExp][] = [
    [
      'an empty group',
      world({ group: { minSize: 0, desiredCapacity: 0, amiId: NEW_AMI } }),
      /has no nodes: nothing to upgrade/,
    ],
    [
      'a group whose nodes all run the target',
      world({ group: { amiId: NEW_AMI } }),
      /shop-workers runs ami-0bbbbbbbbbbbbbbb2 on all 6 nodes already: nothing was changed/,
    ],
  ];
  for (const [title, scenario, sentence] of rows) {
    it(title, async () => {
      const sandbox = await createWorld(scenario);
      const ended = await sandbox.upgrade();
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.match(ended.output.plan.summary, sentence);
      assert.deepEqual(writes(sandbox.wire.entries), []);
    });
  }

  it('a dry run plans and changes nothing', async () => {
    const sandbox = await createWorld();
    const ended = await sandbox.upgrade({ ...INPUT, dryRun: true });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(ended.output.plan.nodes.outdated, 6);
    assert.equal(ended.output.plan.target.releaseVersion, '1.33.5-20251229');
    assert.deepEqual(writes(sandbox.wire.entries), []);
  });
});
