import assert from 'node:assert/strict';
import sinon from 'sinon';
import { CONTROL, readControl } from '../../../domain/admission/control.ts';
import { EXCLUDE_LABEL, OWNERSHIP_ANNOTATIONS, UNSCHEDULABLE_TAINT } from '../../../domain/nodegroup/node-ownership.ts';
import type { Lease, Node } from '../../../domain/types.ts';
import { beginDrain } from '../../../operations/drain/begin-drain.ts';
import { cordonEmptyNode } from '../../../operations/drain/cordon-empty-node.ts';
import { parkNode } from '../../../operations/drain/park-node.ts';
import { terminateDrained } from '../../../operations/drain/terminate-drained.ts';
import { aLease, aRun, aWaveNode, NOW_AT } from '../../domain/builders.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const LEASE = 'eks-nodegroup-upgrade-workers';
const BY = 'tuesday';

const nodeOf = ({ kubernetes }: PortsInMemory, name = 'node-0') => kubernetes.nodes.get(name) as Node;
const controlOf = ({ kubernetes }: PortsInMemory) => readControl(kubernetes.leases.get(LEASE) as Lease);
const withLease = (): PortsInMemory => {
  const ports = createPorts();
  ports.kubernetes.leases.set(LEASE, aLease());
  for (const node of ports.kubernetes.nodes.values()) {
    ports.kubernetes.nodes.set(node.name, { ...node, taints: [UNSCHEDULABLE_TAINT] });
  }
  return ports;
};

describe('beginning a drain', () => {
  it('takes the node out of the load balancers in one request, when its labels are known', async () => {
    const ports = createPorts();
    const find = sinon.spy(ports.cluster, 'findNode');
    await beginDrain(ports.deps, aRun(), 'node-0', { isExcluded: false, isUnschedulable: false });
    assert.equal(nodeOf(ports).labels[EXCLUDE_LABEL], 'true');
    assert.equal(nodeOf(ports).annotations[OWNERSHIP_ANNOTATIONS.excluded], BY);
    assert.equal(find.callCount, 0);
  });

  it('leaves a label to its owner that was there before', async () => {
    const ports = createPorts();
    ports.kubernetes.nodes.set('node-0', { ...nodeOf(ports), labels: { [EXCLUDE_LABEL]: 'true' } });
    await beginDrain(ports.deps, aRun(), 'node-0', { isExcluded: true, isUnschedulable: false });
    assert.deepEqual(ports.changes, []);
  });

  it('taints the node as well under MINIMAL, which taints none before', async () => {
    const ports = createPorts();
    await beginDrain(ports.deps, aRun({ updateStrategy: 'MINIMAL' }), 'node-0', undefined);
    assert.deepEqual(nodeOf(ports).taints, [UNSCHEDULABLE_TAINT]);
    assert.equal(nodeOf(ports).annotations[OWNERSHIP_ANNOTATIONS.tainted], BY);
  });

  it('reads the node again when the first patch conflicts', async () => {
    const ports = createPorts();
    sinon.stub(ports.cluster, 'patchNode').onFirstCall().resolves('conflict').callThrough();
    await beginDrain(ports.deps, aRun(), 'node-0', { isExcluded: false, isUnschedulable: false });
    assert.equal(nodeOf(ports).labels[EXCLUDE_LABEL], 'true');
  });

  for (const facts of [undefined, { isExcluded: false, isUnschedulable: false }]) {
    it(`says that the node is absent, ${facts === undefined ? 'read or' : 'patched but'} not found`, async () =>
      assert.equal(await beginDrain(createPorts().deps, aRun(), 'gone', facts), 'absent'));
  }
});

describe('cordoning an empty node', () => {
  it('sets the ownership annotation, and an Event that says when the instance goes', async () => {
    const ports = createPorts();
    assert.equal(await cordonEmptyNode(ports.deps, aRun(), 'node-0', false), 'cordoned');
    assert.deepEqual(
      [nodeOf(ports).isUnschedulable, nodeOf(ports).annotations[OWNERSHIP_ANNOTATIONS.cordoned]],
      [true, BY],
    );
    assert.deepEqual(
      ports.kubernetes.events.map(({ reason, message }) => [reason, message]),
      [['NodeUpgradeCordoned', 'Empty and cordoned; its instance is terminated in 60 s']],
    );
  });

  it("leaves somebody else's cordon alone", async () => {
    const ports = createPorts();
    assert.equal(await cordonEmptyNode(ports.deps, aRun(), 'node-0', true), 'alreadyCordoned');
    assert.deepEqual(ports.changes, []);
  });

  it('says that the node is absent', async () =>
    assert.equal(await cordonEmptyNode(createPorts().deps, aRun(), 'gone', false), 'absent'));
});

describe('parking a blocked node', () => {
  const parkOne = (ports: PortsInMemory, run = {}, node = {}) =>
    parkNode(ports.deps, aRun(run), aWaveNode({ nodeName: 'node-0', ...node }), NOW_AT);

  it('annotates the node, and counts it among the blocked ones', async () => {
    const ports = withLease();
    await parkOne(ports);
    assert.equal(nodeOf(ports).annotations[OWNERSHIP_ANNOTATIONS.parked], `${BY} ${NOW_AT}`);
    assert.deepEqual([controlOf(ports).blocked, controlOf(ports).halt], [{ count: 1, outdatedLeft: 3 }, undefined]);
  });

  it('halts the run when two in a row were blocked', async () => {
    const ports = withLease();
    await parkOne(ports);
    await parkOne(ports, {}, { nodeName: 'node-1' });
    assert.deepEqual(controlOf(ports).halt, {
      error: 'PodEvictionFailure',
      cause: '2 in a row, so the run stopped before it tried the others',
    });
  });

  it('halts the run at the first with failurePolicy halt', async () => {
    const ports = withLease();
    await parkOne(ports, { failurePolicy: 'halt' });
    assert.equal(controlOf(ports).halt?.cause, 'the first one stops the run, as failurePolicy "halt" says');
  });

  it('does not halt the run because of a second attempt', async () => {
    const ports = withLease();
    await parkOne(ports, { failurePolicy: 'halt' }, { attempt: 2 });
    assert.equal(controlOf(ports).halt, undefined);
  });

  it('keeps the cause of a run that halts already', async () => {
    const ports = withLease();
    const halt = JSON.stringify({ error: 'AlarmTriggered', cause: 'an alarm' });
    ports.kubernetes.leases.set(LEASE, aLease({ annotations: { [CONTROL.halt]: halt } }));
    await parkOne(ports, { failurePolicy: 'halt' });
    assert.equal(controlOf(ports).halt?.error, 'AlarmTriggered');
  });

  it('counts a node too that has vanished meanwhile', async () => {
    const ports = withLease();
    await parkOne(ports, {}, { nodeName: 'gone' });
    assert.equal(controlOf(ports).blocked?.count, 1);
  });
});

describe('terminating a drained instance', () => {
  const INSTANCE = 'i-00000000000000000';
  const RUN = aRun({ surge: 3 });
  /** Three outdated nodes and a surge of three. */
  const surged = (): PortsInMemory => {
    const ports = withLease();
    const group = ports.aws.groups.get('workers');
    assert.ok(group !== undefined);
    ports.aws.groups.set('workers', {
      ...group,
      desiredCapacity: 6,
      tags: {
        'eks-nodegroup-upgrade/min-size': '1',
        'eks-nodegroup-upgrade/max-size': '6',
        'eks-nodegroup-upgrade/desired-capacity': '3',
      },
    });
    return ports;
  };

  it('lets the group replace it when it takes back no surge', async () => {
    const ports = surged();
    assert.deepEqual(await terminateDrained(ports.deps, RUN, INSTANCE, 'never'), {
      status: 'terminating',
      decremented: false,
    });
    assert.deepEqual(ports.changes, [`terminate ${INSTANCE} {"decrement":false}`]);
  });

  it('writes the decrement into the record before it asks for it', async () => {
    const ports = surged();
    assert.deepEqual(await terminateDrained(ports.deps, RUN, INSTANCE, 'chosen'), {
      status: 'terminating',
      decremented: true,
    });
    assert.deepEqual(ports.changes, [`replaceLease ${LEASE}`, `terminate ${INSTANCE} {"decrement":true}`]);
    assert.deepEqual(controlOf(ports).absorbed, [INSTANCE]);
  });

  it('takes back no surge that the other nodes still need', async () => {
    const ports = surged();
    const group = ports.aws.groups.get('workers');
    assert.ok(group !== undefined);
    ports.aws.groups.set('workers', { ...group, desiredCapacity: 4 });
    assert.equal((await terminateDrained(ports.deps, RUN, INSTANCE, 'ifLast')).decremented, false);
  });

  it('takes the entry back, and lets the group replace it, when the group is at its minimum', async () => {
    const ports = surged();
    const terminate = sinon.stub(ports.deps.autoScaling, 'terminate').onFirstCall().resolves('atMinimum').callThrough();
    assert.deepEqual(await terminateDrained(ports.deps, RUN, INSTANCE, 'chosen'), {
      status: 'terminating',
      decremented: false,
    });
    assert.deepEqual([terminate.callCount, controlOf(ports).absorbed], [2, []]);
  });

  it('takes the entry back when the instance went by itself in that moment', async () => {
    const ports = surged();
    sinon.stub(ports.deps.autoScaling, 'terminate').resolves('gone');
    assert.deepEqual(await terminateDrained(ports.deps, RUN, INSTANCE, 'chosen'), {
      status: 'gone',
      decremented: false,
    });
    assert.deepEqual(controlOf(ports).absorbed, []);
  });

  it('says that an instance is gone which has left the group', async () => {
    const ports = surged();
    assert.deepEqual(await terminateDrained(ports.deps, RUN, 'i-elsewhere', 'chosen'), {
      status: 'gone',
      decremented: false,
    });
    assert.deepEqual(ports.changes, []);
  });
});
