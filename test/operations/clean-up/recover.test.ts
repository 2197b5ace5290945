import assert from 'node:assert/strict';
import { readRecord } from '../../../domain/admission/record-text.ts';
import { IN_HAND_ANNOTATION, writeInHand } from '../../../domain/drain/in-hand.ts';
import type { FailureState } from '../../../domain/nodegroup/failure.ts';
import { OWNERSHIP_ANNOTATIONS } from '../../../domain/nodegroup/node-ownership.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../../domain/nodegroup/original-settings.ts';
import type { Lease } from '../../../domain/types.ts';
import { recover } from '../../../operations/clean-up/recover.ts';
import { aHeldEntry, executionOf } from '../../domain/admission/entry-builders.ts';
import { aLease, anEksRun, aPod, aRun, EXECUTION_ARN, NOW_AT, ZONES } from '../../domain/builders.ts';
import { addNewNode, createPorts, type PortsInMemory } from '../ports-in-memory.ts';
import { groupOf, LEASE, setGroup, setNode, TEMPLATE, underWay } from './world.ts';

const error = { Error: 'PodEvictionFailure' };
const failed = (overrides: Partial<FailureState> = {}): FailureState => ({
  plan: { run: aRun() },
  lock: { status: 'acquired' },
  launchTemplate: TEMPLATE,
  group: { isRebalancingSuspended: true },
  error,
  ...overrides,
});
const FIRST = 'i-00000000000000000';
const inHand = aHeldEntry({ instanceId: FIRST, decrement: true });
const NAME = executionOf(inHand);
const recordOf = ({ kubernetes }: PortsInMemory) => readRecord(kubernetes.leases.get(LEASE) as Lease);
const entriesOf = (ports: PortsInMemory) => {
  const { accounts } = recordOf(ports);
  return accounts === undefined || accounts === 'unreadable' ? undefined : accounts.entries;
};
const runs = (ports: PortsInMemory, status: 'RUNNING' | 'ABORTED', name = NAME) =>
  ports.aws.nodeExecutions.set(name, { status, startedAt: NOW_AT, ...(status === 'ABORTED' && { stoppedAt: NOW_AT }) });

describe('recovering from a failure', () => {
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

  it('deletes a lock that was acquired by a step which could not say so', async () => {
    const ports = createPorts();
    ports.kubernetes.leases.set(LEASE, aLease());
    const state = { plan: { run: aRun() }, error: { Error: 'States.Timeout' } };
    assert.deepEqual(await recover(ports.deps, state), { status: 'nothingTouched' });
    assert.deepEqual(ports.changes, ['deleteLease workers']);
  });

  it('#62 ends and releases the lock when the group does not exist any more', async () => {
    const ports = createPorts();
    ports.kubernetes.leases.set(LEASE, aLease());
    ports.aws.groups.clear();
    assert.deepEqual(await recover(ports.deps, failed()), { status: 'groupGone' });
    assert.equal(ports.kubernetes.leases.size, 0);
  });

  it('touches nothing when the lock is lost', async () => {
    const ports = underWay();
    assert.deepEqual(await recover(ports.deps, failed({ error: { Error: 'LockLost' } })), { status: 'lockLost' });
    assert.deepEqual(ports.changes, []);
  });

  it('touches nothing when another execution that runs holds the lock', async () => {
    const other = EXECUTION_ARN.replace('tuesday', 'monday');
    const ports = underWay({ holder: other });
    ports.aws.runningExecutions.add(other);
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
    assert.equal(recordOf(ports).holder, undefined);
    assert.notEqual(recordOf(ports).accounts, undefined, 'the next run needs the accounts');
  });

  it('keeps the original sizes for the next run, and writes the sizes as it left them', async () => {
    const ports = underWay();
    addNewNode(ports, 'new', { zone: ZONES[0], launchTemplateVersion: 4 });
    setGroup(ports, { desiredCapacity: 6, maxSize: 7 });
    await recover(ports.deps, failed());
    const { tags } = groupOf(ports);
    assert.equal(tags[ORIGINAL_SETTINGS_TAGS.desiredCapacity], '3');
    assert.equal(tags[ORIGINAL_SETTINGS_TAGS.leftDesiredCapacity], '6');
    assert.equal(tags[ORIGINAL_SETTINGS_TAGS.leftMaxSize], '7');
  });

  it('#20 puts the group back where no new node is Ready, and leaves nothing of the run', async () => {
    const ports = underWay();
    addNewNode(ports, 'new', { zone: ZONES[0], launchTemplateVersion: 4 });
    setNode(ports, 'new', { isReady: false });
    const { launchSource } = groupOf(ports);
    assert.ok(launchSource !== undefined);
    setGroup(ports, { desiredCapacity: 4, launchSource: { ...launchSource, version: '4' } });
    const plan = { run: aRun(), group: { launchTemplateVersion: '$Latest' } };
    const recovery = await recover(ports.deps, failed({ plan }));
    const putBack = { terminatedInstances: 1, launchTemplateVersion: '$Latest', isComplete: true };
    assert.deepEqual(recovery.status === 'recovered' && recovery.putBack, putBack);
    assert.deepEqual([groupOf(ports).desiredCapacity, groupOf(ports).tags], [3, {}]);
    assert.deepEqual([groupOf(ports).launchSource?.version, ports.kubernetes.leases.size], ['$Latest', 0]);
    assert.ok(ports.changes.includes('deleteLaunchTemplateVersion lt-0123456789abcdef0 4'));
  });

  it('#20 terminates no new node that carries pods, Ready or not', async () => {
    const ports = underWay();
    addNewNode(ports, 'new', { zone: ZONES[0], launchTemplateVersion: 4 });
    setNode(ports, 'new', { isReady: false });
    setGroup(ports, { desiredCapacity: 4 });
    ports.kubernetes.pods.set('shop/cart', aPod({ name: 'cart', nodeName: 'new' }));
    await recover(ports.deps, failed());
    assert.ok(!ports.changes.some((change) => change.startsWith('terminate')), ports.changes.join());
  });

  it('writes tags again that somebody has deleted, from what the run knows', async () => {
    const ports = underWay();
    setGroup(ports, { tags: {}, desiredCapacity: 6 });
    const plan = { run: aRun(), group: { launchTemplateVersion: '$Latest' } };
    await recover(ports.deps, failed({ plan }));
    const { tags, suspendedProcesses } = groupOf(ports);
    assert.equal(tags[ORIGINAL_SETTINGS_TAGS.desiredCapacity], '3');
    assert.equal(tags[ORIGINAL_SETTINGS_TAGS.launchTemplateVersion], '$Latest');
    assert.deepEqual(suspendedProcesses, []);
  });

  it('ends the same when it is repeated after everything was done', async () => {
    const ports = underWay();
    await recover(ports.deps, failed());
    ports.changes.splice(0);
    const again = await recover(ports.deps, failed());
    assert.equal(again.status === 'recovered' && again.cleanedNodes, 0);
    assert.ok(!ports.changes.some((change) => /^(patchNode|setTags|replaceLease)/.test(change)), ports.changes.join());
  });

  it('leaves a node in hand to its execution, and keeps its entry on the record', async () => {
    const ports = underWay({ entries: [inHand] });
    runs(ports, 'RUNNING');
    const recovery = await recover(ports.deps, failed());
    assert.ok(recovery.status === 'recovered');
    assert.deepEqual([recovery.cleanedNodes, recovery.nodesInHand], [0, 1]);
    assert.deepEqual(
      entriesOf(ports)?.map(({ instanceId }) => instanceId),
      [FIRST],
    );
    assert.equal(recordOf(ports).holder, undefined);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.leftDecrements], '1');
  });

  it('closes the entry of a node whose execution was stopped, reopens the node, and gives the surge back', async () => {
    const ports = underWay({ entries: [inHand] });
    addNewNode(ports, 'new', { zone: ZONES[0], launchTemplateVersion: 4 });
    runs(ports, 'ABORTED');
    const recovery = await recover(ports.deps, failed());
    assert.equal(recovery.status === 'recovered' && recovery.cleanedNodes, 1);
    assert.deepEqual(entriesOf(ports), []);
    const { accounts } = recordOf(ports);
    assert.equal(accounts !== 'unreadable' && accounts?.surge, 4);
  });

  it('cleans up when somebody has deleted the lock, and stops the drains that have no licence any more', async () => {
    const ports = underWay();
    ports.kubernetes.leases.clear();
    const own = writeInHand({ execution: NAME, phase: 'draining', since: NOW_AT });
    setNode(ports, 'node-1', { annotations: { [IN_HAND_ANNOTATION]: own } });
    runs(ports, 'RUNNING');
    const recovery = await recover(ports.deps, failed());
    assert.equal(recovery.status === 'recovered' && recovery.cleanedNodes, 2);
    assert.equal(ports.aws.nodeExecutions.get(NAME)?.status, 'ABORTED');
    assert.equal(ports.kubernetes.leases.size, 0);
  });

  it('leaves blocked nodes cordoned, with our mark, when the input asks for it', async () => {
    const run = aRun({ blockedNodes: 'leaveCordoned' });
    const ports = underWay({ run });
    setNode(ports, 'node-1', { annotations: { [OWNERSHIP_ANNOTATIONS.parked]: `tuesday ${NOW_AT}` } });
    const recovery = await recover(ports.deps, failed({ plan: { run } }));
    assert.equal(recovery.status === 'recovered' && recovery.cordonedNodes, 1);
    const { isUnschedulable, annotations } = ports.kubernetes.nodes.get('node-1') ?? {};
    assert.deepEqual([isUnschedulable, annotations], [true, { [OWNERSHIP_ANNOTATIONS.cordoned]: 'tuesday' }]);
    assert.equal(ports.kubernetes.nodes.get('node-0')?.isUnschedulable, false);
  });

  it('counts only the named nodes as outdated', async () => {
    const run = aRun({ nodes: [FIRST] });
    const recovery = await recover(underWay({ run }).deps, failed({ plan: { run } }));
    assert.equal(recovery.status === 'recovered' && recovery.outdatedNodes, 1);
  });

  it('keeps a conductor whose Lambda lives on from writing to the record', async () => {
    const ports = underWay({ entries: [inHand] });
    runs(ports, 'RUNNING');
    await recover(ports.deps, failed());
    assert.notEqual(recordOf(ports).nonce, 'conductor');
  });

  it('says of an update by EKS how it stands, and which nodes it has closed', async () => {
    const ports = underWay();
    ports.kubernetes.leases.set(LEASE, aLease());
    ports.aws.updates.set('update-1', {
      id: 'update-1',
      status: 'Failed',
      type: 'VersionUpdate',
      params: {},
      createdAt: NOW_AT,
      errors: [],
    });
    const state = { plan: { run: anEksRun() }, lock: { status: 'acquired' }, update: { updateId: 'update-1' }, error };
    const recovery = await recover(ports.deps, state);
    assert.equal(recovery.status === 'recovered' && recovery.updateStatus, 'Failed');
    assert.equal(recovery.status === 'recovered' && recovery.closedNodes, 1);
    assert.equal(ports.kubernetes.leases.size, 0, 'there are no accounts to keep');
  });
});
