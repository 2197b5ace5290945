import assert from 'node:assert/strict';
import type { ScenarioInput } from 'eks-sandbox/scenario';
import { describe, it } from 'mocha';
import { MANAGED, managedWorld, NEW_RELEASE, OF_EKS, OLD_RELEASE, recordOf } from './managed-world.ts';
import { createWorld, image, NEW_AMI, OLD_AMI } from './run-upgrade.ts';

const CUSTOM = { amiType: 'CUSTOM', launchTemplateName: 'golden', launchTemplateVersion: '1' };
const OWN_TEMPLATE = { launchTemplateName: 'workers', launchTemplateVersion: '1' };
const status = (is: 'DELETING' | 'CREATE_FAILED' | 'DEGRADED' | 'UPDATING', code = 'AccessDenied') =>
  managedWorld({ managed: { status: is, healthIssues: [{ code, message: 'the node role is gone' }] } });

type Row = [title: string, scenario: ScenarioInput, input: object, error: string, sentence: RegExp];

const SETTINGS: [title: string, input: object, sentence: RegExp][] = [
  [
    'a canary',
    { canary: { nodes: 1, bakeSeconds: 60 } },
    /"canary" is given, but EKS cannot stop after some nodes: leave it out/,
  ],
  [
    'an updateConfig',
    { updateConfig: { maxUnavailable: 2 } },
    /"updateConfig" is given, but EKS uses the node group's own: .*aws eks update-nodegroup-config --cluster-name shop --nodegroup-name workers/,
  ],
  [
    'pods that must not be evicted',
    { pods: { unmanaged: 'refuse' } },
    /"pods.unmanaged" is "refuse", but EKS evicts such pods too/,
  ],
  [
    'another drain timeout',
    { drainTimeoutSeconds: 1800 },
    /"drainTimeoutSeconds" is 1800, but EKS drains a node for 900 s/,
  ],
  [
    'another wait after the cordon',
    { cordonWaitSeconds: 0 },
    /"cordonWaitSeconds" is 0, but EKS waits after a cordon for 60 s/,
  ],
  [
    'another time for new nodes',
    { nodeReadyTimeoutSeconds: 600 },
    /"nodeReadyTimeoutSeconds" is 600, but EKS waits .* 900 s/,
  ],
  ['a policy that EKS does not have', { failurePolicy: 'finish' }, /EKS halts at the first node it cannot drain/],
  ['a choice of nodes', { nodes: ['i-0123456789abcdef0'] }, /"nodes" is given, but EKS updates every node of a group/],
  [
    'a fate of blocked nodes that EKS does not know',
    { blockedNodes: 'leaveCordoned' },
    /"blockedNodes" is "leaveCordoned", but EKS itself leaves nodes as they are/,
  ],
  [
    'an AMI',
    { target: { amiId: NEW_AMI } },
    /"target" names an AMI, but EKS does not accept one: name a "launchTemplateVersion"/,
  ],
  [
    'a parameter with an AMI',
    { target: { ssmParameter: '/golden/ami' } },
    /"target" names an AMI, but EKS does not accept one/,
  ],
  [
    'another AMI type',
    { amiType: 'BOTTLEROCKET_x86_64' },
    /the node group is AL2023_x86_64_STANDARD, which EKS never changes/,
  ],
];

const ROWS: Row[] = [
  ...SETTINGS.map(
    ([title, input, sentence]): Row => [
      `${title}, which EKS does not know`,
      managedWorld(),
      input,
      'InvalidInput',
      sentence,
    ],
  ),
  [
    'several such settings, all named at once',
    managedWorld(),
    { cordonWaitSeconds: 0, canary: { nodes: 1, bakeSeconds: 60 } },
    'InvalidInput',
    /"canary" .*; "cordonWaitSeconds"/,
  ],
  [
    'a node group that is being deleted',
    status('DELETING'),
    {},
    'UnsupportedNodegroup',
    /workers is DELETING, not ACTIVE .*being deleted/,
  ],
  [
    'a node group that was never created',
    status('CREATE_FAILED'),
    {},
    'UnsupportedNodegroup',
    /CREATE_FAILED, not ACTIVE \(AccessDenied: the node role is gone\): delete it and create it again/,
  ],
  [
    'a node group that is DEGRADED, in the words of EKS',
    status('DEGRADED'),
    {},
    'UnsupportedNodegroup',
    /DEGRADED, not ACTIVE \(AccessDenied: the node role is gone\): mend what EKS names, then start again. EKS says: Nodegroup cannot be updated as it is currently not in Active State/,
  ],
  [
    'a node group whose template somebody else has changed',
    status('DEGRADED', 'Ec2LaunchTemplateVersionMismatch'),
    {},
    'UnsupportedNodegroup',
    /let its Auto Scaling group launch from the version that EKS expects, as docs\/managed-nodegroups.md says/,
  ],
  [
    'a cluster that is being updated',
    managedWorld({ cluster: { status: 'UPDATING' } }),
    {},
    'UnsupportedNodegroup',
    /UPDATING, not ACTIVE/,
  ],
  [
    'a custom AMI without a template version',
    managedWorld({ group: CUSTOM }),
    {},
    'InvalidInput',
    /has a custom AMI, so AWS recommends no newer one: .* EKS says: Launch template details can't be null for Custom ami type node group/,
  ],
  [
    'a release for a custom AMI',
    managedWorld({ group: CUSTOM }),
    { target: { releaseVersion: NEW_RELEASE } },
    'InvalidInput',
    /EKS says: You cannot specify the field releaseVersion when using custom AMIs\./,
  ],
  [
    'both a release and a template version',
    managedWorld({ group: CUSTOM }),
    { target: { releaseVersion: NEW_RELEASE, launchTemplateVersion: '2' } },
    'InvalidInput',
    /exactly one of amiId, releaseVersion, launchTemplateVersion/,
  ],
  [
    'a template version of a group that has no template of its owner',
    managedWorld(),
    { target: { launchTemplateVersion: '2' } },
    'InvalidInput',
    /was created without a launch template of yours/,
  ],
  [
    'a template version that does not exist',
    managedWorld({ group: OWN_TEMPLATE }),
    { target: { launchTemplateVersion: '9' } },
    'InvalidInput',
    /launch template lt-\w+ has no version 9/,
  ],
  [
    'a release older than the one in use',
    managedWorld({ group: { amiId: NEW_AMI } }),
    { target: { releaseVersion: OLD_RELEASE } },
    'InvalidInput',
    /"target.releaseVersion" 1.33.5-20251120 is older than 1.33.5-20251229, which the group runs: say \{"allowDowngrade": true\}/,
  ],
  [
    "a release of a Kubernetes version that is neither the cluster's nor the group's",
    managedWorld(),
    { target: { releaseVersion: '1.34.2-20251229' } },
    'InvalidInput',
    /EKS says: Nodegroup Kubernetes version should be equal to Cluster kubernetes version 1.33 or NodeGroup kubernetes version 1.33/,
  ],
  [
    'RBAC that lacks the watch of pods',
    managedWorld({ cluster: { deniedRules: [{ verb: 'watch', resource: 'pods' }] } }),
    {},
    'AccessDenied',
    /is not allowed to watch pods in cluster shop/,
  ],
];

describe('bad input for an upgrade by EKS is refused before anything is touched', () => {
  for (const [title, scenario, input, error, sentence] of ROWS) {
    it(`${title}: ${error}`, async () => {
      const sandbox = await createWorld(scenario);
      const ended = await sandbox.upgrade({ ...MANAGED, ...input });
      assert.equal(ended.error, error, `${ended.status}: ${ended.cause}`);
      assert.match(ended.cause, sentence);
      assert.match(ended.cause, /Nothing was changed\.$/);
      const writes = sandbox.wire.entries.filter(
        ({ request, plane, action }) =>
          request.headers.authorization !== OF_EKS &&
          (plane === 'aws' ? /^(POST|PUT|DELETE) /.test(action) : request.method !== 'GET' && !/reviews$/.test(action)),
      );
      assert.deepEqual(writes, []);
      assert.deepEqual(recordOf(sandbox).updates, []);
    });
  }

  it('asks for an older release when that is allowed, and quotes what AWS documents about it', async () => {
    const sandbox = await createWorld(managedWorld({ group: { amiId: NEW_AMI } }));
    const input = { ...MANAGED, target: { releaseVersion: OLD_RELEASE }, allowDowngrade: true };
    const ended = await sandbox.upgrade(input);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([OLD_AMI]));
    assert.match(ended.output.plan.warnings.join(), /AWS documents that a node group cannot go back .*EKS may refuse/);
  });

  it("keeps the group's own Kubernetes version when a release of it is named, although the cluster is ahead", async () => {
    const next = image('ami-0cccccccccccccccc', '20260101', {
      kubernetesVersion: '1.34',
      releaseVersion: '1.34.2-20260101',
    });
    const images = [image(OLD_AMI, '20251120'), image(NEW_AMI, '20251229', { isRecommended: true }), next];
    const sandbox = await createWorld(managedWorld({ cluster: { version: '1.34' }, scenario: { images } }));
    const ended = await sandbox.upgrade({ ...MANAGED, target: { releaseVersion: NEW_RELEASE } });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(recordOf(sandbox).configuration.version, '1.33');
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  });
});
