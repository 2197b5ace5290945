import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { Drain, WorkflowRun } from '../../../domain/state.ts';
import type { Pod } from '../../../domain/types.ts';
import { drainWithinStep } from '../../../operations/drain/drain-within-step.ts';
import { aBarePod, aBudget, aPod, aRun, NOW_AT } from '../../domain/builders.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const PENDING: Drain = {
  status: 'pending',
  evicted: [],
  evictedCount: 0,
  deletedCount: 0,
  remainingCount: 0,
  blockingPods: [],
  blockingPodCount: 0,
  awaitsVolumes: false,
  ignored: [],
  waitSeconds: 0,
};
const DRAINING: Drain = { ...PENDING, status: 'draining', deadlineAt: NOW_AT };
const EXHAUSTED = aBudget({ disruptionsAllowed: 0, currentHealthy: 2 });

const later = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();
const onNode = (overrides: Partial<Pod> = {}): Pod => aPod({ nodeName: 'node-0', ...overrides });

const withPods = (...pods: Pod[]): PortsInMemory => {
  const ports = createPorts();
  for (const pod of pods) ports.kubernetes.pods.set(pod.uid, pod);
  return ports;
};

const drain = (
  { deps }: PortsInMemory,
  options: { run?: Partial<WorkflowRun>; timeoutSeconds?: number; before?: Drain } = {},
) =>
  drainWithinStep(
    deps,
    aRun(options.run),
    { nodeName: 'node-0', startedAt: NOW_AT, deadlineAt: later(options.timeoutSeconds ?? 900) },
    options.before ?? PENDING,
  );

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

  it('lists the node again when the pods were gone before they were evicted', async () => {
    const ports = withPods(onNode());
    sinon.stub(ports.cluster, 'evict').callsFake(async ({ uid }) => {
      ports.kubernetes.pods.delete(uid);
      return { status: 'absent' };
    });
    assert.equal((await drain(ports, { before: DRAINING })).status, 'draining');
    assert.equal((await drain(ports, { before: DRAINING })).status, 'drained');
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
    const before: Drain = { ...DRAINING, blockingPods: [{ ...pod, sinceAt: later(-600) }] };
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

describe('a drain of pods with persistent volumes', () => {
  const VOLUME = { nodeName: 'node-0', persistentVolumeName: 'pv-1' };
  const withVolume = () => {
    const ports = withPods(onNode({ volumeClaims: ['data'] }));
    ports.kubernetes.attachments = [VOLUME, { nodeName: 'node-1', persistentVolumeName: 'pv-2' }];
    return ports;
  };

  it('waits until they are detached from this node', async () => {
    const ports = withVolume();
    ports.clock.after(14, () => ports.kubernetes.attachments.splice(0, 1));
    const result = await drain(ports);
    assert.deepEqual([result.status, result.awaitsVolumes], ['drained', true]);
    assert.equal(ports.clock.now().toISOString(), later(15));
  });

  it('goes on waiting in the next step, though the pod is gone', async () => {
    const ports = withVolume();
    const first = await drain(ports);
    assert.deepEqual([first.status, first.awaitsVolumes, first.remainingCount], ['draining', true, 0]);
    ports.kubernetes.attachments = [];
    assert.equal((await drain(ports, { before: first })).status, 'drained');
  });

  it('stops waiting at the deadline', async () => {
    const result = await drain(withVolume(), { timeoutSeconds: 20 });
    assert.equal(result.status, 'drained');
  });

  it('looks for them on a node that it finds empty, where such a pod may have been', async () => {
    const ports = withPods();
    const list = sinon.spy(ports.cluster, 'listVolumeAttachments');
    assert.deepEqual((await drain(ports)).awaitsVolumes, true);
    assert.equal(list.callCount, 1);
  });

  it('asks for no attachments when no pod had a volume', async () => {
    const ports = withPods(onNode());
    const list = sinon.spy(ports.cluster, 'listVolumeAttachments');
    await drain(ports);
    assert.equal(list.callCount, 0);
  });
});
