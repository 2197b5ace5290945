import assert from 'node:assert/strict';
import { connectAutoScaling } from '../../clients/aws/auto-scaling.ts';
import { GATES } from '../../domain/admission/gates.ts';
import { ClusterUnreachable, ERROR_NAMES } from '../../domain/errors.ts';
import { checkNodegroup } from '../../domain/plan/preflight.ts';
import { createLaunchTemplateVersion } from '../../functions/create-launch-template-version.ts';
import { acquireLease } from '../../operations/lease/acquire-lease.ts';
import { readGroup } from '../../operations/nodegroup/observe-group.ts';
import { fakeAws, xml } from '../clients/aws/fake-aws.ts';
import { fakeCluster, statusOf } from '../clients/kubernetes/fake-kubernetes.ts';
import { someFacts } from '../domain/admission/facts-builder.ts';
import { aGroup, aLease, aRun, EXECUTION_ARN, NEW_AMI } from '../domain/builders.ts';
import { aNodegroup, aTemplateVersion } from '../operations/aws-in-memory.ts';
import { createPorts } from '../operations/ports-in-memory.ts';
import { managedPlanOf, managedWorld, planOf, refuses, testEdgeCases, warns, worldWith } from './set-up.ts';

const source = () => {
  const { launchSource } = aGroup();
  assert.ok(launchSource !== undefined);
  return launchSource;
};
const following = (version: string) => worldWith({ launchSource: { ...source(), version } });
const suspended = (name: string, reason: string) => worldWith({ suspendedProcesses: [{ name, reason }] });
const refused = (code: number) => statusOf(code, 'refused');

testEdgeCases('the group', [
  [
    'F1 the Auto Scaling group of a managed node group is refused by its own name, and the right name is given',
    () =>
      refuses(
        worldWith({ tags: { 'eks:nodegroup-name': 'spot' } }),
        'UnsupportedNodegroup',
        /belongs to the EKS managed node group "spot": give \{"nodegroupName": "spot"\} instead/,
      ),
  ],
  [
    'F2 a node group that is not ACTIVE is refused with what EKS says, but for an update of EKS with our own target',
    async () => {
      const healthIssues = ['AccessDenied: no role'];
      for (const status of ['DEGRADED', 'CREATE_FAILED', 'DELETE_FAILED']) {
        const given = managedWorld({ status, healthIssues });
        await assert.rejects(managedPlanOf(given), { name: 'UnsupportedNodegroup', message: /AccessDenied: no role/ });
      }
      checkNodegroup(aNodegroup({ status: 'UPDATING' }), 'eks');
      assert.throws(() => checkNodegroup(aNodegroup({ status: 'UPDATING' }), 'workflow'), /wait for its update/);
    },
  ],
  [
    'F15 an empty group gets the version and stays empty: nothing is taken, added or removed',
    async () => {
      const ports = worldWith({ minSize: 0, desiredCapacity: 0, instances: [] });
      ports.aws.instances.set('workers', []);
      const { status, nodes, surge, run } = await planOf(ports);
      assert.deepEqual([status, nodes.total, surge.nodes], ['planned', 0, 0]);
      assert.deepEqual(run.engine === 'workflow' && run.originalSizes, { minSize: 0, maxSize: 6, desiredCapacity: 0 });
    },
  ],
  [
    'F19 a group with a launch configuration is refused',
    () => {
      const { launchSource: _, ...group } = aGroup();
      const ports = createPorts();
      ports.aws.groups.set('workers', { ...group, launchConfigurationName: 'lc-1' });
      return refuses(ports, 'UnsupportedNodegroup', /uses the launch configuration lc-1, which has no versions/);
    },
  ],
  [
    'F20 a mixed instances policy is sent back whole, with the version changed and the template named by id alone',
    async () => {
      const policy = `<LaunchTemplate><LaunchTemplateSpecification><LaunchTemplateId>lt-0a</LaunchTemplateId><LaunchTemplateName>workers</LaunchTemplateName><Version>7</Version></LaunchTemplateSpecification>
        <Overrides><member><InstanceType>m7i.large</InstanceType></member></Overrides></LaunchTemplate>
        <InstancesDistribution><SpotAllocationStrategy>lowest-price</SpotAllocationStrategy></InstancesDistribution>`;
      const group = xml(
        'DescribeAutoScalingGroups',
        `<AutoScalingGroups><member><AutoScalingGroupName>workers</AutoScalingGroupName><MinSize>1</MinSize><MaxSize>6</MaxSize>
         <DesiredCapacity>3</DesiredCapacity><MixedInstancesPolicy>${policy}</MixedInstancesPolicy></member></AutoScalingGroups>`,
      );
      const { config, requests } = fakeAws(group, xml('UpdateAutoScalingGroup', ''));
      const found = await connectAutoScaling(config).findGroup('workers');
      assert.ok(found);
      await connectAutoScaling(config).useLaunchTemplateVersion(found, '8');
      const { Version: _, Action: __, AutoScalingGroupName: ___, ...sent } = requests[1]?.form ?? {};
      assert.deepEqual(sent, {
        'MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId': 'lt-0a',
        'MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version': '8',
        'MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.InstanceType': 'm7i.large',
        'MixedInstancesPolicy.InstancesDistribution.SpotAllocationStrategy': 'lowest-price',
      });
    },
  ],
  [
    'F21 a group whose overrides bring templates or AMIs of their own is refused, and they are named',
    () => {
      const launchSource = { ...source(), overridingTemplates: ['lt-0b for m7g.large'] };
      return refuses(
        worldWith({ launchSource }),
        'UnsupportedNodegroup',
        /overrides its template .*lt-0b for m7g.large/,
      );
    },
  ],
  [
    'F22 a group that follows $Latest is pinned before there is a later version, and $Default is never moved',
    async () => {
      const ports = following('$Latest');
      await createLaunchTemplateVersion.run({ run: aRun() }, ports.deps);
      const kinds = ports.changes.map((change) => change.split(' ')[0]);
      assert.ok(kinds.indexOf('useLaunchTemplateVersion') < kinds.indexOf('createLaunchTemplateVersion'), kinds.join());
      assert.ok(kinds.includes('useLaunchTemplateVersion'));
      await warns(following('$Default'), /\$Default is not changed: other groups may use it/);
    },
  ],
  [
    'F24 other groups that follow $Latest of the same template are named before they launch the new version',
    async () => {
      const ports = createPorts();
      ports.aws.groups.set('batch', {
        ...aGroup({ name: 'batch' }),
        launchSource: { ...source(), version: '$Latest' },
      });
      ports.aws.templateVersions.push(aTemplateVersion({ launchTemplateId: 'lt-other' }));
      await warns(
        ports,
        new RegExp(`follows \\$Latest of the same launch template, and will launch ${NEW_AMI} .*: batch`),
      );
    },
  ],
  [
    'F27 a group that counts capacity by weights is refused',
    () =>
      refuses(worldWith({ launchSource: { ...source(), usesWeights: true } }), 'UnsupportedNodegroup', /by weights/),
  ],
  [
    'F28 a suspended Launch or Terminate is refused by name, whoever suspended it; AZRebalance is a warning',
    async () => {
      for (const [name, reason] of [
        ['Launch', 'Administratively suspended'],
        ['Terminate', 'User suspended'],
      ] as const) {
        const message = new RegExp(`has its ${name} process suspended \\(${reason}\\)`);
        await refuses(suspended(name, reason), 'UnsupportedNodegroup', message);
      }
      await warns(suspended('AZRebalance', 'User suspended'), /AZRebalance is suspended already, and stays so/);
    },
  ],
  [
    'F29 an instance refresh is refused, and one that begins in the middle of a run ends it',
    async () => {
      const ports = createPorts();
      ports.aws.refreshedGroups.add('workers');
      await refuses(ports, 'UnsupportedNodegroup', /instance refresh/);
      const gate = GATES.refreshed?.(someFacts({ isRefreshed: true }));
      assert.deepEqual([gate?.reaction, gate?.error], ['finish', 'NotConverging']);
    },
  ],
  [
    'F30 a warm pool, whose instances have the old AMI, is refused',
    () => refuses(worldWith({ hasWarmPool: true }), 'UnsupportedNodegroup', /has a warm pool/),
  ],
  [
    'F31 a group that is being deleted is refused, and one that has vanished ends the run without retries',
    async () => {
      await refuses(worldWith({ status: 'Delete in progress' }), 'UnsupportedNodegroup', /is being deleted/);
      const ports = createPorts();
      ports.aws.groups.clear();
      await assert.rejects(readGroup(ports.deps, 'workers'), { name: 'NodegroupNotFound' });
      assert.ok(!(ERROR_NAMES.transient as readonly string[]).includes('NodegroupNotFound'));
    },
  ],
  [
    'F32 of two runs that start in the same moment one gets the group, and the other names the holder',
    async () => {
      const ports = createPorts();
      const other = aRun({ executionArn: EXECUTION_ARN.replace('tuesday', 'monday') });
      for (const { executionArn } of [aRun(), other]) ports.aws.runningExecutions.add(executionArn);
      const [first, second] = await Promise.allSettled([
        acquireLease(ports.deps, aRun()),
        acquireLease(ports.deps, other),
      ]);
      const lost = [first, second].filter(({ status }) => status === 'rejected');
      assert.equal(lost.length, 1);
      assert.match(String(lost[0]?.status === 'rejected' && lost[0].reason), /UpgradeInProgress.*is being upgraded by/);
      const stale = createPorts();
      stale.kubernetes.leases.set('workers', aLease({ holder: other.executionArn }));
      assert.equal((await acquireLease(stale.deps, aRun())).status, 'takenOver');
    },
  ],
  [
    'F33 a run that cannot reach the API server says so, with the VPC settings, before anything is changed',
    async () => {
      const ports = createPorts();
      ports.cluster.serverVersion = () => Promise.reject(new ClusterUnreachable('no answer'));
      await refuses(ports, 'ClusterUnreachable', /no answer/);
      const { cluster } = fakeCluster(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
      await assert.rejects(cluster.serverVersion(), { name: 'ClusterUnreachable', message: /VPC/ });
    },
  ],
  [
    'F34 the plan names a missing right; a 401 or 403 after the API has answered may pass, and is asked again',
    async () => {
      const ports = createPorts();
      ports.kubernetes.missingRights.add('patch nodes');
      await refuses(ports, 'AccessDenied', /is not allowed to patch nodes in cluster production/);
      for (const code of [401, 403]) {
        await assert.rejects(fakeCluster(refused(code)).cluster.listNodes(), { name: 'Unauthorized' }, String(code));
      }
      assert.ok((ERROR_NAMES.transient as readonly string[]).includes('Unauthorized'));
    },
  ],
]);
