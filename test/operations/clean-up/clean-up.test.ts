import assert from 'node:assert/strict';
import { CONTROL } from '../../../domain/admission/control.ts';
import type { FailureState } from '../../../domain/nodegroup/failure.ts';
import { OWNERSHIP_ANNOTATIONS, UNSCHEDULABLE_TAINT } from '../../../domain/nodegroup/node-ownership.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../../domain/nodegroup/original-settings.ts';
import type { AutoScalingGroup, Node } from '../../../domain/types.ts';
import { cleanUpGroup, cleanUpLock, cleanUpNodes, releaseLock } from '../../../operations/clean-up/clean-up.ts';
import { recover } from '../../../operations/clean-up/recover.ts';
import { observeGroup } from '../../../operations/nodegroup/observe-group.ts';
import { aLease, anEksRun, aRun, NOW_AT, ZONES } from '../../domain/builders.ts';
import { aTemplateVersion } from '../aws-in-memory.ts';
import { addNewNode, createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const LEASE = 'eks-nodegroup-upgrade-workers';
const TEMPLATE = { launchTemplateId: 'lt-0123456789abcdef0', version: '4', previousVersion: '3', isNew: true };
const TAGS = {
  [ORIGINAL_SETTINGS_TAGS.desiredCapacity]: '3',
  [ORIGINAL_SETTINGS_TAGS.launchTemplateVersion]: '$Latest',
  [ORIGINAL_SETTINGS_TAGS.suspendedProcess]: 'AZRebalance',
};

const groupOf = ({ aws }: PortsInMemory) => aws.groups.get('workers') as AutoScalingGroup;
const setGroup = (ports: PortsInMemory, overrides: Partial<AutoScalingGroup>) =>
  ports.aws.groups.set('workers', { ...groupOf(ports), ...overrides });

/** A run that has tainted one node, suspended AZRebalance, and holds the lock. */
const underWay = (): PortsInMemory => {
  const ports = createPorts();
  const node = ports.kubernetes.nodes.get('node-0') as Node;
  const annotations = { [OWNERSHIP_ANNOTATIONS.tainted]: 'tuesday' };
  ports.kubernetes.nodes.set('node-0', { ...node, taints: [UNSCHEDULABLE_TAINT], annotations });
  ports.kubernetes.leases.set(LEASE, aLease({ annotations: { [CONTROL.absorbed]: '["i-1"]', [CONTROL.pause]: 'x' } }));
  ports.aws.templateVersions.push(aTemplateVersion({ version: 4 }));
  setGroup(ports, { tags: TAGS, suspendedProcesses: [{ name: 'AZRebalance', reason: 'User suspended' }] });
  return ports;
};

describe('cleaning up', () => {
  it('removes owned changes from nodes, and counts the nodes', async () => {
    const ports = underWay();
    const { members } = await observeGroup(ports.deps, aRun());
    assert.equal(await cleanUpNodes(ports.deps, aRun(), members), 1);
    assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.taints, []);
    assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.annotations, {});
  });

  it('follows $Latest again, resumes AZRebalance and removes the tags, in this order', async () => {
    const ports = underWay();
    await cleanUpGroup(ports.deps, groupOf(ports), TEMPLATE);
    assert.deepEqual(
      ports.changes.map((change) => change.split(' ')[0]),
      ['useLaunchTemplateVersion', 'resumeProcess', 'removeTags', 'removeTags'],
    );
    assert.deepEqual(groupOf(ports).tags, {});
    assert.equal(groupOf(ports).launchSource?.version, '$Latest');
  });

  it('does not follow $Latest when somebody has made a later version', async () => {
    const ports = underWay();
    ports.aws.templateVersions.push(aTemplateVersion({ version: 5 }));
    await cleanUpGroup(ports.deps, groupOf(ports), TEMPLATE);
    assert.equal(groupOf(ports).launchSource?.version, '3');
  });

  it('leaves the version alone after an update by EKS, and for a group that followed no $Latest', async () => {
    const ports = underWay();
    await cleanUpGroup(ports.deps, groupOf(ports), undefined);
    setGroup(ports, { tags: { [ORIGINAL_SETTINGS_TAGS.desiredCapacity]: '3' } });
    await cleanUpGroup(ports.deps, groupOf(ports), TEMPLATE);
    assert.ok(!ports.changes.some((change) => change.startsWith('useLaunchTemplateVersion')));
  });

  it('changes nothing of a group without tags', async () => {
    const ports = createPorts();
    await cleanUpGroup(ports.deps, groupOf(ports), TEMPLATE);
    assert.deepEqual(ports.changes, []);
  });

  it('deletes the lock of this run', async () => {
    const ports = underWay();
    await cleanUpLock(ports.deps, aRun());
    assert.equal(ports.kubernetes.leases.size, 0);
  });

  it('releases the lock after a failure, with its accounts and without its orders', async () => {
    const ports = underWay();
    await releaseLock(ports.deps, aRun());
    const { holder, annotations } = ports.kubernetes.leases.get(LEASE) ?? {};
    assert.deepEqual([holder, annotations], ['', { [CONTROL.absorbed]: '["i-1"]' }]);
  });

  it('releases a lock without accounts', async () => {
    const ports = createPorts();
    ports.kubernetes.leases.set(LEASE, aLease());
    await releaseLock(ports.deps, aRun());
    assert.deepEqual(ports.kubernetes.leases.get(LEASE)?.annotations, {});
  });

  for (const [title, clean] of [
    ['deletes', cleanUpLock],
    ['releases', releaseLock],
  ] as const) {
    it(`${title} no lock of another run`, async () => {
      const ports = createPorts();
      ports.kubernetes.leases.set(LEASE, aLease({ holder: 'another' }));
      await clean(ports.deps, aRun());
      assert.deepEqual(ports.changes, []);
    });
  }
});

describe('recovering from a failure', () => {
  const error = { Error: 'PodEvictionFailure' };
  const lock = { status: 'acquired' };
  const failed = (overrides: Partial<FailureState> = {}): FailureState => ({
    plan: { run: aRun() },
    lock,
    launchTemplate: TEMPLATE,
    error,
    ...overrides,
  });

  it('touches nothing before there is a plan', async () => {
    const { deps, changes } = createPorts();
    assert.deepEqual(await recover(deps, { error }), { status: 'nothingTouched' });
    assert.deepEqual(changes, []);
  });

  it('touches nothing before the lock is held', async () => {
    const { deps, changes } = createPorts();
    assert.deepEqual(await recover(deps, { plan: { run: aRun() }, error }), { status: 'nothingTouched' });
    assert.deepEqual(changes, []);
  });

  it('touches nothing when another run holds the lock', async () => {
    const ports = underWay();
    ports.kubernetes.leases.set(LEASE, aLease({ holder: 'another' }));
    assert.deepEqual(await recover(ports.deps, failed()), { status: 'lockLost' });
    assert.deepEqual(ports.changes, []);
  });

  it('cleans up nodes, resumes AZRebalance, releases the lock, and counts what is left', async () => {
    const ports = underWay();
    addNewNode(ports, 'new', { zone: ZONES[0], launchTemplateVersion: 4 });
    assert.deepEqual(await recover(ports.deps, failed()), {
      status: 'recovered',
      cleanedNodes: 1,
      outdatedNodes: 3,
      renewedNodes: 1,
      desiredCapacity: 3,
    });
    assert.deepEqual(groupOf(ports).suspendedProcesses, []);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.desiredCapacity], '3', 'sizes stay for the next run');
    assert.equal(ports.kubernetes.leases.get(LEASE)?.holder, '');
  });

  it('says of an update by EKS how it stands, and which nodes it has closed', async () => {
    const ports = underWay();
    ports.aws.updates.set('update-1', {
      id: 'update-1',
      status: 'Failed',
      type: 'VersionUpdate',
      params: {},
      createdAt: NOW_AT,
      errors: [],
    });
    const recovery = await recover(ports.deps, {
      plan: { run: anEksRun() },
      lock,
      update: { updateId: 'update-1' },
      error,
    });
    assert.equal(recovery.status === 'recovered' && recovery.updateStatus, 'Failed');
    assert.equal(recovery.status === 'recovered' && recovery.closedNodes, 1);
  });
});
