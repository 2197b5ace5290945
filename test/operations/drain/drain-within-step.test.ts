import assert from 'node:assert/strict';
import sinon from 'sinon';
import { UNSCHEDULABLE_TAINT } from '../../../domain/nodegroup/node-ownership.ts';
import type { Drain, WorkflowRun } from '../../../domain/state.ts';
import type { Pod } from '../../../domain/types.ts';
import { drainWithinStep } from '../../../operations/drain/drain-within-step.ts';
import { aBarePod, aBudget, aRun, NOW_AT } from '../../domain/builders.ts';
import type { PortsInMemory } from '../ports-in-memory.ts';
import { aDrain, drainedNodeOf, later, nodeInHand, nodeOf, onNode } from './node-world.ts';

const PENDING: Drain = { status: 'pending' };
const EXHAUSTED = aBudget({ disruptionsAllowed: 0, currentHealthy: 2 });

const withPods = (...pods: Pod[]): PortsInMemory => {
  const ports = nodeInHand(...pods);
  ports.kubernetes.nodes.set('node-0', { ...nodeOf(ports), taints: [UNSCHEDULABLE_TAINT] });
  return ports;
};

/** A drain as far as it is under way. */
type UnderWay = Extract<Drain, { status: 'draining' | 'drained' | 'blocked' }>;

const drain = async (
  ports: PortsInMemory,
  options: { run?: Partial<WorkflowRun>; timeoutSeconds?: number; before?: Drain } = {},
): Promise<UnderWay> => {
  const deadlineAt = later(options.timeoutSeconds ?? 900);
  const target = { node: drainedNodeOf(ports), startedAt: NOW_AT, deadlineAt };
  return (await drainWithinStep(ports.deps, aRun(options.run), target, options.before ?? PENDING)) as UnderWay;
};

describe('a drain within one step', () => {
  it('evicts every pod of the node, and no other, and waits until they are gone', async () => {
    const ports = withPods(
      onNode({ uid: 'a', name: 'a' }),
      onNode({ uid: 'b', name: 'b' }),
      onNode({ uid: 'daemon', name: 'daemon', owner: { kind: 'DaemonSet', name: 'daemon', uid: 'd' } }),
      onNode({ uid: 'c', name: 'c', nodeName: 'node-1' }),
    );
    const list = sinon.spy(ports.cluster, 'listPodsOnNode');
    const result = await drain(ports);
    assert.equal(result.status, 'drained');
    assert.deepEqual([result.evicted, result.evictedCount, result.remainingCount], [['shop/a', 'shop/b'], 2, 0]);
    assert.deepEqual(ports.changes, ['evict a', 'evict b']);
    assert.equal(list.callCount, 1, 'what the watch has seen is not listed again');
  });

  it('asks a budget again until it allows the eviction', async () => {
    const ports = withPods(onNode());
    ports.kubernetes.budgets = [EXHAUSTED];
    ports.clock.after(12, () => {
      ports.kubernetes.budgets = [aBudget()];
    });
    const result = await drain(ports);
    assert.equal(result.status, 'drained');
    assert.equal(ports.clock.now().toISOString(), later(20), 'asked every 5 s, and 5 s to stop');
  });

  it('ends the step with the pods that block, and since when', async () => {
    const ports = withPods(onNode({ uid: 'a', name: 'a' }), onNode({ uid: 'free', name: 'free', labels: {} }));
    ports.kubernetes.budgets = [EXHAUSTED];
    const result = await drain(ports);
    assert.equal(result.status, 'draining');
    assert.deepEqual(
      result.blockingPods.map(({ name, reason, sinceAt }) => [name, reason, sinceAt]),
      [['a', 'budget', NOW_AT]],
    );
    assert.deepEqual([result.evicted, result.blockingPodCount, result.waitSeconds], [['shop/free'], 1, 10]);
    assert.equal(ports.clock.now().toISOString(), later(40));
  });

  it('remembers since when a pod has blocked from the step before', async () => {
    const ports = withPods(onNode());
    ports.kubernetes.budgets = [EXHAUSTED];
    const first = await drain(ports);
    const second = await drain(ports, { before: first });
    assert.equal(second.blockingPods[0]?.sinceAt, NOW_AT);
  });

  it('calls a pod that takes its time to stop no blocking pod', async () => {
    const ports = withPods(onNode({ gracePeriodSeconds: 300 }));
    ports.kubernetes.stopSeconds = 120;
    const result = await drain(ports);
    assert.deepEqual(
      [result.status, result.blockingPods, result.remainingCount, result.waitSeconds],
      ['draining', [], 1, 1],
    );
  });

  it('calls a pod that outlasts its grace period a blocking pod', async () => {
    const ports = withPods(onNode({ deletionDeadlineAt: later(-60) }));
    const result = await drain(ports);
    assert.deepEqual(
      result.blockingPods.map(({ reason, detail }) => [reason, detail]),
      [['terminating', `it should have stopped by ${later(-60)}, and has not`]],
    );
  });

  it('lists the node again at once when the pods were gone before they were evicted', async () => {
    const ports = withPods(onNode());
    sinon.stub(ports.cluster, 'evict').callsFake(async ({ uid }) => {
      ports.kubernetes.pods.delete(uid);
      return { status: 'absent' };
    });
    assert.equal((await drain(ports)).status, 'drained');
    assert.equal(ports.clock.now().toISOString(), NOW_AT);
  });

  it('pauses between lists when a pod is listed again and again that its eviction does not find', async () => {
    const ports = withPods(onNode());
    sinon.stub(ports.cluster, 'evict').resolves({ status: 'absent' });
    const list = sinon.spy(ports.cluster, 'listPodsOnNode');
    assert.equal((await drain(ports)).status, 'draining');
    assert.ok(list.callCount <= 9, `${list.callCount} lists in 40 s`);
  });

  it('pauses between watches that end at once without news', async () => {
    const ports = withPods(onNode());
    ports.kubernetes.stopSeconds = 120;
    const watch = sinon.stub(ports.cluster, 'waitForPodsGone').resolves(false);
    assert.equal((await drain(ports)).status, 'draining');
    assert.ok(watch.callCount <= 40, `${watch.callCount} watches in 40 s`);
  });

  it('lists the node again when a pod came to it while others stopped', async () => {
    const ports = withPods(onNode({ uid: 'a', name: 'a' }));
    ports.clock.after(2, () => ports.kubernetes.pods.set('b', onNode({ uid: 'b', name: 'b' })));
    const result = await drain(ports);
    assert.deepEqual([result.status, result.evicted], ['drained', ['shop/a', 'shop/b']]);
  });
});

describe('a drain that runs out of time', () => {
  it('is blocked, and names the pod, its budget and what to do', async () => {
    const ports = withPods(onNode());
    ports.kubernetes.budgets = [EXHAUSTED];
    const result = await drain(ports, { timeoutSeconds: 20 });
    assert.ok(result.status === 'blocked');
    assert.equal(result.error, 'PodEvictionFailure');
    assert.match(
      result.cause,
      /^node node-0 was not drained within 20 s: pod shop\/checkout-\S+ \(Deployment checkout\) blocks the drain: PodDisruptionBudget shop\/checkout/,
    );
    assert.ok(result.cause.length <= 450);
    assert.equal(result.blockingPodCount, 1);
  });

  it('says minutes once they have passed', async () => {
    const ports = withPods(onNode());
    ports.kubernetes.budgets = [EXHAUSTED];
    const pod = { namespace: 'shop', name: onNode().name, reason: 'budget' as const, detail: '', advice: '' };
    const before: Drain = { ...aDrain(ports), blockingPods: [{ ...pod, sinceAt: later(-600) }] };
    const result = await drain(ports, { timeoutSeconds: 20, before });
    assert.match(result.status === 'blocked' ? result.cause : '', /has blocked the drain for 10 minutes: /);
  });

  it('is blocked at once by a pod that the settings refuse, without an eviction', async () => {
    const ports = withPods(onNode(), aBarePod({ nodeName: 'node-0', uid: 'bare' }));
    const result = await drain(ports, { run: { pods: { unmanaged: 'refuse', localStorage: 'evict' } } });
    assert.match(
      result.status === 'blocked' ? result.cause : '',
      /^node node-0 cannot be drained: pod shop\/debug blocks/,
    );
    assert.deepEqual(ports.changes, []);
    assert.equal(ports.clock.now().toISOString(), NOW_AT);
  });

  it('deletes what is left with force, and waits for its grace period', async () => {
    const ports = withPods(onNode());
    ports.kubernetes.budgets = [EXHAUSTED];
    const result = await drain(ports, { run: { force: true }, timeoutSeconds: 10 });
    assert.deepEqual([result.status, result.deletedCount], ['drained', 1]);
    assert.deepEqual(ports.changes, [`deletePod ${onNode().name}`]);
  });

  it('is drained with force when a deleted pod outlasts its grace period by a minute', async () => {
    const ports = withPods(onNode({ deletionDeadlineAt: later(-61) }));
    const result = await drain(ports, { run: { force: true }, timeoutSeconds: 0 });
    assert.deepEqual([result.status, result.remainingCount], ['drained', 1]);
  });
});

describe('#40 a drain of pods that outlast their grace period', () => {
  const withStuckPod = (isReady: boolean) => {
    const ports = withPods(onNode({ uid: 'stuck', name: 'stuck', gracePeriodSeconds: 1 }));
    ports.kubernetes.nodes.set('node-0', { ...nodeOf(ports), isReady });
    ports.kubernetes.stopSeconds = Number.POSITIVE_INFINITY;
    return ports;
  };

  it('counts them as gone where the node is not Ready, and names them on it', async () => {
    const ports = withStuckPod(false);
    const before = await drain(ports, { timeoutSeconds: 300 });
    const { status, presumedGone } = before.status === 'draining' ? await drain(ports, { before }) : before;
    assert.deepEqual([status, presumedGone], ['drained', ['shop/stuck']]);
    assert.match(ports.kubernetes.events.at(-1)?.message ?? '', /count as gone: shop\/stuck/);
  });

  it('waits for them where the kubelet answers, and names what may keep them', async () => {
    const ports = withStuckPod(true);
    const before = await drain(ports, { timeoutSeconds: 60 });
    const result = await drain(ports, { before, timeoutSeconds: 60 });
    assert.equal(result.status, 'blocked');
    assert.match('cause' in result ? result.cause : '', /it should have stopped by .* check for a finalizer/);
  });
});

describe('a drain of pods with persistent volumes', () => {
  const VOLUME = { nodeName: 'node-0', persistentVolumeName: 'pv-1' };
  const withVolume = () => {
    const ports = withPods(onNode({ volumeClaims: ['data'] }));
    ports.kubernetes.attachments = [VOLUME, { nodeName: 'node-1', persistentVolumeName: 'pv-2' }];
    ports.kubernetes.claims.set('pv-1', 'shop/data').set('pv-2', 'shop/data');
    return ports;
  };

  it('waits until they are detached from this node', async () => {
    const ports = withVolume();
    ports.clock.after(14, () => ports.kubernetes.attachments.splice(0, 1));
    const result = await drain(ports);
    assert.deepEqual([result.status, result.blockingPods], ['drained', []]);
    assert.equal(ports.clock.now().toISOString(), later(15));
  });

  it('#33 goes on waiting in the next step, and names volume, claim and pod', async () => {
    const ports = withVolume();
    const first = await drain(ports);
    assert.deepEqual([first.status, first.remainingCount], ['draining', 0]);
    const [{ reason, detail = '', sinceAt } = {}] = first.blockingPods;
    assert.deepEqual([reason, sinceAt], ['volume', later(5)]);
    assert.match(detail, /its volume pv-1 \(claim shop\/data\) is still attached to node-0/);
    ports.kubernetes.attachments = [];
    assert.equal((await drain(ports, { before: first })).status, 'drained');
  });

  it('stops waiting at the deadline, and names what is still attached', async () => {
    const result = await drain(withVolume(), { timeoutSeconds: 20 });
    assert.deepEqual([result.status, result.blockingPodCount], ['drained', 1]);
  });

  it('#33 does not wait for volumes that no pod of this drain had', async () => {
    const ports = withVolume();
    ports.kubernetes.attachments = ['pv-daemon', 'pv-orphan'].map((persistentVolumeName) => ({
      nodeName: 'node-0',
      persistentVolumeName,
    }));
    ports.kubernetes.claims.set('pv-daemon', 'shop/cache-of-daemon');
    const find = sinon.spy(ports.cluster, 'findClaimOfVolume');
    assert.equal((await drain(ports)).status, 'drained');
    assert.equal(ports.clock.now().toISOString(), later(5));
    assert.equal(find.callCount, 2);
  });

  it('asks for no attachments on a node that it finds empty: the wait before termination covers what has just left', async () => {
    const ports = withPods();
    const list = sinon.spy(ports.cluster, 'listVolumeAttachments');
    assert.equal((await drain(ports)).status, 'drained');
    assert.equal(list.callCount, 0);
  });

  it('asks for no attachments when no pod had a volume', async () => {
    const ports = withPods(onNode());
    const list = sinon.spy(ports.cluster, 'listVolumeAttachments');
    await drain(ports);
    assert.equal(list.callCount, 0);
  });
});

describe('a drain of pods that come back', () => {
  /** As soon as the pod is stopping, its owner makes another one on this node. */
  const comesBack = (ports: PortsInMemory, overrides: Partial<Pod> = {}, onCreate: () => void = () => undefined) => {
    const owner = { kind: 'ReplicaSet', name: 'cart', uid: 'uid-of-cart' };
    let count = 0;
    const create = () => {
      count += 1;
      const uid = `cart-${count}`;
      // As if the clock of the cluster were an hour slow: no clock tells that it is new.
      ports.kubernetes.pods.set(uid, onNode({ uid, name: uid, labels: {}, owner, ...overrides }));
    };
    create();
    const evict = ports.cluster.evict;
    sinon.stub(ports.cluster, 'evict').callsFake(async (pod) => {
      const outcome = await evict(pod);
      if (outcome.status === 'evicted' && pod.owner?.uid === owner.uid) {
        ports.clock.after(1, () => {
          onCreate();
          create();
        });
      }
      return outcome;
    });
    return () => ports.changes.filter((change) => change.startsWith('evict cart')).length;
  };

  it('is blocked after three evictions, and says that the owner names the node', async () => {
    const ports = withPods();
    const evictions = comesBack(ports);
    const result = await drain(ports);
    assert.deepEqual([result.status, evictions()], ['blocked', 3]);
    assert.deepEqual(
      result.blockingPods.map(({ name, reason }) => [name, reason]),
      [['cart-4', 'returned']],
    );
    assert.match(result.blockingPods[0]?.detail ?? '', /its owner names the node/);
  });

  it('is drained after three evictions when they tolerate the taint, and names them', async () => {
    const ports = withPods();
    const evictions = comesBack(ports, { tolerations: [{ operator: 'Exists' }] });
    const result = await drain(ports);
    assert.deepEqual([result.status, evictions(), result.ignored], ['drained', 3, ['shop/cart-4']]);
  });

  it('puts the taint back that somebody removed, and goes on', async () => {
    const ports = withPods();
    comesBack(ports);
    ports.kubernetes.nodes.set('node-0', { ...nodeOf(ports), taints: [] });
    const result = await drain(ports);
    assert.deepEqual(nodeOf(ports).taints, [UNSCHEDULABLE_TAINT]);
    assert.equal(result.taintsRestored, 1);
    assert.match(result.blockingPods[0]?.detail ?? '', /somebody removed the taint/);
  });

  it('puts the taint back three times at most, and evicts as often as before', async () => {
    const ports = withPods();
    const evictions = comesBack(ports, {}, () =>
      ports.kubernetes.nodes.set('node-0', { ...nodeOf(ports), taints: [] }),
    );
    const result = await drain(ports);
    assert.deepEqual([result.status, evictions()], ['blocked', 3]);
    assert.ok(ports.changes.filter((change) => change.startsWith('patchNode')).length <= 3);
  });

  it('counts on from the step before', async () => {
    const ports = withPods();
    const evictions = comesBack(ports, { gracePeriodSeconds: 60 });
    ports.kubernetes.stopSeconds = 4;
    const first = await drain(ports, { before: { ...aDrain(ports), evictedOwners: { 'uid-of-cart': 1 } } });
    assert.deepEqual([first.status, evictions()], ['blocked', 1]);
  });

  it('evicts both replicas that were there from the beginning, and neither of them counts as returned', async () => {
    const owner = { kind: 'ReplicaSet', name: 'cart', uid: 'uid-of-cart' };
    const ports = withPods(onNode({ uid: 'a', name: 'a', owner }), onNode({ uid: 'b', name: 'b', owner }));
    ports.kubernetes.budgets = [aBudget({ disruptionsAllowed: 1 })];
    ports.clock.after(7, () => {
      ports.kubernetes.budgets = [aBudget({ disruptionsAllowed: 1 })];
    });
    const result = await drain(ports);
    assert.deepEqual(
      [result.status, result.evicted, result.evictedOwners],
      ['drained', ['shop/a', 'shop/b'], { 'uid-of-cart': 0 }],
    );
  });

  it('asks young pods to leave as well, whatever the clock of the cluster says', async () => {
    const ports = withPods(onNode({ createdAt: later(300), tolerations: [{ operator: 'Exists' }] }));
    ports.kubernetes.budgets = [EXHAUSTED];
    const result = await drain(ports, { timeoutSeconds: 20 });
    assert.deepEqual([result.status, result.remainingCount], ['blocked', 1]);
  });

  it('with force does not wait for pods that come back after every eviction', async () => {
    const ports = withPods();
    const evictions = comesBack(ports);
    const result = await drain(ports, { run: { force: true } });
    assert.deepEqual([result.status, evictions(), result.deletedCount], ['drained', 3, 0]);
  });
});
