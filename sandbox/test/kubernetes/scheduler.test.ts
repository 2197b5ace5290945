import assert from 'node:assert/strict';
import { conditionOf } from '../../kubernetes/conditions.ts';
import { createSimulatedWorld, placesOf, type SimulatedWorld } from './simulated-world.ts';

const messageOf = (world: SimulatedWorld, name: string): string =>
  conditionOf(world.pod(name) ?? {}, 'PodScheduled')?.message ?? '';

/** Submit a pod as a client would, and give the scheduler its turn. */
async function submit(world: SimulatedWorld, name: string, spec: Record<string, unknown> = {}) {
  world.store.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'probe' } },
    spec: { containers: [{ name: 'probe', image: 'probe:1.0' }], ...spec },
    status: { phase: 'Pending' },
  });
  await world.clock.advance(0);
  return world.pod(name)?.spec.nodeName;
}

const requesting = (requests: Record<string, string>) => ({
  containers: [{ name: 'probe', image: 'probe:1.0', resources: { requests } }],
});

const keptApart = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'probe' } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  },
};

describe('scheduler', () => {
  const refusals: [title: string, spec: Record<string, unknown>, prepare: (world: SimulatedWorld) => void, RegExp][] = [
    [
      'keeps pods off cordoned nodes',
      {},
      (world) => world.nodeNames.forEach(world.cordon),
      /^0\/3 nodes are available: 3 node\(s\) were unschedulable\. preemption: 0\/3 .*3 Preemption is not helpful/,
    ],
    [
      'keeps pods off nodes with a taint they do not tolerate',
      {},
      (world) => {
        for (const name of world.nodeNames)
          world.taint(name, { key: 'eks.amazonaws.com/nodegroup', value: 'unschedulable', effect: 'NoSchedule' });
      },
      /3 node\(s\) had untolerated taint \{eks\.amazonaws\.com\/nodegroup: unschedulable\}/,
    ],
    [
      'honours node selectors',
      { nodeSelector: { gpu: 'yes' } },
      () => undefined,
      /3 node\(s\) didn't match Pod's node affinity\/selector/,
    ],
    ['refuses more CPU than a node can give', requesting({ cpu: '5' }), () => undefined, /3 Insufficient cpu/],
    [
      'refuses more memory than a node can give',
      requesting({ memory: '1Ti' }),
      () => undefined,
      /3 Insufficient memory/,
    ],
    [
      'does not let a pod into a node without its claim',
      { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'lost' } }] },
      () => undefined,
      /^persistentvolumeclaim "lost" not found$/,
    ],
  ];
  for (const [title, spec, prepare, message] of refusals)
    it(title, async () => {
      const world = createSimulatedWorld();
      prepare(world);
      assert.equal(await submit(world, 'probe', spec), undefined);
      assert.match(messageOf(world, 'probe'), message);
      assert.ok(world.store.list('events').some(({ reason }) => reason === 'FailedScheduling'));
    });

  it('counts each reason when nodes refuse for different ones', async () => {
    const world = createSimulatedWorld();
    world.cordon(world.nodeNames[0] as string);
    await submit(world, 'probe', requesting({ cpu: '5' }));
    assert.match(
      messageOf(world, 'probe'),
      /^0\/3 nodes are available: 1 node\(s\) were unschedulable, 2 Insufficient cpu\./,
    );
  });

  it('stops at the number of pods that a node takes', async () => {
    const world = createSimulatedWorld({ nodes: 1, capacity: { cpu: '4', memory: '16Gi', pods: 2 } });
    assert.ok(await submit(world, 'first'));
    assert.ok(await submit(world, 'second'));
    assert.equal(await submit(world, 'third'), undefined);
    assert.match(messageOf(world, 'third'), /1 Too many pods/);
  });

  it('keeps pods with required anti-affinity on hosts of their own', async () => {
    const world = createSimulatedWorld();
    const places = [];
    for (const name of ['a', 'b', 'c']) places.push(await submit(world, name, keptApart));
    assert.equal(new Set(places).size, 3);
    assert.equal(await submit(world, 'd', keptApart), undefined);
    assert.equal(await submit(world, 'e'), undefined, 'the others refuse it although it has no wishes itself');
    assert.match(messageOf(world, 'e'), /3 node\(s\) didn't satisfy existing pods anti-affinity rules/);
  });

  it('lets a pod that tolerates everything onto a cordoned and tainted node', async () => {
    const world = createSimulatedWorld({ nodes: 1 });
    const [name = ''] = world.nodeNames;
    world.cordon(name);
    world.taint(name, { key: 'team', value: 'x', effect: 'NoSchedule' });
    assert.equal(await submit(world, 'probe', { tolerations: [{ operator: 'Exists' }] }), name);
  });

  it('places a waiting pod as soon as a node may take it', async () => {
    const world = createSimulatedWorld();
    world.nodeNames.forEach(world.cordon);
    assert.equal(await submit(world, 'probe'), undefined);
    await world.clock.advance(100);
    world.store.change('nodes', undefined, world.nodeNames[1] as string, (node) => ({
      ...node,
      spec: { ...node.spec, unschedulable: false },
    }));
    await world.clock.advance(1);
    assert.equal(world.pod('probe')?.spec.nodeName, world.nodeNames[1]);
  });

  it('places a waiting pod as soon as another one has left room', async () => {
    const world = createSimulatedWorld({ nodes: 1, capacity: { cpu: '4', memory: '16Gi', pods: 1 } });
    await submit(world, 'first');
    assert.equal(await submit(world, 'second'), undefined);
    await world.clock.advance(10);
    world.deletePod('first');
    await world.clock.advance(6);
    assert.equal(world.pod('second')?.spec.nodeName, world.nodeNames[0]);
  });

  for (const spread of ['zone', 'host', 'none'] as const)
    it(`spreads a Deployment evenly over three nodes with spread ${spread}`, () => {
      const world = createSimulatedWorld({ workloads: [{ kind: 'Deployment', name: 'web', replicas: 9, spread }] });
      const places = placesOf(world.pods('web'));
      for (const name of world.nodeNames) assert.equal(places.filter((place) => place === name).length, 3);
    });

  it('refuses the domain that would break a mandatory spread', async () => {
    const world = createSimulatedWorld();
    world.cordon(world.nodeNames[2] as string);
    const spec = {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'topology.kubernetes.io/zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: 'probe' } },
        },
      ],
    };
    assert.ok(await submit(world, 'a', spec));
    assert.ok(await submit(world, 'b', spec));
    assert.equal(await submit(world, 'c', spec), undefined);
    assert.match(messageOf(world, 'c'), /2 node\(s\) didn't match pod topology spread constraints/);
  });

  it('finds the few open nodes among hundreds of closed ones', async () => {
    const world = createSimulatedWorld({ nodes: 250 });
    for (const name of world.nodeNames.slice(0, 249))
      world.taint(name, { key: 'old', value: 'yes', effect: 'NoSchedule' });
    assert.equal(await submit(world, 'probe'), world.nodeNames[249]);
  });
});
