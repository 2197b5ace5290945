import assert from 'node:assert/strict';
import sinon from 'sinon';
import { readInHand } from '../../../domain/drain/in-hand.ts';
import type { NodeStep } from '../../../domain/drain/node-step.ts';
import { ServiceUnavailable } from '../../../domain/errors.ts';
import { EXCLUDE_LABEL } from '../../../domain/nodegroup/node-ownership.ts';
import type { Cordon, Termination } from '../../../domain/state.ts';
import type { AutoScalingGroup, Pod } from '../../../domain/types.ts';
import { beginDrain } from '../../../operations/drain/begin-drain.ts';
import { cordonEmptyNode } from '../../../operations/drain/cordon-empty-node.ts';
import { terminateEmptyNode } from '../../../operations/drain/terminate-empty-node.ts';
import { aBarePod, NOW_AT } from '../../domain/builders.ts';
import type { PortsInMemory } from '../ports-in-memory.ts';
import {
  aDrain,
  aStep,
  drainedNodeOf,
  EXECUTION,
  INSTANCE,
  NODE_ENTRY,
  nodeInHand,
  nodeOf,
  onNode,
  writeLease,
} from './node-world.ts';

const DECREMENT = { ...NODE_ENTRY, decrement: true };
const { nodeName: _, uid: __, ...UNREGISTERED } = NODE_ENTRY;
const terminations = ({ changes }: PortsInMemory) => changes.filter((change) => change.startsWith('terminate'));
const groupOf = ({ aws }: PortsInMemory) => aws.groups.get('workers') as AutoScalingGroup;

/** Ports and the input of TerminateInstance for a node that is drained and cordoned. */
async function drained(overrides: Parameters<typeof aStep>[0] = {}): Promise<{ ports: PortsInMemory; step: NodeStep }> {
  const ports = nodeInHand();
  const node = overrides.node ?? NODE_ENTRY;
  writeLease(ports, node);
  const begun = aStep({ ...overrides, node });
  await beginDrain(ports.deps, begun);
  const own = drainedNodeOf(ports);
  const cordon: Cordon = await cordonEmptyNode(ports.deps, begun, own);
  const drain = { ...aDrain(ports), node: own, status: 'drained' as const, cordon };
  return { ports, step: { ...begun, drain } };
}

const terminate = ({ ports, step }: { ports: PortsInMemory; step: NodeStep }): Promise<Termination> =>
  terminateEmptyNode(ports.deps, step);

const addPod = ({ kubernetes }: PortsInMemory, pod: Pod) => kubernetes.pods.set(pod.uid, pod);

describe('terminating an empty node', () => {
  for (const [isReady, status] of [
    [true, 'occupied'],
    [false, 'terminating'],
  ] as const) {
    it(`#40 is ${status} while an overdue pod is on a node that is ${isReady ? 'Ready' : 'not Ready'}`, async () => {
      const world = await drained();
      const { kubernetes } = world.ports;
      kubernetes.nodes.set('node-0', { ...nodeOf(world.ports), isReady });
      addPod(world.ports, onNode({ uid: 'overdue', deletionDeadlineAt: '2026-01-15T11:50:00Z' }));
      assert.equal((await terminate(world)).status, status);
    });
  }

  it('says so on the Node first, and asks the group for a replacement', async () => {
    const world = await drained();
    assert.deepEqual(await terminate(world), { status: 'terminating', decrement: 'no', terminatedAt: NOW_AT });
    assert.deepEqual(world.ports.changes.slice(-2), ['patchNode node-0', `terminate ${INSTANCE} {"decrement":false}`]);
    assert.deepEqual(readInHand(nodeOf(world.ports)), { execution: EXECUTION, phase: 'terminating', since: NOW_AT });
  });

  it('says so in one request when the kubelet has written its status during the wait', async () => {
    const world = await drained();
    const { kubernetes, cluster } = world.ports;
    kubernetes.nodes.set('node-0', { ...nodeOf(world.ports), resourceVersion: 'later' });
    const find = sinon.spy(cluster, 'findNode');
    assert.equal((await terminate(world)).status, 'terminating');
    assert.equal(find.callCount, 0);
  });

  it('needs three requests to Kubernetes and one to AWS', async () => {
    const { ports, step } = await drained();
    const kubernetes = ['findLease', 'listPodsOnNode', 'patchNode', 'findNode', 'listNodes'] as const;
    const aws = ['terminate', 'findInstance', 'terminationOf', 'findGroup'] as const;
    const spies = [
      ...kubernetes.map((method) => sinon.spy(ports.cluster, method)),
      ...aws.map((method) => sinon.spy(ports.deps.autoScaling, method)),
    ];
    await terminateEmptyNode(ports.deps, step);
    assert.deepEqual(
      spies.map(({ callCount }) => callCount),
      [1, 1, 1, 0, 0, 1, 0, 0, 0],
    );
  });

  it('takes one off the desired capacity when its admission says so', async () => {
    const world = await drained({ node: DECREMENT });
    assert.deepEqual(await terminate(world), { status: 'terminating', decrement: 'yes', terminatedAt: NOW_AT });
    assert.equal(groupOf(world.ports).desiredCapacity, 2);
    assert.equal(readInHand(nodeOf(world.ports))?.decrement, undefined);
  });

  it('terminates an instance that never had a Node, after another look for one', async () => {
    const ports = nodeInHand();
    ports.kubernetes.nodes.delete('node-0');
    writeLease(ports, UNREGISTERED);
    const step = aStep({ node: UNREGISTERED, drain: { status: 'unregistered' } });
    assert.equal((await terminateEmptyNode(ports.deps, step)).status, 'terminating');
    assert.deepEqual(terminations(ports), [`terminate ${INSTANCE} {"decrement":false}`]);
  });

  it('terminates an instance whose Node went during the wait', async () => {
    const world = await drained();
    world.ports.kubernetes.nodes.delete('node-0');
    assert.equal((await terminate(world)).status, 'terminating');
  });
});

describe('an instance is not terminated', () => {
  it('without a licence: the record has no entry for it any more', async () => {
    const world = await drained();
    writeLease(world.ports, { ...NODE_ENTRY, attempt: 2 });
    assert.equal((await terminate(world)).status, 'skipped');
    assert.deepEqual(terminations(world.ports), []);
  });

  it('under halt', async () => {
    const world = await drained();
    writeLease(world.ports, NODE_ENTRY, { 'eks-nodegroup-upgrade/halt': 'by ops' });
    assert.match(JSON.stringify(await terminate(world)), /"skipped".*by ops/);
    assert.deepEqual(terminations(world.ports), []);
  });

  const occupants: [title: string, pod: Pod, isOccupied: boolean][] = [
    ['while a pod is on the node that came during the wait', onNode(), true],
    ['while a bare pod is on it', aBarePod({ nodeName: 'node-0' }), true],
    ['while a pod on it is still stopping', onNode({ deletionDeadlineAt: NOW_AT }), true],
    ['because of a pod of a DaemonSet', onNode({ owner: { kind: 'DaemonSet', name: 'd', uid: 'd' } }), false],
    ['because of the mirror of a static pod', onNode({ isMirror: true }), false],
    ['because of a pod that has finished', onNode({ phase: 'Succeeded' }), false],
    ['because of a pod on another node', onNode({ nodeName: 'node-1' }), false],
  ];
  for (const [title, pod, isOccupied] of occupants) {
    it(`${isOccupied ? '' : '(but it is) '}${title}`, async () => {
      const world = await drained();
      addPod(world.ports, pod);
      const end = await terminate(world);
      assert.equal(end.status, isOccupied ? 'occupied' : 'terminating');
      assert.equal(terminations(world.ports).length, isOccupied ? 0 : 1);
      assert.equal(readInHand(nodeOf(world.ports))?.phase, isOccupied ? 'cordoned' : 'terminating');
    });
  }

  it('while pods are on a Node that it has got since it was taken without one', async () => {
    const ports = nodeInHand(onNode());
    writeLease(ports, UNREGISTERED);
    const step = aStep({ node: UNREGISTERED, drain: { status: 'unregistered' } });
    assert.deepEqual(await terminateEmptyNode(ports.deps, step), { status: 'occupied', pods: 1 });
    assert.deepEqual(terminations(ports), []);
  });
});

describe('pods that keep no node from being terminated', () => {
  const evictedOwners = { [onNode().owner?.uid ?? '']: 2 };

  it('are those that the drain has found to come back because they tolerate the taint', async () => {
    const { ports, step } = await drained();
    addPod(ports, onNode({ tolerations: [{ operator: 'Exists' }] }));
    const seen = { ...step, drain: { ...step.drain, evictedOwners } as NodeStep['drain'] };
    assert.equal((await terminateEmptyNode(ports.deps, seen)).status, 'terminating');
  });

  it('are those too when they have not been evicted often, and when they are stopping', async () => {
    const { ports, step } = await drained();
    const returned = {
      ...step,
      drain: { ...step.drain, evictedOwners: { [onNode().owner?.uid ?? '']: 0 } } as NodeStep['drain'],
    };
    addPod(ports, onNode({ tolerations: [{ operator: 'Exists' }], deletionDeadlineAt: NOW_AT }));
    assert.equal((await terminateEmptyNode(ports.deps, returned)).status, 'terminating');
  });

  it('are not those that tolerate the taint and have just come for the first time', async () => {
    const world = await drained();
    addPod(world.ports, onNode({ tolerations: [{ operator: 'Exists' }] }));
    assert.equal((await terminate(world)).status, 'occupied');
  });

  it('are not those that come back in another way', async () => {
    const { ports, step } = await drained();
    addPod(ports, onNode());
    const seen = { ...step, drain: { ...step.drain, evictedOwners } as NodeStep['drain'] };
    assert.equal((await terminateEmptyNode(ports.deps, seen)).status, 'occupied');
  });

  it('are with force, after the deadline, those that have outlived their grace period by a minute', async () => {
    for (const [force, status] of [
      [true, 'terminating'],
      [false, 'occupied'],
    ] as const) {
      const world = await drained({ run: { force, drainTimeoutSeconds: 60 } });
      addPod(world.ports, onNode({ deletionDeadlineAt: NOW_AT }));
      await world.ports.clock.sleep(61);
      assert.equal((await terminate(world)).status, status);
    }
  });

  it('are with force all those on a node that has filled eleven times', async () => {
    for (const [force, status] of [
      [true, 'terminating'],
      [false, 'occupied'],
    ] as const) {
      const { ports, step } = await drained({ run: { force } });
      addPod(ports, onNode());
      const refilled = { ...step, drain: { ...step.drain, refills: 10 } as NodeStep['drain'] };
      assert.equal((await terminateEmptyNode(ports.deps, refilled)).status, status);
    }
  });
});

describe('a termination that is retried', () => {
  /** The request took effect, and its answer was lost. */
  const loseAnswer = async (world: { ports: PortsInMemory; step: NodeStep }) => {
    const { autoScaling } = world.ports.deps;
    const { terminate: request } = autoScaling;
    const stub = sinon.stub(autoScaling, 'terminate').callsFake(async (...asked) => {
      await request(...asked);
      throw new ServiceUnavailable('no answer');
    });
    await assert.rejects(terminate(world), { name: 'ServiceUnavailable' });
    stub.restore();
  };

  for (const [node, decrement] of [
    [NODE_ENTRY, 'no'],
    [DECREMENT, 'yes'],
  ] as const) {
    it(`is not asked for twice, and its decrement is ${decrement} as the scaling activities say`, async () => {
      const world = await drained({ node });
      await loseAnswer(world);
      const end = await terminate(world);
      assert.deepEqual([end.status, 'decrement' in end && end.decrement], ['terminating', decrement]);
      assert.equal(terminations(world.ports).length, 1);
    });
  }

  it('is not asked for twice when the instance has gone meanwhile', async () => {
    const world = await drained({ node: DECREMENT });
    await loseAnswer(world);
    await world.ports.clock.sleep(60);
    assert.match(JSON.stringify(await terminate(world)), /"terminating","decrement":"yes"/);
    assert.equal(terminations(world.ports).length, 1);
  });

  it('does not know its decrement while no activity tells of it, and says so on the Node', async () => {
    const world = await drained({ node: DECREMENT });
    await loseAnswer(world);
    world.ports.aws.terminations.splice(0);
    assert.match(JSON.stringify(await terminate(world)), /"terminating","decrement":"unknown"/);
    assert.equal(readInHand(nodeOf(world.ports))?.decrement, 'unknown');
  });

  it('is not asked for twice when pods are on the node again, nor is the node drained then', async () => {
    const world = await drained({ node: DECREMENT });
    await loseAnswer(world);
    addPod(world.ports, onNode());
    assert.equal((await terminate(world)).status, 'terminating');
    assert.equal(terminations(world.ports).length, 1);
  });

  it('is not asked for twice for an instance without a Node', async () => {
    const ports = nodeInHand();
    ports.kubernetes.nodes.delete('node-0');
    writeLease(ports, UNREGISTERED);
    const world = { ports, step: aStep({ node: UNREGISTERED, drain: { status: 'unregistered' } }) };
    await loseAnswer(world);
    assert.equal((await terminate(world)).status, 'terminating');
    assert.equal(terminations(ports).length, 1);
  });

  it('is asked for when the first request was lost on its way', async () => {
    const world = await drained({ node: DECREMENT });
    const stub = sinon.stub(world.ports.deps.autoScaling, 'terminate').rejects(new ServiceUnavailable('lost'));
    await assert.rejects(terminate(world));
    stub.restore();
    assert.match(JSON.stringify(await terminate(world)), /"terminating","decrement":"yes"/);
  });

  it('is looked for first by an execution that enters here', async () => {
    const entry = { ...DECREMENT, enters: 'terminate' as const, attempt: 2 };
    const { ports, step } = await drained();
    await terminateEmptyNode(ports.deps, step);
    const { execution, drain } = aStep({ node: entry, execution: EXECUTION.replace('-1-', '-2-') });
    writeLease(ports, { ...entry, state: 'leaving' });
    const repeated = { ...step, node: entry, execution, drain };
    assert.match(JSON.stringify(await terminateEmptyNode(ports.deps, repeated)), /"terminating","decrement":"no"/);
    assert.equal(terminations(ports).length, 1);
  });

  it('goes to the drain when pods are on the node of an execution that enters here', async () => {
    const entry = { ...NODE_ENTRY, enters: 'terminate' as const };
    const ports = nodeInHand(onNode());
    writeLease(ports, { ...entry, state: 'leaving' });
    assert.deepEqual(await terminateEmptyNode(ports.deps, aStep({ node: entry })), { status: 'occupied', pods: 1 });
  });
});

describe('an instance that goes by itself', () => {
  it('is gone, and nothing was decremented', async () => {
    const world = await drained({ node: DECREMENT });
    world.ports.aws.groups.set('workers', { ...groupOf(world.ports), instances: [] });
    const end = await terminate(world);
    assert.deepEqual([end.status, 'decrement' in end && end.decrement], ['gone', 'no']);
    assert.match('reason' in end ? end.reason : '', /^Instance i-0+ had left its group before it was terminated\.$/);
    assert.equal(
      readInHand(nodeOf(world.ports))?.decrement,
      'no',
      'told on the Node, so that the conductor refunds it',
    );
  });

  it('was decremented when the scaling activities say so', async () => {
    const world = await drained({ node: DECREMENT });
    world.ports.aws.groups.set('workers', { ...groupOf(world.ports), instances: [] });
    world.ports.aws.terminations.push({ instanceId: INSTANCE, at: new Date(NOW_AT), effect: 'shrank' });
    const end = await terminate(world);
    assert.deepEqual([end.status, 'decrement' in end && end.decrement], ['gone', 'yes']);
  });
});

describe('an instance that goes already because somebody made the group smaller', () => {
  it('is not terminated by this request, so that its decrement gives back no surge, and the Node says so', async () => {
    const world = await drained({ node: DECREMENT });
    const { instances, ...group } = groupOf(world.ports);
    const going = instances.map((each) =>
      each.instanceId === INSTANCE ? { ...each, lifecycleState: 'Terminating' } : each,
    );
    world.ports.aws.groups.set('workers', { ...group, instances: going });
    const end = await terminate(world);
    assert.deepEqual([end.status, 'decrement' in end && end.decrement], ['terminating', 'no']);
    assert.equal(readInHand(nodeOf(world.ports))?.decrement, 'no');
  });
});

describe('a group at its minimum size', () => {
  const atMinimum = async (node: NodeStep['node']) => {
    const world = await drained({ node });
    world.ports.aws.groups.set('workers', { ...groupOf(world.ports), minSize: 3 });
    return world;
  };

  it('replaces an outdated node, without a decrement, and the Node says so', async () => {
    const world = await atMinimum(DECREMENT);
    const end = await terminate(world);
    assert.deepEqual([end.status, 'decrement' in end && end.decrement], ['terminating', 'atMinimum']);
    assert.deepEqual(terminations(world.ports), [`terminate ${INSTANCE} {"decrement":false}`]);
    assert.equal(readInHand(nodeOf(world.ports))?.decrement, 'atMinimum');
  });

  it('keeps a surplus node, which is usable again', async () => {
    const world = await atMinimum({ ...DECREMENT, kind: 'surplus' });
    const end = await terminate(world);
    assert.match(JSON.stringify(end), /"kept","decrement":"atMinimum","reason":"Group workers is at its minimum size/);
    assert.deepEqual(terminations(world.ports), []);
    const { isUnschedulable, taints, labels } = nodeOf(world.ports);
    assert.deepEqual([isUnschedulable, taints, labels[EXCLUDE_LABEL]], [false, [], undefined]);
  });

  it('keeps it when that is retried, whatever pods have come to it meanwhile', async () => {
    for (const pods of [[], [onNode()]]) {
      const world = await atMinimum({ ...DECREMENT, kind: 'surplus' });
      await terminate(world);
      for (const pod of pods) addPod(world.ports, pod);
      assert.equal((await terminate(world)).status, 'kept');
    }
  });
});
