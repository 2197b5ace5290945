import assert from 'node:assert/strict';
import sinon from 'sinon';
import { parseInput } from '../../../domain/input/input.ts';
import { survey } from '../../../operations/plan/survey.ts';
import { aLease, EXECUTION_ARN, NEW_AMI, NOW_AT, OLD_AMI } from '../../domain/builders.ts';
import { aNodegroup, anImage, aTemplateVersion } from '../aws-in-memory.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const OTHER_ARN = 'arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:monday';
const request = (overrides: object = {}) => ({
  input: parseInput({ clusterName: 'production', autoScalingGroupName: 'workers', ...overrides }),
  executionArn: EXECUTION_ARN,
  startedAt: NOW_AT,
});
const managed = (overrides: object = {}) =>
  request({ autoScalingGroupName: undefined, nodegroupName: 'managed', ...overrides });

const withNodegroup = (overrides: Parameters<typeof aNodegroup>[0] = {}): PortsInMemory => {
  const ports = createPorts();
  ports.aws.nodegroups.set('managed', aNodegroup(overrides));
  return ports;
};

describe('a survey of a self-managed group', () => {
  it('finds the recommended AMI and changes nothing', async () => {
    const { deps, changes } = createPorts();
    const facts = await survey(deps, request());
    assert.equal(facts.engine, 'workflow');
    assert.equal(facts.target.amiId, NEW_AMI);
    assert.equal(facts.target.releaseVersion, '1.33.5-20260108');
    assert.equal(facts.members.length, 3);
    assert.deepEqual(facts.notes, []);
    assert.deepEqual(changes, []);
  });

  it('takes the AMI in use from an instance when the template names none', async () => {
    const { deps, aws } = createPorts();
    const { imageId: _, ...template } = aTemplateVersion({ imageAlias: 'resolve:ssm:/a/parameter' });
    aws.templateVersions.splice(0, 1, template);
    const facts = await survey(deps, request());
    assert.equal(facts.target.amiId, NEW_AMI);
    assert.equal(facts.imageAlias, 'resolve:ssm:/a/parameter');
  });

  it('names a running execution that holds the lock, and no other', async () => {
    const { deps, aws, kubernetes } = createPorts();
    kubernetes.leases.set('workers', aLease({ holder: OTHER_ARN }));
    assert.deepEqual((await survey(deps, request())).notes, []);
    aws.runningExecutions.add(OTHER_ARN);
    assert.deepEqual((await survey(deps, request())).notes, [`${OTHER_ARN} is upgrading this group now`]);
  });

  const alarms = { alarms: ['latency'] };
  const refusals: [title: string, input: object, change: (ports: PortsInMemory) => unknown, error: object][] = [
    ['a cluster that does not exist', {}, ({ aws }) => aws.clusters.clear(), { name: 'ClusterNotFound' }],
    ['a group that does not exist', {}, ({ aws }) => aws.groups.clear(), { name: 'NodegroupNotFound' }],
    [
      'a group with an instance refresh under way',
      {},
      ({ aws }) => aws.refreshedGroups.add('workers'),
      { name: 'UnsupportedNodegroup', message: /an instance refresh of workers is under way: cancel it, or wait/ },
    ],
    ['an alarm that does not exist', alarms, () => {}, { name: 'InvalidInput' }],
    [
      'to start while an alarm is in ALARM',
      alarms,
      ({ aws }) => Object.assign(aws.alarmStates, { latency: 'ALARM' }),
      { name: 'AlarmTriggered' },
    ],
    [
      'a template version that does not exist any more',
      {},
      ({ aws }) => aws.templateVersions.splice(0),
      { name: 'InvalidInput', message: /launches from version 3 of \S+, which does not exist: point it at/ },
    ],
    [
      'a target for another architecture',
      { target: { amiId: NEW_AMI } },
      ({ aws }) => aws.images.set(NEW_AMI, anImage({ architecture: 'arm64' })),
      { name: 'InvalidInput', message: /is for arm64, but the instances of the group are x86_64/ },
    ],
    [
      'to start without a right that it needs',
      {},
      ({ kubernetes }) => kubernetes.missingRights.add('create pods/eviction'),
      { name: 'AccessDenied', message: /is not allowed to create pods\/eviction/ },
    ],
  ];
  for (const [title, input, change, error] of refusals) {
    it(`refuses ${title}`, async () => {
      const ports = createPorts();
      change(ports);
      await assert.rejects(survey(ports.deps, request(input)), error);
      assert.deepEqual(ports.changes, []);
    });
  }

  it('refuses a bad target before it asks the Kubernetes API', async () => {
    const { deps, aws, cluster } = createPorts();
    aws.images.set(NEW_AMI, anImage({ state: 'failed' }));
    const version = sinon.spy(cluster, 'serverVersion');
    await assert.rejects(survey(deps, request()), {
      name: 'AmiNotFound',
      message: `${NEW_AMI} is failed, not available`,
    });
    assert.equal(version.callCount, 0);
  });
});

describe('a survey of a managed group', () => {
  it('asks EKS for the newest release', async () => {
    const facts = await survey(withNodegroup().deps, managed());
    assert.ok(facts.engine === 'eks');
    assert.equal(facts.nodegroupName, 'managed');
    assert.deepEqual(facts.update, {
      version: '1.33',
      releaseVersion: '1.33.5-20260108',
      previous: { version: '1.33', releaseVersion: '1.33.5-20251201' },
    });
    assert.equal(facts.isRecorded, false);
  });

  it('requires the labels of the group from new nodes with engine workflow', async () => {
    const facts = await survey(withNodegroup({ labels: { tier: 'web' } }).deps, managed({ engine: 'workflow' }));
    assert.ok(facts.engine === 'workflow');
    assert.deepEqual(facts.requiredLabels, { tier: 'web', 'eks.amazonaws.com/nodegroup': 'managed' });
  });

  it('refuses a node group that does not exist', async () => {
    await assert.rejects(survey(createPorts().deps, managed()), {
      name: 'NodegroupNotFound',
      message: 'cluster production has no managed node group "managed"',
    });
  });

  it('knows that EKS has recorded the newest release already', async () => {
    const facts = await survey(withNodegroup({ releaseVersion: '1.33.5-20260108' }).deps, managed());
    assert.equal(facts.engine === 'eks' && facts.isRecorded, true);
  });

  const owned = { amiType: 'CUSTOM', launchTemplate: { id: 'lt-0aaaaaaaaaaaaaaaa', version: '1' } };
  const ofOwner = (version: string) => managed({ target: { launchTemplateVersion: version } });
  const withTemplate = (nodegroup: Parameters<typeof aNodegroup>[0], imageId?: string): PortsInMemory => {
    const ports = withNodegroup(nodegroup);
    const { imageId: _, ...version } = aTemplateVersion({ launchTemplateId: 'lt-0aaaaaaaaaaaaaaaa', version: 2 });
    ports.aws.templateVersions.push({ ...version, ...(imageId !== undefined && { imageId }) });
    return ports;
  };

  it("takes the AMI of a version of the owner's template", async () => {
    const facts = await survey(withTemplate(owned, NEW_AMI).deps, ofOwner('2'));
    assert.ok(facts.engine === 'eks');
    assert.deepEqual(facts.update, {
      launchTemplate: { id: 'lt-0aaaaaaaaaaaaaaaa', version: '2' },
      previous: { version: '1.33', launchTemplateVersion: '1' },
    });
    assert.equal(facts.target.amiId, NEW_AMI);
  });

  it("keeps the AMI in use for a version of the owner's template without one", async () => {
    const facts = await survey(withTemplate({ ...owned, amiType: 'AL2023_x86_64_STANDARD' }).deps, ofOwner('2'));
    assert.equal(facts.target.amiId, OLD_AMI);
    assert.match(facts.targetSource, /^version 2 of launch template lt-0a+, with the AMI in use$/);
  });

  const refusals: [title: string, ports: PortsInMemory, version: string, error: object][] = [
    ["a version that the owner's template does not have", withTemplate(owned), '5', { name: 'InvalidInput' }],
    [
      'a version without an AMI for a group created with one',
      withTemplate(owned),
      '2',
      {
        name: 'InvalidInput',
        message: /names no AMI, but node group managed was created with a template that names one/,
      },
    ],
    [
      'a version with an AMI for a group created without one',
      withTemplate({ ...owned, amiType: 'AL2023_x86_64_STANDARD' }, NEW_AMI),
      '2',
      {
        name: 'InvalidInput',
        message: /names an AMI, but node group managed was created with a template that names none/,
      },
    ],
  ];
  for (const [title, ports, version, error] of refusals) {
    it(`refuses ${title}`, () => assert.rejects(survey(ports.deps, ofOwner(version)), error));
  }

  it('refuses to keep an AMI that does not exist any more', async () => {
    const ports = withTemplate({ ...owned, amiType: 'AL2023_x86_64_STANDARD' });
    ports.aws.images.delete(OLD_AMI);
    await assert.rejects(survey(ports.deps, ofOwner('2')), {
      name: 'UnsupportedNodegroup',
      message: /the AMI that node group managed uses does not exist any more: name a "releaseVersion"/,
    });
  });

  it('follows an update with the same target that is under way', async () => {
    const ports = withNodegroup({ status: 'UPDATING' });
    ports.aws.updates.set('update-1', {
      id: 'update-1',
      status: 'InProgress',
      type: 'VersionUpdate',
      params: { Version: '1.33', ReleaseVersion: '1.33.5-20260108' },
      createdAt: NOW_AT,
      errors: [],
    });
    const facts = await survey(ports.deps, managed());
    assert.ok(facts.engine === 'eks');
    assert.equal(facts.update.runningUpdateId, 'update-1');
    assert.equal(facts.update.previous, undefined);
  });
});
