import assert from 'node:assert/strict';
import { parseInput, type UpgradeInput } from '../../../domain/input/input.ts';
import { missingRight, requiredRights } from '../../../domain/plan/rights.ts';
import {
  type AwsFacts,
  checkAlarms,
  checkTarget,
  decideSurvey,
  engineOf,
  type KubernetesFacts,
} from '../../../domain/plan/survey.ts';
import type { LaunchSource, MachineImage } from '../../../domain/types.ts';
import { aGroup, aNode, anInstance, EXECUTION_ARN, NEW_AMI, NOW_AT, OLD_AMI, OLD_VERSION } from '../builders.ts';

const inputOf = (overrides: object = {}) =>
  parseInput({ clusterName: 'production', autoScalingGroupName: 'workers', ...overrides });

const image = (overrides: Partial<MachineImage> = {}): MachineImage => ({
  imageId: NEW_AMI,
  name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20260108',
  state: 'available',
  architecture: 'x86_64',
  isAllowed: true,
  platform: 'Linux/UNIX',
  createdAt: NOW_AT,
  ...overrides,
});

const aws = (overrides: Partial<AwsFacts> = {}): AwsFacts => ({
  cluster: { name: 'production', version: '1.33', status: 'ACTIVE' },
  nodegroup: undefined,
  group: aGroup(),
  launchSource: aGroup().launchSource as LaunchSource,
  alarmStates: {},
  inUse: { launchTemplateId: 'lt-0123456789abcdef0', version: OLD_VERSION, imageId: OLD_AMI, isDefault: true },
  instances: aGroup().instances.map(({ instanceId, zone }) => anInstance({ instanceId, zone })),
  currentImage: image({ imageId: OLD_AMI, name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251201' }),
  resolved: { engine: 'workflow', target: { image: image(), amiType: 'AL2023_x86_64_STANDARD', source: 'a test' } },
  ...overrides,
});

const kubernetes = (overrides: Partial<KubernetesFacts> = {}): KubernetesFacts => ({
  nodes: aGroup().instances.map(({ instanceId }) => aNode({ name: `node-of-${instanceId}`, instanceId })),
  pods: [],
  budgets: [],
  daemonSets: [],
  missing: undefined,
  upgradedBy: undefined,
  ...overrides,
});

const decide = (input = inputOf(), ofAws = aws(), ofKubernetes = kubernetes()) =>
  decideSurvey({ input, executionArn: EXECUTION_ARN, startedAt: NOW_AT }, ofAws, ofKubernetes);

describe('the engine of a group', () => {
  const rows: [string, object, 'workflow' | 'eks'][] = [
    ['is ours for a self-managed group', {}, 'workflow'],
    ['is EKS for a managed one', { autoScalingGroupName: undefined, nodegroupName: 'managed' }, 'eks'],
    [
      'is ours for a managed one when the input says so',
      { autoScalingGroupName: undefined, nodegroupName: 'managed', engine: 'workflow' },
      'workflow',
    ],
  ];
  for (const [title, input, engine] of rows) it(title, () => assert.equal(engineOf(inputOf(input)), engine));

  it('cannot be EKS for a self-managed group', () => {
    const input: UpgradeInput = { ...inputOf(), engine: 'eks' };
    assert.throws(() => engineOf(input), { name: 'InvalidInput', message: /leave "engine" out$/ });
  });
});

describe('the rights a run needs', () => {
  const rights = (force: boolean, engine: 'workflow' | 'eks') =>
    requiredRights({ force }, engine).map(
      ({ subject, verb, resource }) => `${subject.replace('eks-nodegroup-upgrade-', '')}: ${verb} ${resource}`,
    );

  it('are, by group, to patch nodes, to evict, to update leases and to look up volumes', () =>
    assert.deepEqual(rights(false, 'workflow'), [
      'conductor: patch nodes',
      'drain: patch nodes',
      'drain: create pods',
      'conductor: update leases',
      'drain: get persistentvolumes',
    ]));
  it('are with force to delete pods too', () => assert.equal(rights(true, 'workflow').at(-1), 'drain: delete pods'));
  it('are fewer for engine eks, which evicts and deletes pods itself', () =>
    assert.deepEqual(rights(true, 'eks'), ['readers: watch pods', 'conductor: update leases']));

  const sentences: [index: number, sentence: string][] = [
    [
      0,
      'the group eks-nodegroup-upgrade-conductor is not allowed to patch nodes in cluster production: apply kubernetes/rbac.yaml',
    ],
    [
      2,
      'the group eks-nodegroup-upgrade-drain is not allowed to create pods/eviction in cluster production: apply kubernetes/rbac.yaml',
    ],
    [
      3,
      'the group eks-nodegroup-upgrade-conductor is not allowed to update leases in namespace eks-nodegroup-upgrade in cluster production: apply kubernetes/rbac.yaml',
    ],
    [
      5,
      'the group eks-nodegroup-upgrade-drain is not allowed to delete pods in cluster production: apply kubernetes/rbac-force.yaml',
    ],
  ];
  for (const [index, sentence] of sentences) {
    it(`are named with the group that lacks one and the file that grants it: ${sentence.slice(31, 80)}…`, () => {
      const right = requiredRights({ force: true }, 'workflow')[index];
      assert.equal(right && missingRight(right, inputOf({})).message, sentence);
    });
  }
});

describe('alarms before the start', () => {
  const input = (dryRun = false) => inputOf({ alarms: ['latency', 'errors'], dryRun });

  it('are fine when all exist and none is in ALARM', () =>
    checkAlarms(input(), { latency: 'OK', errors: 'INSUFFICIENT_DATA' }));
  it('are refused when CloudWatch does not have one', () =>
    assert.throws(() => checkAlarms(input(), { latency: 'OK' }), {
      name: 'InvalidInput',
      message: '"alarms" names errors, which CloudWatch does not have',
    }));
  it('keep a run from starting while one is in ALARM', () =>
    assert.throws(() => checkAlarms(input(), { latency: 'ALARM', errors: 'OK' }), {
      name: 'AlarmTriggered',
      message: 'in ALARM before the start: latency',
    }));
  it('are a note in a dry run', () => {
    const alarmStates = { latency: 'ALARM', errors: 'OK' };
    checkAlarms(input(true), alarmStates);
    assert.deepEqual(decide(input(true), aws({ alarmStates })).notes, [
      'alarm latency is in ALARM: the run would not start',
    ]);
  });
});

describe('the target of a survey', () => {
  const to = (overrides: Partial<MachineImage>) =>
    aws({ resolved: { engine: 'workflow', target: { image: image(overrides), source: 'a test' } } });

  it('is fine when the instances can run it', () => checkTarget(inputOf(), aws()));

  it('is refused when it is older than the release in use', () => {
    const target = { ...aws().resolved.target, releaseVersion: '1.33.5-20251101' };
    assert.throws(() => checkTarget(inputOf(), aws({ resolved: { engine: 'workflow', target } })), {
      name: 'InvalidInput',
      message: /1\.33\.5-20251101 is older than 1\.33-20251201/,
    });
  });

  it('is refused for another family, but for a template version, which has its own user data', () => {
    const bottlerocket = { name: 'bottlerocket-aws-k8s-1.33-x86_64-v1.49.0-abcdef12' };
    assert.throws(() => checkTarget(inputOf({ target: { amiId: NEW_AMI } }), to(bottlerocket)), {
      name: 'InvalidInput',
      message: /is BOTTLEROCKET, but the group runs AL2023/,
    });
    checkTarget(inputOf({ target: { launchTemplateVersion: '9' } }), to(bottlerocket));
  });
});

describe('a survey', () => {
  it('goes to a new template version where the one in use has another AMI', () => {
    const { target, members, notes } = decide();
    assert.deepEqual(target, {
      amiId: NEW_AMI,
      launchTemplateId: 'lt-0123456789abcdef0',
      sourceVersion: '3',
      comparesVersion: false,
    });
    assert.deepEqual([members.length, members.filter(({ isOutdated }) => isOutdated).length], [3, 3]);
    assert.deepEqual(notes, []);
  });

  it('uses the template version in use where that has the target AMI already', () => {
    const { target } = decide(inputOf(), aws({ inUse: { ...aws().inUse, imageId: NEW_AMI } }));
    assert.deepEqual(target, { ...decide().target, launchTemplateVersion: '3' });
  });

  it('compares template versions where the input names one', () => {
    const named = { ...aws().resolved.target, launchTemplateVersion: '7' };
    const { target } = decide(inputOf(), aws({ resolved: { engine: 'workflow', target: named } }));
    assert.deepEqual(target, { ...decide().target, launchTemplateVersion: '7', comparesVersion: true });
  });

  it('#41 names a hook that keeps drained instances, and for how long', () => {
    const { notes } = decide(inputOf(), aws({ terminationHooks: [{ name: 'drainer', seconds: 3600 }] }));
    assert.deepEqual(notes, ['the termination hook drainer may keep each drained instance for up to 60 minutes']);
  });

  it('names the run that upgrades the group now', () => {
    const facts = decide(inputOf(), aws(), kubernetes({ upgradedBy: 'arn:of:another' }));
    assert.deepEqual(facts.notes, ['arn:of:another is upgrading this group now']);
  });

  const refusals: [string, () => unknown, object][] = [
    [
      'a run without the rights it needs',
      () =>
        decide(
          inputOf(),
          aws(),
          kubernetes({ missing: { subject: 'conductor', verb: 'patch', group: '', resource: 'nodes' } }),
        ),
      { name: 'AccessDenied', message: /is not allowed to patch nodes/ },
    ],
    [
      'nodes of which none was ever in the group',
      () => decide(inputOf({ nodes: ['i-0f', 'elsewhere'] })),
      { name: 'InvalidInput', message: /"nodes" names i-0f and elsewhere, but workers has no such nodes/ },
    ],
    [
      'a canary larger than the group',
      () => decide(inputOf({ canary: { nodes: 4, bakeSeconds: 60 } })),
      { name: 'InvalidInput', message: /"canary.nodes" is 4, but the group has 3 nodes/ },
    ],
    [
      'a group whose instances are nodes of no cluster, or of another',
      () => decide(inputOf(), aws(), kubernetes({ nodes: [] })),
      {
        name: 'UnsupportedNodegroup',
        message: 'none of the 3 instances of workers is a node of cluster production: check both names',
      },
    ],
  ];
  for (const [title, survey, error] of refusals) it(`refuses ${title}`, () => assert.throws(survey, error));
});
