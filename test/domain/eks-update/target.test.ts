import assert from 'node:assert/strict';
import {
  checkUpdateTarget,
  describeUpdate,
  hasSameTarget,
  isRecorded,
  renewedLabels,
  updateToken,
  versionOf,
} from '../../../domain/eks-update/target.ts';
import type { UpdateRequest } from '../../../domain/state.ts';
import type { EksNodegroup, EksUpdate } from '../../../domain/types.ts';

const nodegroup = (overrides: Partial<EksNodegroup> = {}): EksNodegroup => ({
  name: 'workers',
  status: 'ACTIVE',
  version: '1.32',
  releaseVersion: '1.32.9-20251120',
  amiType: 'AL2023_x86_64_STANDARD',
  autoScalingGroupName: 'eks-workers',
  updateConfig: {},
  labels: {},
  healthIssues: [],
  ...overrides,
});
const template = { id: 'lt-0', version: '7' };
const running = (params: Record<string, string>, type = 'VersionUpdate'): EksUpdate => ({
  id: 'u-1',
  status: 'InProgress',
  type,
  params,
  createdAt: '2026-01-12T10:00:00.000Z',
  errors: [],
});

describe('what EKS is asked for: the Kubernetes version', () => {
  const cases: [title: string, target: object | undefined, amiType: string, version: string][] = [
    ["the cluster's without a target", undefined, 'AL2023_x86_64_STANDARD', '1.33'],
    ['that of a release', { releaseVersion: '1.32.9-20260101' }, 'AL2023_x86_64_STANDARD', '1.32'],
    [
      "the cluster's for Bottlerocket, whose releases name none",
      { releaseVersion: '1.49.0' },
      'BOTTLEROCKET_x86_64',
      '1.33',
    ],
    ["the group's own with a template version", { launchTemplateVersion: '8' }, 'AL2023_x86_64_STANDARD', '1.32'],
  ];
  for (const [title, target, amiType, version] of cases) {
    it(title, () => assert.equal(versionOf(nodegroup({ amiType }), '1.33', target), version));
  }

  it("is refused when it is neither the cluster's nor the group's own, in EKS's words", () =>
    assert.throws(() => versionOf(nodegroup(), '1.33', { releaseVersion: '1.31.1-20260101' }), {
      name: 'InvalidInput',
      message:
        /EKS says: Nodegroup Kubernetes version should be equal to Cluster kubernetes version 1\.33 or NodeGroup kubernetes version 1\.32$/,
    }));
});

describe('what EKS is asked for: targets it would refuse', () => {
  const custom = nodegroup({ amiType: 'CUSTOM', launchTemplate: template });
  const refused: [title: string, group: EksNodegroup, target: object | undefined, message: RegExp][] = [
    [
      'a release for a custom AMI',
      custom,
      { releaseVersion: '1.33.5-20260101' },
      /cannot specify the field releaseVersion/,
    ],
    ['nothing for a custom AMI', custom, undefined, /create a version of its launch template lt-0 .*can't be null/],
    [
      'a template version without a template',
      nodegroup(),
      { launchTemplateVersion: '8' },
      /without a launch template of yours/,
    ],
  ];
  for (const [title, group, target, message] of refused) {
    it(title, () => assert.throws(() => checkUpdateTarget(group, target), { name: 'InvalidInput', message }));
  }

  const fine: [title: string, group: EksNodegroup, target: object | undefined][] = [
    ['a template version for a custom AMI', custom, { launchTemplateVersion: '8' }],
    ["a template version with EKS's AMIs", nodegroup({ launchTemplate: template }), { launchTemplateVersion: '8' }],
    ['nothing', nodegroup(), undefined],
  ];
  for (const [title, group, target] of fine) it(`but not ${title}`, () => checkUpdateTarget(group, target));
});

describe('an update under way', () => {
  const request: UpdateRequest = { version: '1.33', releaseVersion: '1.33.5-20260101' };
  const cases: [title: string, update: EksUpdate, request: UpdateRequest, isSame: boolean][] = [
    ['the same release', running({ Version: '1.33', ReleaseVersion: '1.33.5-20260101' }), request, true],
    ['another release', running({ Version: '1.33', ReleaseVersion: '1.33.5-20251120' }), request, false],
    ['a version alone, which stands for any release', running({ Version: '1.33' }), request, false],
    ['a change of sizes', running({ MaxSize: '9' }, 'ConfigUpdate'), request, false],
    [
      'the same release with another template version',
      running({ Version: '1.33', ReleaseVersion: '1.33.5-20260101', LaunchTemplateVersion: '8' }),
      { ...request, launchTemplate: template },
      false,
    ],
    [
      'the same template version of a custom AMI',
      running({ LaunchTemplateName: 'golden', LaunchTemplateVersion: '7' }),
      { launchTemplate: template },
      true,
    ],
    [
      'a release where a template is asked for',
      running({ ReleaseVersion: '1.33.5-20260101', LaunchTemplateVersion: '6' }),
      { launchTemplate: template },
      false,
    ],
  ];
  for (const [title, update, wanted, isSame] of cases) {
    it(`${isSame ? 'is followed' : 'is another'}: ${title}`, () => assert.equal(hasSameTarget(update, wanted), isSame));
  }

  it('is named with where it goes', () => {
    assert.equal(describeUpdate(running({ Version: '1.33' })), 'VersionUpdate u-1 (Version 1.33)');
    assert.equal(describeUpdate(running({}, 'ConfigUpdate')), 'ConfigUpdate u-1');
  });
});

describe("EKS's record", () => {
  const own = { version: '1.32', releaseVersion: '1.32.9-20251120' };
  const cases: [title: string, group: EksNodegroup, request: UpdateRequest, is: boolean][] = [
    ['has what is asked for', nodegroup(), own, true],
    ['has another release', nodegroup(), { ...own, releaseVersion: '1.32.9-20260101' }, false],
    ['has another Kubernetes version', nodegroup(), { ...own, version: '1.33' }, false],
    [
      'has another template version',
      nodegroup({ launchTemplate: template }),
      { launchTemplate: { ...template, version: '8' } },
      false,
    ],
    ['has a template that the request does not name', nodegroup({ launchTemplate: template }), own, true],
  ];
  for (const [title, group, request, is] of cases) it(title, () => assert.equal(isRecorded(group, request), is));
});

describe('the labels of renewed nodes', () => {
  it('name the AMI, and the template of its owner when there is one', () => {
    assert.deepEqual(renewedLabels('ami-1', undefined), { 'eks.amazonaws.com/nodegroup-image': 'ami-1' });
    assert.deepEqual(renewedLabels('ami-1', template), {
      'eks.amazonaws.com/nodegroup-image': 'ami-1',
      'eks.amazonaws.com/sourceLaunchTemplateId': 'lt-0',
      'eks.amazonaws.com/sourceLaunchTemplateVersion': '7',
    });
  });
});

describe('the token of the request', () => {
  const of = (name: string) =>
    updateToken({ executionArn: `arn:aws:states:eu-west-1:111122223333:execution:upgrade:${name}` });

  it('is the same for the same execution, and another for another', () => {
    assert.equal(of('sunday'), of('sunday'));
    assert.notEqual(of('sunday'), of('monday'));
  });

  it('is short and plain, and differs for long names', () => {
    const long = 'a'.repeat(79);
    assert.match(of(`${long}1`), /^[\w-]{1,64}$/);
    assert.notEqual(of(`${long}1`), of(`${long}2`));
    assert.match(of('Sonntag – früh'), /^[\w-]{1,64}$/);
  });
});
