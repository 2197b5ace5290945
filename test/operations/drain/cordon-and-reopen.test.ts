import assert from 'node:assert/strict';
import sinon from 'sinon';
import { IN_HAND_LABEL, readInHand } from '../../../domain/drain/in-hand.ts';
import { EXCLUDE_LABEL, isTainted, OWNERSHIP_ANNOTATIONS } from '../../../domain/nodegroup/node-ownership.ts';
import { parkedSince } from '../../../domain/nodegroup/parked.ts';
import type { Node } from '../../../domain/types.ts';
import { beginDrain } from '../../../operations/drain/begin-drain.ts';
import { cordonEmptyNode } from '../../../operations/drain/cordon-empty-node.ts';
import { giveUpNode } from '../../../operations/drain/give-up-node.ts';
import { reopenNode } from '../../../operations/drain/reopen-node.ts';
import { NOW_AT } from '../../domain/builders.ts';
import type { PortsInMemory } from '../ports-in-memory.ts';
import { aDrain, aStep, drainedNodeOf, EXECUTION, NODE_ENTRY, nodeInHand, nodeOf } from './node-world.ts';

const BY = 'tuesday';
const CORDONED = OWNERSHIP_ANNOTATIONS.cordoned;
const edit = (ports: PortsInMemory, change: Partial<Node>) =>
  ports.kubernetes.nodes.set('node-0', { ...nodeOf(ports), resourceVersion: '900', ...change });

/** A node whose drain has begun. */
const drained = async (): Promise<PortsInMemory> => {
  const ports = nodeInHand();
  await beginDrain(ports.deps, aStep());
  ports.kubernetes.events.splice(0);
  return ports;
};

describe('cordoning an empty node', () => {
  it('is one patch, without reading the node before, and an Event that says when the instance goes', async () => {
    const ports = await drained();
    const find = sinon.spy(ports.cluster, 'findNode');
    const cordon = await cordonEmptyNode(ports.deps, aStep(), drainedNodeOf(ports));
    const node = nodeOf(ports);
    assert.deepEqual(cordon, { status: 'cordoned', cordonedAt: NOW_AT, resourceVersion: node.resourceVersion });
    assert.deepEqual([node.isUnschedulable, node.annotations[CORDONED]], [true, BY]);
    assert.deepEqual(readInHand(node), { execution: EXECUTION, phase: 'cordoned', since: NOW_AT });
    assert.equal(find.callCount, 0);
    assert.deepEqual(
      ports.kubernetes.events.map(({ reason, message }) => [reason, message]),
      [['NodeUpgradeCordoned', 'Empty and cordoned; its instance is terminated in 60 s']],
    );
  });

  const cordons: [title: string, isSeenByDrain: boolean][] = [
    ['before the drain', true],
    ['during the drain', false],
  ];
  for (const [title, isSeenByDrain] of cordons) {
    it(`leaves the cordon of an operator that was put on ${title} to its owner`, async () => {
      const ports = await drained();
      const before = drainedNodeOf(ports);
      edit(ports, { isUnschedulable: true });
      const cordon = await cordonEmptyNode(ports.deps, aStep(), isSeenByDrain ? drainedNodeOf(ports) : before);
      assert.equal(cordon.status, 'alreadyCordoned');
      assert.deepEqual([nodeOf(ports).isUnschedulable, nodeOf(ports).annotations[CORDONED]], [true, undefined]);
      assert.equal(readInHand(nodeOf(ports))?.phase, 'cordoned');
    });
  }

  it('is done again after an operator has taken the cordon away', async () => {
    const ports = await drained();
    await cordonEmptyNode(ports.deps, aStep(), drainedNodeOf(ports));
    const before = drainedNodeOf(ports);
    edit(ports, { isUnschedulable: false });
    assert.equal((await cordonEmptyNode(ports.deps, aStep(), before)).status, 'cordoned');
    assert.equal(nodeOf(ports).isUnschedulable, true);
  });

  it('finds its own cordon when it is retried', async () => {
    const ports = await drained();
    const before = drainedNodeOf(ports);
    await cordonEmptyNode(ports.deps, aStep(), before);
    const patches = ports.changes.length;
    assert.equal((await cordonEmptyNode(ports.deps, aStep(), before)).status, 'cordoned');
    assert.equal(ports.changes.length, patches);
  });

  const absences: [title: string, change: (ports: PortsInMemory) => void][] = [
    ['when the node is gone', (ports) => ports.kubernetes.nodes.delete('node-0')],
    [
      'of another instance under its name',
      (ports) => edit(ports, { uid: 'other', instanceId: 'i-0e', providerId: 'aws:///eu-west-1a/i-0e' }),
    ],
    ['when the node has registered again', (ports) => edit(ports, { uid: 'again' })],
  ];
  for (const [title, change] of absences) {
    it(`touches nothing ${title}`, async () => {
      const ports = await drained();
      const before = drainedNodeOf(ports);
      change(ports);
      const touched = ports.changes.length;
      assert.deepEqual(await cordonEmptyNode(ports.deps, aStep(), before), { status: 'absent', cordonedAt: NOW_AT });
      assert.equal(ports.changes.length, touched);
    });
  }
});

describe('a node that stays', () => {
  const cordoned = async () => {
    const ports = await drained();
    await cordonEmptyNode(ports.deps, aStep(), drainedNodeOf(ports));
    return ports;
  };

  it('is usable again when it is blocked, and says so, but keeps its taint', async () => {
    const ports = await cordoned();
    await reopenNode(ports.deps, aStep(), drainedNodeOf(ports), { isBlocked: true });
    const node = nodeOf(ports);
    assert.deepEqual([node.isUnschedulable, node.labels[EXCLUDE_LABEL], isTainted(node)], [false, undefined, true]);
    assert.deepEqual([readInHand(node)?.phase, parkedSince(node)], ['blocked', NOW_AT]);
    assert.ok(node.labels[IN_HAND_LABEL] !== undefined, 'the conductor ends its being in hand');
  });

  it('loses its taint as well under MINIMAL, and as a surplus node', async () => {
    for (const step of [
      aStep({ run: { updateStrategy: 'MINIMAL' } }),
      aStep({ node: { ...NODE_ENTRY, kind: 'surplus' } }),
    ]) {
      const ports = await cordoned();
      await reopenNode(ports.deps, step, drainedNodeOf(ports), { isBlocked: true });
      assert.equal(isTainted(nodeOf(ports)), false);
    }
  });

  it('keeps the cordon and the taint of an operator', async () => {
    const ports = nodeInHand();
    const { taints } = { taints: [{ key: 'maintenance', effect: 'NoSchedule' }] };
    edit(ports, { isUnschedulable: true, taints });
    await beginDrain(ports.deps, aStep());
    await cordonEmptyNode(ports.deps, aStep(), drainedNodeOf(ports));
    await reopenNode(ports.deps, aStep({ run: { updateStrategy: 'MINIMAL' } }), drainedNodeOf(ports), {
      isBlocked: true,
    });
    assert.deepEqual([nodeOf(ports).isUnschedulable, nodeOf(ports).taints], [true, taints]);
  });

  it('is not parked when it is kept for the minimum size of its group', async () => {
    const ports = await cordoned();
    await reopenNode(ports.deps, aStep(), drainedNodeOf(ports), { isBlocked: false });
    assert.equal(parkedSince(nodeOf(ports)), undefined);
  });

  it('is told of in an Event when it is blocked, with what blocks it', async () => {
    const ports = await drained();
    const blocked = { ...aDrain(ports), status: 'blocked', error: 'PodEvictionFailure', cause: 'a budget' } as const;
    await giveUpNode(ports.deps, aStep(), blocked);
    assert.deepEqual(
      ports.kubernetes.events.map(({ reason, message }) => [reason, message]),
      [['NodeUpgradeBlocked', 'a budget']],
    );
  });

  it('is left alone when another one has its name', async () => {
    const ports = await cordoned();
    const before = drainedNodeOf(ports);
    edit(ports, { uid: 'other' });
    const touched = ports.changes.length;
    await reopenNode(ports.deps, aStep(), before, { isBlocked: true });
    assert.equal(ports.changes.length, touched);
  });
});
