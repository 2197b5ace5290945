import assert from 'node:assert/strict';
import { isReady, isTerminating } from '../../kubernetes/pod-state.ts';
import { createSimulatedWorld, placesOf } from './simulated-world.ts';

describe('a settled world', () => {
  it('has every pod Running and Ready, older than the run and younger than its node', () => {
    const world = createSimulatedWorld({
      workloads: [
        { kind: 'Deployment', name: 'web', replicas: 6 },
        { kind: 'StatefulSet', name: 'db', replicas: 3, volumeClaim: true },
        { kind: 'DaemonSet', name: 'agent' },
        { kind: 'Job', name: 'batch', replicas: 2 },
        { kind: 'Pod', name: 'bare', replicas: 2 },
      ],
    });
    const pods = world.store.list('pods');
    assert.equal(pods.length, 6 + 3 + 3 + 2 + 2);
    for (const pod of pods) {
      assert.equal(pod.status?.phase, 'Running');
      assert.ok(isReady(pod));
      assert.ok(Date.parse(pod.metadata.creationTimestamp) < world.clock.now() - 86_400_000);
      const node = world.node(pod.spec.nodeName ?? '');
      assert.ok(node && node.metadata.creationTimestamp < pod.metadata.creationTimestamp);
    }
  });

  it('stays as it is while nobody touches it', async () => {
    const world = createSimulatedWorld({
      workloads: [
        { kind: 'Deployment', name: 'web', replicas: 6, budget: { maxUnavailable: 1 } },
        { kind: 'StatefulSet', name: 'db', replicas: 3, volumeClaim: true },
        { kind: 'DaemonSet', name: 'agent' },
      ],
    });
    const before = world.dump();
    await world.clock.advance(3600);
    assert.equal(world.dump(), before);
  });

  it('reports counts that match its pods', () => {
    const { store } = createSimulatedWorld({
      workloads: [
        { kind: 'Deployment', name: 'web', replicas: 4 },
        { kind: 'StatefulSet', name: 'db', replicas: 2 },
        { kind: 'DaemonSet', name: 'agent' },
        { kind: 'Job', name: 'batch', replicas: 2 },
      ],
    });
    assert.equal(store.get('deployments', 'default', 'web')?.status?.availableReplicas, 4);
    assert.equal(store.get('deployments', 'default', 'web')?.status?.observedGeneration, 1);
    assert.equal(store.get('statefulsets', 'default', 'db')?.status?.readyReplicas, 2);
    assert.equal(store.get('daemonsets', 'default', 'agent')?.status?.numberReady, 3);
    assert.equal(store.get('daemonsets', 'default', 'agent')?.status?.desiredNumberScheduled, 3);
    assert.equal(store.get('jobs', 'default', 'batch')?.status?.active, 2);
  });
});

describe('a drained node', () => {
  it('has its pods back elsewhere within seconds', async () => {
    const world = createSimulatedWorld({ workloads: [{ kind: 'Deployment', name: 'web', replicas: 9 }] });
    const [name = ''] = world.nodeNames;
    world.cordon(name);
    world.drain(name);
    await world.clock.advance(11);
    const pods = world.pods('web');
    assert.equal(pods.length, 9);
    assert.ok(pods.every(isReady));
    assert.ok(!placesOf(pods).includes(name));
  });

  it('keeps its tolerate-everything pods coming back although it is tainted and cordoned', async () => {
    const world = createSimulatedWorld({
      nodes: 1,
      workloads: [{ kind: 'Deployment', name: 'clingy', tolerations: [{ operator: 'Exists' }] }],
    });
    const [name = ''] = world.nodeNames;
    world.cordon(name);
    world.taint(name, { key: 'eks.amazonaws.com/nodegroup', value: 'unschedulable', effect: 'NoSchedule' });
    const [before] = world.pods('clingy');
    world.drain(name);
    await world.clock.advance(15);
    const [after] = world.pods('clingy');
    assert.notEqual(after?.metadata.uid, before?.metadata.uid);
    assert.equal(after?.spec.nodeName, name);
  });

  it('leaves pods Pending when they fit nowhere', async () => {
    const world = createSimulatedWorld({ nodes: 1, workloads: [{ kind: 'Deployment', name: 'web', replicas: 2 }] });
    const [name = ''] = world.nodeNames;
    world.cordon(name);
    world.drain(name);
    await world.clock.advance(30);
    assert.deepEqual(
      world.pods('web').map(({ status }) => status?.phase),
      ['Pending', 'Pending'],
    );
  });

  it('lets a pod take its time to stop, at most its grace period', async () => {
    const world = createSimulatedWorld({
      workloads: [
        { kind: 'Deployment', name: 'slow', terminationSeconds: 90, terminationGracePeriodSeconds: 60 },
        { kind: 'Deployment', name: 'quick', terminationSeconds: 2, terminationGracePeriodSeconds: 60 },
      ],
    });
    for (const app of ['slow', 'quick']) world.deletePod(world.pods(app)[0]?.metadata.name as string);
    const terminating = () => ['slow', 'quick'].map((app) => world.pods(app).filter(isTerminating).length);
    await world.clock.advance(1);
    assert.deepEqual(terminating(), [1, 1]);
    await world.clock.advance(2);
    assert.deepEqual(terminating(), [1, 0]);
    await world.clock.advance(58);
    assert.deepEqual(terminating(), [0, 0]);
  });

  it('keeps a pod whose finalizer nobody removes, stopped and stuck, with a replacement beside it', async () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'Deployment', name: 'held', finalizer: 'example.com/hold' }],
    });
    const name = world.pods('held')[0]?.metadata.name as string;
    world.deletePod(name);
    await world.clock.advance(3600);
    const stuck = world.pod(name);
    assert.ok(stuck && isTerminating(stuck) && !isReady(stuck));
    assert.equal(world.pods('held').filter((pod) => !isTerminating(pod)).length, 1);
    world.store.change('pods', 'default', name, (pod) => ({ ...pod, metadata: { ...pod.metadata, finalizers: [] } }));
    await world.clock.advance(1);
    assert.equal(world.pod(name), undefined);
  });
});

describe('a Deployment', () => {
  it('follows its number of replicas up and down', async () => {
    const world = createSimulatedWorld({ workloads: [{ kind: 'Deployment', name: 'web', replicas: 2 }] });
    for (const replicas of [5, 1]) {
      world.store.change('deployments', 'default', 'web', (web) => ({ ...web, spec: { ...web.spec, replicas } }));
      await world.clock.advance(20);
      assert.equal(world.pods('web').length, replicas);
      assert.equal(world.store.get('deployments', 'default', 'web')?.status?.readyReplicas, replicas);
    }
  });

  it('replaces its pods step by step when the template changes', async () => {
    const world = createSimulatedWorld({ workloads: [{ kind: 'Deployment', name: 'web', replicas: 4 }] });
    world.store.change('deployments', 'default', 'web', (web) => ({
      ...web,
      spec: {
        ...web.spec,
        template: {
          ...web.spec.template,
          spec: { ...web.spec.template.spec, containers: [{ name: 'web', image: 'web:2' }] },
        },
      },
    }));
    let fewestReady = 4;
    for (let second = 0; second < 60; second += 1) {
      await world.clock.advance(1);
      fewestReady = Math.min(
        fewestReady,
        world.pods('web').filter((pod) => isReady(pod) && !isTerminating(pod)).length,
      );
    }
    assert.equal(fewestReady, 3);
    assert.deepEqual(
      world.pods('web').map(({ spec }) => spec.containers[0]?.image),
      ['web:2', 'web:2', 'web:2', 'web:2'],
    );
    const { conditions, updatedReplicas } = world.store.get('deployments', 'default', 'web')?.status ?? {};
    assert.equal(updatedReplicas, 4);
    assert.ok(conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable'));
  });

  it('takes its ReplicaSets and pods with it when it is deleted', async () => {
    const world = createSimulatedWorld({ workloads: [{ kind: 'Deployment', name: 'web', replicas: 2 }] });
    world.store.remove('deployments', 'default', 'web');
    await world.clock.advance(10);
    assert.deepEqual([world.store.list('replicasets').length, world.pods('web').length], [0, 0]);
  });

  it('has crash-looping pods whose restarts grow and that never become Ready', async () => {
    const world = createSimulatedWorld({ workloads: [{ kind: 'Deployment', name: 'web', isReady: false }] });
    const restarts = () => world.pods('web')[0]?.status?.containerStatuses?.[0]?.restartCount ?? 0;
    const before = restarts();
    await world.clock.advance(1200);
    assert.ok(restarts() > before);
    assert.ok(!world.pods('web').some(isReady));
    assert.equal(world.pods('web')[0]?.status?.containerStatuses?.[0]?.state?.waiting?.reason, 'CrashLoopBackOff');
  });
});

describe('a StatefulSet', () => {
  const ofThree = () =>
    createSimulatedWorld({ workloads: [{ kind: 'StatefulSet', name: 'db', replicas: 3, terminationSeconds: 10 }] });

  it('gives a name to a new pod only once the old one is gone, with a new uid', async () => {
    const world = ofThree();
    const before = world.pod('db-1');
    world.deletePod('db-1');
    await world.clock.advance(9);
    assert.equal(world.pod('db-1')?.metadata.uid, before?.metadata.uid);
    await world.clock.advance(10);
    const after = world.pod('db-1');
    assert.ok(after && isReady(after));
    assert.notEqual(after.metadata.uid, before?.metadata.uid);
    assert.equal(after.metadata.labels?.['statefulset.kubernetes.io/pod-name'], 'db-1');
  });

  it('brings pods back in order, one Ready before the next', async () => {
    const world = ofThree();
    for (const name of ['db-0', 'db-1', 'db-2']) world.deletePod(name);
    await world.clock.advance(12);
    assert.deepEqual(
      world.pods('db').map(({ metadata }) => metadata.name),
      ['db-0'],
    );
    await world.clock.advance(20);
    assert.deepEqual(world.pods('db').map(isReady), [true, true, true]);
  });
});

describe('a DaemonSet', () => {
  it('puts a pod on every node that joins, and none on those that go', async () => {
    const world = createSimulatedWorld({ workloads: [{ kind: 'DaemonSet', name: 'agent' }] });
    world.cluster.machineInService(world.machine(7));
    await world.clock.advance(60);
    assert.equal(world.pods('agent').filter(isReady).length, 4);
    world.cluster.machineStopping(world.machine(0).instanceId);
    world.cluster.machineGone(world.machine(0).instanceId);
    await world.clock.advance(120);
    assert.deepEqual(
      new Set(placesOf(world.pods('agent'))),
      new Set([1, 2, 7].map((index) => world.machine(index).privateDnsName)),
    );
    assert.equal(world.store.get('daemonsets', 'default', 'agent')?.status?.desiredNumberScheduled, 3);
  });

  it('puts its pod back on a cordoned node', async () => {
    const world = createSimulatedWorld({ nodes: 1, workloads: [{ kind: 'DaemonSet', name: 'agent' }] });
    world.cordon(world.nodeNames[0] as string);
    world.deletePod(world.pods('agent')[0]?.metadata.name as string);
    await world.clock.advance(15);
    assert.equal(world.pods('agent').filter(isReady).length, 1);
  });

  it('stays off nodes with a taint that its pods do not tolerate', () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'DaemonSet', name: 'agent', nodeSelector: { gpu: 'yes' } }],
    });
    assert.equal(world.pods('agent').length, 0);
  });
});

describe('a Job', () => {
  it('completes when all of its pods have run their time', async () => {
    const world = createSimulatedWorld({ workloads: [{ kind: 'Job', name: 'batch', replicas: 2, runSeconds: 100 }] });
    await world.clock.advance(101);
    const status = world.store.get('jobs', 'default', 'batch')?.status;
    assert.equal(status?.succeeded, 2);
    assert.equal(status?.conditions?.at(-1)?.type, 'Complete');
    assert.deepEqual(
      world.pods('batch').map((pod) => pod.status?.phase),
      ['Succeeded', 'Succeeded'],
    );
  });

  it('starts the work of an evicted pod again', async () => {
    const world = createSimulatedWorld({ workloads: [{ kind: 'Job', name: 'batch', runSeconds: 100 }] });
    await world.clock.advance(50);
    world.deletePod(world.pods('batch')[0]?.metadata.name as string);
    await world.clock.advance(90);
    assert.equal(world.store.get('jobs', 'default', 'batch')?.status?.succeeded, 0);
    await world.clock.advance(30);
    assert.equal(world.store.get('jobs', 'default', 'batch')?.status?.succeeded, 1);
  });
});
