import assert from 'node:assert/strict';
import sinon from 'sinon';
import { RECORD_ANNOTATIONS } from '../../../domain/admission/record.ts';
import { readRecord } from '../../../domain/admission/record-text.ts';
import type { JanitorEvent } from '../../../domain/nodegroup/ended-run.ts';
import { OWNERSHIP_ANNOTATIONS } from '../../../domain/nodegroup/node-ownership.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../../domain/nodegroup/original-settings.ts';
import type { AutoScalingGroup, Lease } from '../../../domain/types.ts';
import { tidyEndedRuns } from '../../../operations/clean-up/janitor.ts';
import { tidyGroup } from '../../../operations/clean-up/tidy-group.ts';
import { aHeldEntry, executionOf } from '../../domain/admission/entry-builders.ts';
import { aLease, aRun, EXECUTION_ARN, NOW_AT } from '../../domain/builders.ts';
import { aNodegroup } from '../aws-in-memory.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';
import { groupOf, LEASE, setGroup, setNode, underWay } from './world.ts';

const SCHEDULE = { detail: {} };
const FIRST = 'i-00000000000000000';
const inHand = aHeldEntry({ instanceId: FIRST, decrement: true });
const NAME = executionOf(inHand);
const endOf = (input: object) => ({
  detail: { executionArn: EXECUTION_ARN, status: 'ABORTED', input: JSON.stringify(input) },
});
const outcome = async (ports: PortsInMemory, event: JanitorEvent = SCHEDULE) =>
  (await tidyEndedRuns(ports.deps, event)).groups[0]?.outcome;
const recordOf = ({ kubernetes }: PortsInMemory) => readRecord(kubernetes.leases.get(LEASE) as Lease);
const start = (ports: PortsInMemory) => ports.aws.nodeExecutions.set(NAME, { status: 'RUNNING', startedAt: NOW_AT });
const stop = (ports: PortsInMemory) =>
  ports.aws.nodeExecutions.set(NAME, { status: 'ABORTED', startedAt: NOW_AT, stoppedAt: NOW_AT });

describe('the janitor', () => {
  it('ends at once where no run has left its tags', async () => {
    const { deps, changes } = createPorts();
    assert.deepEqual(await tidyEndedRuns(deps, SCHEDULE), { status: 'tidied', groups: [] });
    assert.deepEqual(changes, []);
  });

  it('leaves a run alone that is alive', async () => {
    const ports = underWay();
    ports.aws.runningExecutions.add(EXECUTION_ARN);
    assert.deepEqual(await outcome(ports), { status: 'held', holder: EXECUTION_ARN });
    assert.deepEqual(ports.changes, []);
  });

  it('cleans up nodes and group after a run that was stopped, writes the sizes as they are left, and releases', async () => {
    const ports = underWay();
    setGroup(ports, { desiredCapacity: 6 });
    assert.deepEqual(await outcome(ports), { status: 'cleanedUp', cleanedNodes: 1, cordonedNodes: 0, inHand: 0 });
    assert.deepEqual(groupOf(ports).suspendedProcesses, []);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.leftDesiredCapacity], '6');
    assert.equal(recordOf(ports).holder, undefined);
  });

  it('does nothing more at its next visit', async () => {
    const ports = underWay();
    await outcome(ports);
    ports.changes.splice(0);
    assert.deepEqual(await outcome(ports), { status: 'nothing' });
    assert.deepEqual(ports.changes, []);
  });

  it('lets what is in hand finish, and comes back until it has', async () => {
    const ports = underWay({ entries: [inHand] });
    start(ports);
    assert.deepEqual(await outcome(ports), { status: 'cleanedUp', cleanedNodes: 0, cordonedNodes: 0, inHand: 1 });
    assert.equal(ports.kubernetes.nodes.get('node-0')?.taints.length, 1, 'its execution drains it still');
    stop(ports);
    assert.deepEqual(await outcome(ports), { status: 'cleanedUp', cleanedNodes: 1, cordonedNodes: 0, inHand: 0 });
    assert.deepEqual(await outcome(ports), { status: 'nothing' });
  });

  it('never writes halt, and starts and stops nothing that has a licence', async () => {
    const ports = underWay({ entries: [inHand] });
    start(ports);
    await outcome(ports);
    assert.equal(recordOf(ports).orders.halt, undefined);
    assert.equal(ports.aws.nodeExecutions.get(NAME)?.status, 'RUNNING');
  });

  it('does not take sizes that the owner has set since for those that were left', async () => {
    const ports = underWay({ entries: [inHand] });
    start(ports);
    await outcome(ports);
    setGroup(ports, { desiredCapacity: 9 });
    stop(ports);
    await outcome(ports);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.leftDesiredCapacity], '3');
  });

  it('yields to a new run that has taken the lock meanwhile', async () => {
    const ports = underWay();
    const replace = sinon.stub(ports.cluster, 'replaceLease').callsFake(async () => {
      ports.kubernetes.leases.set(LEASE, aLease({ holder: 'new', resourceVersion: '99' }));
      return 'conflict';
    });
    assert.deepEqual(await outcome(ports), { status: 'yielded' });
    assert.equal(replace.callCount, 1);
    assert.equal(ports.kubernetes.nodes.get('node-0')?.taints.length, 1);
  });

  it('goes on from a janitor that has died', async () => {
    const ports = underWay({ holder: 'janitor/dead' });
    assert.equal((await outcome(ports))?.status, 'cleanedUp');
  });

  it('cleans up after a dead run whose lock somebody has deleted, and leaves none', async () => {
    const ports = underWay();
    ports.kubernetes.leases.clear();
    assert.equal((await outcome(ports))?.status, 'cleanedUp');
    assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.taints, []);
    assert.equal(ports.kubernetes.leases.size, 0);
    assert.deepEqual(await outcome(ports), { status: 'nothing' });
  });

  it('leaves blocked nodes cordoned where the dead run was asked to', async () => {
    const ports = underWay({ run: aRun({ blockedNodes: 'leaveCordoned' }) });
    setNode(ports, 'node-1', { annotations: { [OWNERSHIP_ANNOTATIONS.parked]: `tuesday ${NOW_AT}` } });
    assert.deepEqual(await outcome(ports), { status: 'cleanedUp', cleanedNodes: 2, cordonedNodes: 1, inHand: 0 });
    assert.equal(ports.kubernetes.nodes.get('node-1')?.isUnschedulable, true);
    assert.deepEqual(await outcome(ports), { status: 'nothing' }, 'and does not open them at its next visit');
  });

  it('touches nothing where the record cannot be read', async () => {
    const ports = underWay();
    const annotations = { [RECORD_ANNOTATIONS.accounts]: 'nonsense' };
    ports.kubernetes.leases.set(LEASE, aLease({ annotations }));
    assert.deepEqual(await outcome(ports), { status: 'unreadable' });
    assert.deepEqual(ports.changes, []);
  });

  it('tries every group before it fails because of one', async () => {
    const ports = underWay();
    const broken = { ...groupOf(ports), name: 'broken' } as AutoScalingGroup;
    ports.aws.groups.clear();
    ports.aws.groups.set('broken', broken);
    ports.aws.groups.set('workers', { ...broken, name: 'workers' });
    const find = sinon.stub(ports.deps.autoScaling, 'findGroup');
    find.withArgs('broken').rejects(new Error('no answer'));
    find.callThrough();
    await assert.rejects(tidyEndedRuns(ports.deps, SCHEDULE), /no answer/);
    assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.taints, []);
  });
});

describe('the janitor, at the event of an end', () => {
  const event = endOf({ clusterName: 'production', autoScalingGroupName: 'workers' });

  it('takes the run for dead that is described as running for a moment longer', async () => {
    const ports = underWay();
    ports.aws.runningExecutions.add(EXECUTION_ARN);
    const asked = sinon.stub(ports.deps.executions, 'isRunning');
    asked.onFirstCall().resolves(true);
    asked.resolves(false);
    assert.equal((await outcome(ports, event))?.status, 'cleanedUp');
  });

  it('leaves a run alone that was redriven since', async () => {
    const ports = underWay();
    ports.aws.runningExecutions.add(EXECUTION_ARN);
    assert.deepEqual(await outcome(ports, event), { status: 'held', holder: EXECUTION_ARN });
    assert.deepEqual(ports.changes, []);
  });

  for (const status of ['RUNNING', 'PENDING_REDRIVE', undefined]) {
    it(`does nothing when the event tells of no end, but of ${status}`, async () => {
      const ports = underWay();
      const { detail } = event;
      assert.equal(await outcome(ports, { detail: { ...detail, status } }), undefined);
      assert.deepEqual(ports.changes, []);
    });
  }

  it('releases the lock of an update by EKS, found by the name of the node group', async () => {
    const ports = createPorts();
    ports.aws.nodegroups.set('managed', aNodegroup());
    ports.kubernetes.leases.set(LEASE, aLease());
    await tidyEndedRuns(ports.deps, endOf({ clusterName: 'production', nodegroupName: 'managed' }));
    assert.equal(ports.kubernetes.leases.size, 0);
    assert.deepEqual(groupOf(ports).tags, {});
  });

  it('deletes the lock of a group that is gone', async () => {
    const ports = createPorts();
    ports.aws.groups.clear();
    ports.kubernetes.leases.set(LEASE, aLease());
    await tidyEndedRuns(ports.deps, endOf({ clusterName: 'production', autoScalingGroupName: 'workers' }));
    assert.equal(ports.kubernetes.leases.size, 0);
  });

  for (const [title, event] of [
    ['a dry run', endOf({ clusterName: 'production', autoScalingGroupName: 'workers', dryRun: true })],
    ['a node group that is gone', endOf({ clusterName: 'production', nodegroupName: 'gone' })],
    ['an input that EventBridge left out', { detail: { executionArn: EXECUTION_ARN, status: 'ABORTED', input: null } }],
  ] as const) {
    it(`does nothing for ${title}`, async () => {
      const ports = underWay();
      assert.equal(await outcome(ports, event), undefined);
      assert.deepEqual(ports.changes, []);
    });
  }
});

describe('cleaning up a group because an operator asks for it', () => {
  const request = { clusterName: 'production', autoScalingGroupName: 'workers', ownArn: EXECUTION_ARN, isAsked: true };

  it('opens nodes that a failed run has left cordoned', async () => {
    const ports = createPorts();
    setNode(ports, 'node-1', { isUnschedulable: true, annotations: { [OWNERSHIP_ANNOTATIONS.cordoned]: 'monday' } });
    const tidied = await tidyGroup(ports.deps, request);
    assert.equal(tidied.status === 'cleanedUp' && tidied.cleanedNodes, 1);
    assert.equal(ports.kubernetes.nodes.get('node-1')?.isUnschedulable, false);
    assert.equal(ports.kubernetes.leases.size, 0);
  });

  it('finds nothing where no run of ours has left anything', async () => {
    const ports = createPorts();
    setNode(ports, 'node-1', { isUnschedulable: true });
    assert.deepEqual(await tidyGroup(ports.deps, request), { status: 'nothing' });
    assert.deepEqual(ports.changes, []);
  });
});
