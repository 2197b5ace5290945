import assert from 'node:assert/strict';
import { AutoScalingClient, EnterStandbyCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { createEksWorld, NEW_AMI, NEW_RELEASE, OLD_AMI, OLD_RELEASE, type WorldInput } from './eks-world.ts';

const MARK = 'eks.amazonaws.com/nodegroup';
const EXCLUDE = 'node.kubernetes.io/exclude-from-external-load-balancers';
const BOOT = 15 * 60;

type World = ReturnType<typeof createEksWorld>;

const web = { kind: 'Deployment', name: 'web', replicas: 6 } as const;
/** Its budget allows no disruption, ever. */
const held = { ...web, budget: { minAvailable: '100%' } } as const;

const tainted = (world: World) =>
  world.nodes().filter(({ spec }) => spec?.taints?.some(({ key }: { key: string }) => key === MARK));
const imagesOf = (world: World) =>
  [...world.group().members.values()].map(({ instance }) => instance.image.id).toSorted();
const renewed = (count: number) => Array.from({ length: count }, () => NEW_AMI);
/** Seconds at which EKS did something to a node, by what it did. */
const patchesAt = (world: World) =>
  world
    .asked()
    .filter(({ action }) => action.startsWith('PATCH /api/v1/nodes/'))
    .map(({ atSeconds }) => atSeconds);
const terminationsAt = (world: World) =>
  world
    .group()
    .activities.list()
    .filter(({ description }) => description.startsWith('Terminating'))
    .map(({ startedAt }) => (startedAt - Date.parse('2026-01-04T03:00:00Z')) / 1000)
    .toSorted((left, right) => left - right);

describe('an update of a managed node group by EKS', () => {
  it('replaces every node, and ends with the sizes that the group had', async () => {
    const world = createEksWorld({ workloads: [{ ...web, budget: { minAvailable: '75%' } }] });
    const started = await world.startUpdate();
    assert.equal(started.status, 'InProgress');
    assert.deepEqual(started.params, [
      { type: 'Version', value: '1.33' },
      { type: 'ReleaseVersion', value: NEW_RELEASE },
    ]);
    assert.equal((await world.describe()).status, 'UPDATING');
    await world.untilSettled();
    const update = await world.describeUpdate(started.id);
    assert.deepEqual([update.status, update.errors], ['Successful', []]);
    const nodegroup = await world.describe();
    assert.deepEqual([nodegroup.status, nodegroup.releaseVersion], ['ACTIVE', NEW_RELEASE]);
    assert.deepEqual(nodegroup.scalingConfig, { minSize: 1, maxSize: 5, desiredSize: 3 });
    assert.deepEqual(imagesOf(world), renewed(3));
    assert.deepEqual(tainted(world), []);
    assert.ok(world.pods().every(({ status }) => status?.phase === 'Running'));
  });

  const surges: [string, WorldInput, number][] = [
    ['twice its zones', {}, 6],
    ['what may be unavailable, when that is more', { managed: { maxUnavailable: 8 }, group: { maxSize: 10 } }, 8],
    ['twice its one zone', { group: { zones: ['eu-west-1a'] } }, 2],
  ];
  for (const [title, input, surge] of surges)
    it(`raises the sizes of a group by ${title}`, async () => {
      const world = createEksWorld(input);
      const { maxSize, desiredCapacity } = world.group();
      await world.startUpdate();
      await world.clock.advance(5);
      assert.deepEqual(
        [world.group().maxSize, world.group().desiredCapacity],
        [maxSize + surge, desiredCapacity + surge],
      );
    });

  it('taints old nodes only once a new one is Ready in every zone that has a node', async () => {
    const world = createEksWorld();
    await world.startUpdate();
    await world.clock.runUntil(() => tainted(world).length > 0);
    assert.equal(tainted(world).length, 3);
    for (const { metadata } of tainted(world)) {
      assert.equal(metadata.labels?.[EXCLUDE], 'true');
      assert.equal(metadata.labels?.['eks.amazonaws.com/nodegroup-image'], OLD_AMI);
    }
    assert.equal(world.nodes().length, 9);
  });

  it('cordons a node when its pods have left, and ends it a minute later', async () => {
    const world = createEksWorld({ group: { desiredCapacity: 1 }, workloads: [{ ...web, terminationSeconds: 20 }] });
    await world.update();
    const evictedAt = world.asked().find(({ action }) => action.endsWith('/eviction'))?.atSeconds ?? 0;
    const [, cordonedAt = 0] = patchesAt(world);
    assert.equal(cordonedAt - evictedAt, 20);
    assert.equal(terminationsAt(world)[0], cordonedAt + 60);
  });

  const parallel: [string, WorldInput['managed'], number][] = [
    ['one node at a time, unless told otherwise', {}, 1],
    ['as many nodes as may be unavailable', { maxUnavailable: 2 }, 2],
    ['a percentage, rounded down', { maxUnavailablePercentage: 50 }, 3],
    ['at least one node of a small percentage', { maxUnavailablePercentage: 1 }, 1],
  ];
  for (const [title, managed, count] of parallel)
    it(`takes ${title}`, async () => {
      const group = { desiredCapacity: 7, maxSize: 10 };
      const world = createEksWorld({ group, managed: managed ?? {}, workloads: [{ ...web, replicas: 14 }] });
      let most = 0;
      world.sandbox.wire.onRequest(({ action, request }) => {
        if (!action.endsWith('/eviction') || request.method !== 'POST') return;
        const old = new Set(tainted(world).map(({ metadata }) => metadata.name));
        const draining = world
          .pods()
          .filter(({ metadata, spec }) => metadata.deletionTimestamp !== undefined && old.has(spec.nodeName ?? ''));
        most = Math.max(most, new Set(draining.map(({ spec }) => spec.nodeName)).size);
      });
      assert.equal((await world.update()).status, 'Successful');
      assert.ok(most <= count && most > 0, `${most} at a time`);
      const [first = 0] = terminationsAt(world);
      assert.equal(terminationsAt(world).filter((at) => at < first + 20).length, count);
    });

  it('never has more nodes than before with the strategy MINIMAL, and cordons all old ones first', async () => {
    const world = createEksWorld({ managed: { updateStrategy: 'MINIMAL', maxUnavailable: 2 }, workloads: [web] });
    await world.startUpdate();
    let most = 0;
    await world.clock.runUntil(() => {
      most = Math.max(most, world.group().desiredCapacity);
      return world.nodes().filter(({ spec }) => spec?.unschedulable).length === 3;
    });
    assert.equal(terminationsAt(world).length, 0);
    await world.untilSettled();
    assert.equal(most, 3);
    assert.deepEqual(imagesOf(world), renewed(3));
    const [first = 0, second = 0, third = 0] = terminationsAt(world);
    assert.equal(first, second);
    assert.ok(third - second > 60, 'the third node waits for the replacement of another');
  });

  it('fails with the names of nodes that could not be emptied in 15 minutes, and takes its record back', async () => {
    const world = createEksWorld({ workloads: [held] });
    const update = await world.update();
    const [error] = update.errors ?? [];
    assert.deepEqual([update.status, error?.errorCode], ['Failed', 'PodEvictionFailure']);
    assert.equal(
      error?.errorMessage,
      'Reached max retries while trying to evict pods from nodes in node group workers',
    );
    assert.deepEqual(error?.resourceIds?.length, 1);
    assert.ok(tainted(world).some(({ metadata }) => metadata.name === error?.resourceIds?.[0]));
    const nodegroup = await world.describe();
    assert.deepEqual([nodegroup.status, nodegroup.releaseVersion], ['ACTIVE', OLD_RELEASE]);
    assert.deepEqual(nodegroup.scalingConfig, { minSize: 1, maxSize: 11, desiredSize: 9 });
    const { source } = world.group();
    assert.equal(source.kind === 'launch-template' && source.template.version, '1');
  });

  it('does not replace nodes again that a failed update has renewed', async () => {
    const world = createEksWorld({ workloads: [held] });
    await world.update();
    const before = world
      .nodes()
      .filter(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup-image'] === NEW_AMI);
    const store = world.sandbox.stores.get('shop');
    store?.remove('poddisruptionbudgets', 'default', 'web');
    assert.equal((await world.update()).status, 'Successful');
    const patches = world.asked().filter(({ action, atSeconds }) => action.startsWith('PATCH') && atSeconds > 1000);
    assert.ok(before.length >= 6);
    for (const { metadata } of before)
      assert.ok(
        patches.filter(({ action }) => action.endsWith(metadata.name)).length <= 1,
        'only by the hook, at the end',
      );
    assert.deepEqual(new Set(imagesOf(world)), new Set([NEW_AMI]));
  });

  it('deletes what cannot be evicted when forced, after the 15 minutes', async () => {
    const world = createEksWorld({ workloads: [held] });
    const update = await world.update({ force: true });
    assert.equal(update.status, 'Successful');
    const deletions = world.asked().filter(({ action }) => action.startsWith('DELETE '));
    assert.ok(deletions.length > 0);
    assert.ok((deletions[0]?.atSeconds ?? 0) > BOOT);
  });

  it('cannot evict a pod of two budgets, whatever they allow', async () => {
    const budgets = [
      { name: 'one', minAvailable: 0 },
      { name: 'two', minAvailable: 0 },
    ];
    const world = createEksWorld({ workloads: [{ ...web, budgets }] });
    const { status, errors } = await world.update();
    assert.deepEqual([status, errors?.[0]?.errorCode], ['Failed', 'PodEvictionFailure']);
    assert.ok(world.asked().some(({ action, status }) => action.endsWith('/eviction') && status === 500));
  });

  const creations: [string, WorldInput][] = [
    ['never join', { newImage: { boots: 'never-joins' } }],
    ['never become Ready', { newImage: { boots: 'never-ready' } }],
    ['cannot be launched', { newImage: { boots: 'launch-fails' } }],
    [
      'find no capacity in a zone that has a node',
      { scenario: { faults: [{ kind: 'insufficientCapacity', zone: 'eu-west-1b' }] } },
    ],
  ];
  for (const [title, input] of creations)
    it(`fails after 15 minutes when new nodes ${title}, and has touched no old one`, async () => {
      const world = createEksWorld(input);
      const { status, errors } = await world.update();
      assert.equal(status, 'Failed');
      assert.deepEqual(errors, [
        {
          errorCode: 'NodeCreationFailure',
          errorMessage: "Couldn't proceed with upgrade process as new nodes are not joining node group workers",
          resourceIds: [],
        },
      ]);
      assert.ok(world.secondsSinceStart() >= BOOT && world.secondsSinceStart() < BOOT + 60);
      assert.deepEqual(tainted(world), []);
      assert.equal(imagesOf(world).filter((image) => image === OLD_AMI).length, 3);
    });

  it('says so when the subnets have no address left for new nodes', async () => {
    const world = createEksWorld();
    const { network } = world.sandbox.region.state;
    for (const { availabilityZone } of network.subnets) while (network.takeAddress(availabilityZone) !== undefined);
    const [error] = (await world.update()).errors ?? [];
    assert.equal(error?.errorCode, 'InsufficientFreeAddresses');
    assert.match(error?.errorMessage ?? '', /not enough free addresses/);
    assert.equal(error?.resourceIds?.length, 3);
  });

  it('cannot empty a node of pods that come back because they tolerate everything', async () => {
    const world = createEksWorld({
      group: { desiredCapacity: 1, maxSize: 1, zones: ['eu-west-1a'] },
      workloads: [{ ...web, tolerations: [{ operator: 'Exists' }], nodeSelector: { tier: 'old' } }],
    });
    const store = world.sandbox.stores.get('shop');
    const [node] = world.nodes();
    store?.change('nodes', undefined, node?.metadata.name ?? '', (old) => ({
      ...old,
      metadata: { ...old.metadata, labels: { ...old.metadata.labels, tier: 'old' } },
    }));
    await world.clock.advance(60);
    const { status, errors } = await world.update();
    assert.deepEqual([status, errors?.[0]?.errorCode], ['Failed', 'PodEvictionFailure']);
    assert.deepEqual(errors?.[0]?.resourceIds, [node?.metadata.name]);
  });

  it('replaces the nodes of a group with several instance types', async () => {
    const overrides = [{ instanceType: 'm6i.xlarge' }, { instanceType: 'm5.xlarge' }];
    const world = createEksWorld({ group: { mixedInstances: { overrides } }, workloads: [web] });
    assert.equal((await world.update()).status, 'Successful');
    assert.deepEqual(imagesOf(world), renewed(3));
    assert.equal(world.group().source.kind, 'mixed-instances');
  });

  it('ends although somebody has left an instance in Standby, which is no part of the capacity', async () => {
    const world = createEksWorld({});
    await world.startUpdate();
    const [instanceId = ''] = world.group().members.keys();
    const client = new AutoScalingClient(world.config);
    await client.send(
      new EnterStandbyCommand({
        AutoScalingGroupName: 'shop-workers',
        InstanceIds: [instanceId],
        ShouldDecrementDesiredCapacity: false,
      }),
    );
    await world.untilSettled();
    const { desiredCapacity, maxSize } = world.group();
    assert.deepEqual([(await world.describe()).status, desiredCapacity, maxSize], ['ACTIVE', 3, 5]);
    assert.equal(world.group().members.get(instanceId)?.lifecycleState, 'Standby');
  });

  it('replaces the nodes of one group, and leaves those of another alone', async () => {
    const other = {
      name: 'shop-others',
      zones: ['eu-west-1a'],
      minSize: 1,
      desiredCapacity: 2,
      maxSize: 3,
      amiId: OLD_AMI,
      managed: { nodegroupName: 'others' },
    };
    const world = createEksWorld({ otherGroups: [other], workloads: [web] });
    assert.equal((await world.update()).status, 'Successful');
    const others = world.nodes().filter(({ metadata }) => metadata.labels?.[MARK] === 'others');
    assert.equal(others.length, 2);
    for (const { spec } of others) assert.deepEqual([spec?.taints, spec?.unschedulable], [undefined, undefined]);
  });

  it('is denied when the role of eks:node-manager is missing in the cluster', async () => {
    const world = createEksWorld({ cluster: { hasNodeManagerRole: false } });
    const [error] = (await world.update()).errors ?? [];
    assert.equal(error?.errorCode, 'AccessDenied');
    assert.match(error?.errorMessage ?? '', /User "eks:node-manager" cannot list resource "nodes"/);
  });

  it('gives up on pods that a webhook does not let go, whether it denies or cannot be asked', async () => {
    const workloads = [{ kind: 'Deployment', name: 'web', replicas: 3 } as const];
    for (const answer of ['denies', 'fails'] as const) {
      const faults = [
        { kind: 'evictionWebhook', name: 'keep.example.com', matchLabels: { app: 'web' }, answer } as const,
      ];
      const world = createEksWorld({ workloads, scenario: { faults } });
      assert.equal((await world.update()).errors?.[0]?.errorCode, 'PodEvictionFailure');
    }
  });

  it('gets over an API server that is away for some seconds', async () => {
    const faults = [{ kind: 'apiServerAway', fromSeconds: 60, forSeconds: 20 } as const];
    const world = createEksWorld({ scenario: { faults } });
    assert.equal((await world.update()).status, 'Successful');
  });

  it('is not there yet when answers lag behind', async () => {
    const faults = [{ kind: 'staleAnswers', service: 'eks', secondsAgo: 5 } as const];
    const world = createEksWorld({ scenario: { faults } });
    const { id } = await world.startUpdate();
    await assert.rejects(world.describeUpdate(id), ({ name }: Error) => name === 'ResourceNotFoundException');
    assert.equal((await world.describe()).status, 'ACTIVE');
    await world.clock.advance(5);
    assert.equal((await world.describeUpdate(id)).status, 'InProgress');
    assert.equal((await world.describe()).status, 'UPDATING');
  });

  it('cannot be carried out on an API server that keeps failing', async () => {
    const fault = { kind: 'fail', action: 'GET nodes', error: 'InternalError', times: 1000 } as const;
    const world = createEksWorld({ scenario: { faults: [fault] } });
    assert.equal((await world.update()).errors?.[0]?.errorCode, 'ClusterUnreachable');
  });

  it('gets over an API server that fails a few times', async () => {
    const faults = ['GET nodes', 'PATCH nodes', 'GET pods'].map(
      (action) => ({ kind: 'fail', action, error: 'InternalError', times: 3 }) as const,
    );
    const world = createEksWorld({ scenario: { faults } });
    assert.equal((await world.update()).status, 'Successful');
  });

  it('changes nothing about nodes that have the newest configuration already', async () => {
    const world = createEksWorld({ group: { amiId: NEW_AMI } });
    assert.equal((await world.update()).status, 'Successful');
    assert.deepEqual(terminationsAt(world), []);
    assert.deepEqual(patchesAt(world), []);
  });

  it('leaves sizes as they are when somebody scales up while they are being taken back', async () => {
    const world = createEksWorld();
    await world.startUpdate();
    await world.clock.runUntil(() => world.group().maxSize === 8);
    const scaling = new SetDesiredCapacityCommand({ AutoScalingGroupName: 'shop-workers', DesiredCapacity: 8 });
    await new AutoScalingClient(world.config).send(scaling);
    await world.untilSettled();
    assert.deepEqual([world.group().maxSize, world.group().desiredCapacity], [8, 8]);
    assert.equal((await world.describe()).status, 'ACTIVE');
  });

  it('drains the nodes that go when sizes are taken back', async () => {
    const world = createEksWorld({ workloads: [{ ...web, replicas: 12, budget: { minAvailable: '75%' } }] });
    await world.update();
    const killed = world.pods().filter(({ status }) => status?.phase !== 'Running');
    assert.deepEqual(killed, []);
    const evictions = world.asked().filter(({ action, status }) => action.endsWith('/eviction') && status === 201);
    assert.ok(evictions.length >= 12, `${evictions.length} evictions`);
  });

  it('sends only requests that eks:node-manager may send', async () => {
    const world = createEksWorld({ workloads: [web] });
    await world.update();
    assert.deepEqual(
      world.asked().filter(({ status }) => status === 401 || status === 403),
      [],
    );
    const kinds = new Set(world.asked().map(({ action }) => action.replace(/\/(web|ip)-[^/]*/, '/NAME')));
    assert.deepEqual([...kinds].toSorted(), [
      'GET /api/v1/nodes',
      'GET /api/v1/nodes/NAME',
      'GET /api/v1/pods',
      'PATCH /api/v1/nodes/NAME',
      'POST /api/v1/namespaces/default/pods/NAME/eviction',
    ]);
  });

  it('is the same for the same seed, and another for another', async () => {
    const requests = async (seed: number) => {
      const world = createEksWorld({ workloads: [web], scenario: { seed } });
      await world.update();
      return world.asked();
    };
    assert.deepEqual(await requests(5), await requests(5));
    assert.notDeepEqual(await requests(5), await requests(6));
  });
});
