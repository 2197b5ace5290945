import assert from 'node:assert/strict';
import type { Condition } from '../../kubernetes/conditions.ts';
import type { Node } from '../../kubernetes/kinds/node.ts';
import { isReady, isTerminating } from '../../kubernetes/pod-state.ts';
import type { Taint } from '../../kubernetes/taints.ts';
import { createSimulatedWorld, placesOf, type SimulatedWorld } from './simulated-world.ts';

const readyOf = (node: Node | undefined) =>
  (node?.status?.conditions as Condition[] | undefined)?.find(({ type }) => type === 'Ready')?.status;

const taintsOf = (node: Node | undefined) =>
  ((node?.spec?.taints ?? []) as Taint[]).map(({ key, effect }) => `${key}:${effect}`);

const reasonsOf = (world: SimulatedWorld, nodeName: string) =>
  world.store
    .list('events')
    .filter(({ involvedObject }) => involvedObject?.kind === 'Node' && involvedObject?.name === nodeName)
    .map(({ reason }) => reason as string);

describe('a new node', () => {
  it('registers, is found by the cloud controller, and becomes Ready and open, one after the other', async () => {
    const world = createSimulatedWorld();
    const machine = world.machine(9, { taints: [{ key: 'team', value: 'x', effect: 'NoSchedule' }] });
    world.cluster.machineInService(machine);
    const node = () => world.node(machine.privateDnsName);
    await world.clock.advance(29);
    assert.equal(node(), undefined);
    await world.clock.advance(1.5);
    assert.equal(readyOf(node()), 'False');
    assert.equal(node()?.spec?.providerID, undefined);
    assert.deepEqual(taintsOf(node()), [
      'team:NoSchedule',
      'node.cloudprovider.kubernetes.io/uninitialized:NoSchedule',
      'node.kubernetes.io/not-ready:NoSchedule',
      'node.kubernetes.io/not-ready:NoExecute',
    ]);
    await world.clock.advance(3);
    assert.equal(node()?.spec?.providerID, `aws:///eu-west-1a/${machine.instanceId}`);
    assert.equal(node()?.metadata.labels?.['topology.kubernetes.io/zone'], 'eu-west-1a');
    await world.clock.advance(11.5);
    assert.equal(readyOf(node()), 'True');
    assert.deepEqual(taintsOf(node()), ['team:NoSchedule']);
    assert.deepEqual(reasonsOf(world, machine.privateDnsName).sort(), ['NodeReady', 'RegisteredNode']);
  });

  it('offers less than its machine has, as the kubelet of an EKS AMI does', () => {
    const world = createSimulatedWorld();
    const { capacity, allocatable } = world.node(world.nodeNames[0] as string)?.status ?? {};
    assert.deepEqual([capacity?.cpu, allocatable?.cpu, allocatable?.pods], ['4', '3920m', '58']);
    assert.ok(Number.parseInt(allocatable?.memory ?? '', 10) < Number.parseInt(capacity?.memory ?? '', 10));
  });

  for (const [boots, registers] of [
    ['never-joins', false],
    ['never-ready', true],
  ] as const)
    it(`that ${boots} stays so`, async () => {
      const world = createSimulatedWorld();
      const machine = world.machine(9, { boots });
      world.cluster.machineInService(machine);
      await world.clock.advance(3600);
      const node = world.node(machine.privateDnsName);
      assert.equal(node !== undefined, registers);
      assert.notEqual(readyOf(node), 'True');
    });
});

describe('a node whose machine is terminated', () => {
  it('turns Unknown after the grace, is deleted, and loses its pods, which are replaced', async () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'Deployment', name: 'web', replicas: 6, budget: { maxUnavailable: 1 } }],
    });
    const { instanceId, privateDnsName } = world.machine(0);
    world.cluster.machineStopping(instanceId);
    await world.clock.advance(30);
    world.cluster.machineGone(instanceId);
    await world.clock.advance(19);
    assert.equal(readyOf(world.node(privateDnsName)), 'True', 'still in the last heartbeat’s grace');
    await world.clock.advance(2);
    assert.equal(readyOf(world.node(privateDnsName)), 'Unknown');
    assert.deepEqual(taintsOf(world.node(privateDnsName)), [
      'node.kubernetes.io/unreachable:NoSchedule',
      'node.kubernetes.io/unreachable:NoExecute',
    ]);
    assert.equal(world.budget('web')?.currentHealthy, 4, 'pods of a silent node are not available');
    await world.clock.advance(5);
    assert.equal(world.node(privateDnsName), undefined);
    assert.equal(world.pods('web').length, 6, 'nobody has missed the pods yet');
    await world.clock.advance(20 + 6);
    assert.ok(!placesOf(world.pods('web')).includes(privateDnsName));
    assert.deepEqual(world.pods('web').map(isReady), Array(6).fill(true));
    assert.deepEqual(reasonsOf(world, privateDnsName).sort(), ['DeletingNode', 'NodeNotReady', 'RemovingNode']);
  });

  it('keeps a pod that was terminating when it died until the node is deleted', async () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'Deployment', name: 'web', terminationSeconds: 30 }],
    });
    const [pod] = world.pods('web');
    const name = pod?.metadata.name as string;
    const machine = [0, 1, 2]
      .map((index) => world.machine(index))
      .find((each) => each.privateDnsName === pod?.spec.nodeName);
    world.deletePod(name);
    await world.clock.advance(5);
    world.cluster.machineStopping(machine?.instanceId as string);
    await world.clock.advance(50);
    const stuck = world.pod(name);
    assert.ok(stuck && isTerminating(stuck));
    world.cluster.machineGone(machine?.instanceId as string);
    await world.clock.advance(30);
    assert.equal(world.pod(name), undefined);
  });
});

describe('a node that falls silent while its machine lives', () => {
  const silent = () =>
    createSimulatedWorld({
      workloads: [{ kind: 'Deployment', name: 'web', replicas: 6 }],
      faults: [{ kind: 'nodeNotReady', atSeconds: 10, group: 'group', nodes: 1 }],
    });

  it('loses its pods after the 300 seconds that they tolerate, and keeps them terminating', async () => {
    const world = silent();
    await world.clock.advance(10 + 50 + 299);
    assert.equal(world.pods('web').length, 6);
    await world.clock.advance(10);
    assert.equal(world.pods('web').filter(isTerminating).length, 2);
    assert.equal(world.pods('web').filter((pod) => !isTerminating(pod) && isReady(pod)).length, 6);
    await world.clock.advance(3600);
    assert.equal(world.pods('web').filter(isTerminating).length, 2);
  });

  it('is deleted once its machine is gone', async () => {
    const world = silent();
    await world.clock.advance(100);
    const name = world.nodeNames.find((each) => readyOf(world.node(each)) === 'Unknown') as string;
    const index = world.nodeNames.indexOf(name);
    world.cluster.machineGone(world.machine(index).instanceId);
    await world.clock.advance(30);
    assert.equal(world.node(name), undefined);
  });
});

describe('taints', () => {
  it('follow spec.unschedulable both ways', async () => {
    const world = createSimulatedWorld();
    const [name = ''] = world.nodeNames;
    world.cordon(name);
    await world.clock.advance(0);
    assert.deepEqual(taintsOf(world.node(name)), ['node.kubernetes.io/unschedulable:NoSchedule']);
    world.store.change('nodes', undefined, name, (node) => {
      const { unschedulable: _, ...spec } = node.spec ?? {};
      return { ...node, spec };
    });
    await world.clock.advance(0);
    assert.equal(world.node(name)?.spec?.taints, undefined);
  });

  it('with NoExecute move pods that do not tolerate them, at once or when their toleration ends', async () => {
    const world = createSimulatedWorld({
      workloads: [
        { kind: 'Deployment', name: 'web', replicas: 3, spread: 'host' },
        { kind: 'DaemonSet', name: 'agent', tolerations: [{ operator: 'Exists' }] },
      ],
    });
    const [name = ''] = world.nodeNames;
    world.taint(name, { key: 'maintenance', effect: 'NoExecute' });
    await world.clock.advance(12);
    assert.ok(!placesOf(world.pods('web')).includes(name));
    assert.ok(placesOf(world.pods('agent')).includes(name));
  });
});
