import assert from 'node:assert/strict';
import { InvalidInput } from '../../../domain/errors.ts';
import { parseInput } from '../../../domain/input/input.ts';
import {
  canaryRefusal,
  checkCluster,
  checkGroup,
  checkNodegroup,
  standbyInstances,
} from '../../../domain/plan/preflight.ts';
import type { AutoScalingGroup, EksCluster, EksNodegroup, LaunchSource } from '../../../domain/types.ts';
import { aGroup, aGroupInstance } from '../builders.ts';

const source = aGroup().launchSource as LaunchSource;

describe('preflight: the cluster', () => {
  const cluster: EksCluster = { name: 'production', version: '1.33', status: 'ACTIVE', endpoint: 'https://example' };
  const { endpoint: _, ...unreachable } = cluster;

  it('is fine when it is ACTIVE', () => checkCluster(cluster));

  it('is refused while it is being updated, with what to wait for', () =>
    assert.throws(() => checkCluster({ ...cluster, status: 'UPDATING' }), {
      name: 'UnsupportedNodegroup',
      message: /^cluster production is UPDATING, not ACTIVE: wait until its own update has ended/,
    }));

  for (const [status, way] of [
    ['CREATING', /wait until it has been created, then start again$/],
    ['DELETING', /it is being deleted, so there is nothing to upgrade$/],
    ['FAILED', /it could not be created: delete it and create it again$/],
    ['PENDING', /not ACTIVE: wait until it is, then start again$/],
  ] as [string, RegExp][]) {
    it(`is refused while it is ${status}, with what to do about that`, () =>
      assert.throws(() => checkCluster({ ...cluster, status }), { name: 'UnsupportedNodegroup', message: way }));
  }

  it('cannot be reached without an endpoint', () =>
    assert.throws(() => checkCluster(unreachable), {
      name: 'ClusterUnreachable',
      message: 'cluster production has no endpoint',
    }));
});

const nodegroup: EksNodegroup = {
  name: 'spot',
  status: 'ACTIVE',
  version: '1.33',
  releaseVersion: '1.33.5-20251201',
  amiType: 'AL2023_x86_64_STANDARD',
  autoScalingGroupName: 'eks-spot',
  updateConfig: {},
  labels: {},
  healthIssues: [],
};

describe('preflight: a managed node group', () => {
  const { autoScalingGroupName: _, ...groupless } = nodegroup;

  it('is fine when it is ACTIVE', () => checkNodegroup(nodegroup, 'workflow'));

  const cases: [title: string, nodegroup: EksNodegroup, message: RegExp][] = [
    ['while it is being updated', { ...nodegroup, status: 'UPDATING' }, /^node group spot is UPDATING, not ACTIVE: /],
    [
      'when it is broken, with what EKS says about it',
      { ...nodegroup, status: 'DEGRADED', healthIssues: ['AccessDenied: no role', 'Ec2SubnetNotFound: gone'] },
      /is DEGRADED, not ACTIVE \(AccessDenied: no role; Ec2SubnetNotFound: gone\): mend what EKS names/,
    ],
    [
      'while it is being deleted, without asking for another start',
      { ...nodegroup, status: 'DELETING' },
      /^node group spot is DELETING, not ACTIVE: it is being deleted, so there is nothing to upgrade$/,
    ],
    ['when it has no Auto Scaling group', groupless, /^node group spot has no Auto Scaling group$/],
  ];
  for (const [title, given, message] of cases) {
    it(`is refused ${title}`, () =>
      assert.throws(() => checkNodegroup(given, 'workflow'), { name: 'UnsupportedNodegroup', message }));
  }
});

describe('preflight: a managed node group by engine', () => {
  const group = (status: string, ...healthIssues: string[]) => ({ ...nodegroup, status, healthIssues });
  const MISMATCH = 'Ec2LaunchTemplateVersionMismatch: a new version';

  it('an update of EKS that is under way is handled later', () => checkNodegroup(group('UPDATING'), 'eks'));
  it('our own phases go on where their template version is all that EKS has against the group', () =>
    checkNodegroup(group('DEGRADED', MISMATCH), 'workflow'));

  const refused: [title: string, group: EksNodegroup, engine: 'workflow' | 'eks', message: RegExp][] = [
    ['our own phases keep out of an update', group('UPDATING'), 'workflow', /wait for its update, then start again$/],
    [
      'EKS refuses a foreign template version',
      group('DEGRADED', MISMATCH),
      'eks',
      /launch from the version that EKS expects/,
    ],
    [
      'a foreign template version excuses nothing else',
      group('DEGRADED', MISMATCH, 'AccessDenied: no role'),
      'workflow',
      /mend what EKS names/,
    ],
    ['a group that is being deleted', group('DELETING'), 'eks', /EKS says: Nodegroup cannot be updated/],
  ];
  for (const [title, given, engine, message] of refused) {
    it(title, () => assert.throws(() => checkNodegroup(given, engine), { name: 'UnsupportedNodegroup', message }));
  }

  it('EKS looks after a warm pool, which our own phases refuse', () => {
    checkGroup(aGroup({ hasWarmPool: true }), 'eks');
    assert.throws(() => checkGroup(aGroup({ hasWarmPool: true }), 'workflow'), /has a warm pool/);
  });
});

describe('preflight: the Auto Scaling group', () => {
  const { launchSource: _, ...bare } = aGroup();
  const cases: [title: string, group: AutoScalingGroup, message: RegExp][] = [
    [
      'belongs to a managed node group, which must be named instead',
      aGroup({ tags: { 'eks:nodegroup-name': 'spot' } }),
      /belongs to the EKS managed node group "spot": give \{"nodegroupName": "spot"\} instead$/,
    ],
    ['is being deleted', aGroup({ status: 'Delete in progress' }), /is being deleted \(Delete in progress\)$/],
    [
      'has a launch configuration',
      { ...bare, launchConfigurationName: 'old-style' },
      /launch configuration old-style, which has no versions: move it to a launch template first$/,
    ],
    ['has no template at all', bare, /has no launch template$/],
    [
      'overrides its template by instance type',
      aGroup({ launchSource: { ...source, overridingTemplates: ['lt-arm for m7g.large'] } }),
      /overrides its template in its mixed instances policy \(lt-arm for m7g\.large\)/,
    ],
    [
      'counts capacity in weights',
      aGroup({ launchSource: { ...source, usesWeights: true } }),
      /by weights, .* remove WeightedCapacity first$/,
    ],
    ...['Launch', 'Terminate'].map((name): [string, AutoScalingGroup, RegExp] => [
      `has its ${name} process suspended`,
      aGroup({ suspendedProcesses: [{ name, reason: 'User suspended at noon' }] }),
      new RegExp(`has its ${name} process suspended \\(User suspended at noon\\): resume it first$`),
    ]),
    ['has a warm pool', aGroup({ hasWarmPool: true }), /has a warm pool, .*: delete the warm pool first$/],
  ];
  for (const [title, group, message] of cases) {
    it(`is refused when it ${title}`, () =>
      assert.throws(() => checkGroup(group, 'self-managed'), {
        name: 'UnsupportedNodegroup',
        message: new RegExp(`^Auto Scaling group workers .*${message.source}`),
      }));
  }

  it('of a managed node group is fine when that was asked for', () =>
    assert.equal(checkGroup(aGroup({ tags: { 'eks:nodegroup-name': 'spot' } }), 'workflow').version, '3'));

  it('may have processes suspended that the upgrade does not need', () =>
    assert.deepEqual(
      checkGroup(aGroup({ suspendedProcesses: [{ name: 'AZRebalance', reason: 'User suspended' }] }), 'self-managed'),
      source,
    ));

  it('keeps instances in Standby out of the upgrade, and names them', () => {
    const instances = ['InService', 'Standby', 'EnteringStandby', 'Terminating', 'Pending'].map((lifecycleState) =>
      aGroupInstance({ instanceId: `i-${lifecycleState}`, lifecycleState }),
    );
    assert.deepEqual(standbyInstances(aGroup({ instances })), ['i-Standby', 'i-EnteringStandby']);
  });
});

describe('preflight: the canary', () => {
  const wanted = (nodes?: number) =>
    parseInput({
      clusterName: 'production',
      autoScalingGroupName: 'workers',
      ...(nodes !== undefined && { canary: { nodes, bakeSeconds: 60 } }),
    });

  it('is refused when it is larger than the group', () =>
    assert.deepEqual(
      canaryRefusal(wanted(4), 3),
      new InvalidInput('"canary.nodes" is 4, but the group has 3 nodes: name 3 at most'),
    ));

  for (const nodes of [1, 3, undefined]) {
    it(`is fine with ${nodes ?? 'no'} of 3 nodes`, () => assert.equal(canaryRefusal(wanted(nodes), 3), undefined));
  }
});
