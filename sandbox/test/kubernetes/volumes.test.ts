import assert from 'node:assert/strict';
import { conditionOf } from '../../kubernetes/conditions.ts';
import { isReady } from '../../kubernetes/pod-state.ts';
import { createSimulatedWorld, type SimulatedWorld } from './simulated-world.ts';

/** Six nodes, two a zone, with one pod on a zonal volume. */
const withVolume = () =>
  createSimulatedWorld({
    nodes: 6,
    workloads: [{ kind: 'StatefulSet', name: 'db', volumeClaim: true, startSeconds: 4 }],
  });

const placeOf = (world: SimulatedWorld): string => world.pod('db-0')?.spec.nodeName ?? '';

const machineOn = (world: SimulatedWorld, nodeName: string) => world.machine(world.nodeNames.indexOf(nodeName));

const attachments = (world: SimulatedWorld) =>
  world.store.list('volumeattachments').map(({ spec, status }) => [spec?.nodeName, status?.attached]);

describe('a volume', () => {
  it('is attached to the node of its pod, in the zone of its first placement', () => {
    const world = withVolume();
    const nodeName = placeOf(world);
    assert.deepEqual(attachments(world), [[nodeName, true]]);
    const [attachment] = world.store.list('volumeattachments');
    assert.match(attachment?.metadata.name ?? '', /^csi-[0-9a-f]{64}$/);
    assert.equal(attachment?.spec?.attacher, 'ebs.csi.aws.com');
    const [volume] = world.store.list('persistentvolumes');
    assert.equal(attachment?.spec?.source?.persistentVolumeName, volume?.metadata.name);
    assert.equal(
      volume?.spec?.nodeAffinity?.required?.nodeSelectorTerms?.[0]?.matchExpressions?.[0]?.values?.[0],
      machineOn(world, nodeName).availabilityZone,
    );
    assert.deepEqual(world.node(nodeName)?.status?.volumesInUse, [
      `kubernetes.io/csi/ebs.csi.aws.com^${volume?.spec?.csi?.volumeHandle}`,
    ]);
  });

  it('is detached before it is attached elsewhere, and its pod is Ready only then', async () => {
    const world = withVolume();
    const before = placeOf(world);
    world.cordon(before);
    world.deletePod('db-0');
    await world.clock.advance(5);
    const after = placeOf(world);
    assert.notEqual(after, before);
    assert.equal(machineOn(world, after).availabilityZone, machineOn(world, before).availabilityZone);
    assert.deepEqual(attachments(world), [[before, true]]);
    await world.clock.advance(6);
    assert.deepEqual(attachments(world), [[after, false]]);
    assert.equal(world.node(before)?.status?.volumesAttached, undefined);
    await world.clock.advance(3);
    assert.deepEqual(attachments(world), [[after, true]]);
    assert.equal(world.pod('db-0')?.status?.phase, 'Pending');
    await world.clock.advance(4);
    assert.ok(isReady(world.pod('db-0') ?? assert.fail()));
  });

  it('holds its pod back when no node of its zone is open', async () => {
    const world = withVolume();
    const { availabilityZone } = machineOn(world, placeOf(world));
    for (const name of world.nodeNames)
      if (machineOn(world, name).availabilityZone === availabilityZone) world.cordon(name);
    world.deletePod('db-0');
    await world.clock.advance(60);
    const scheduled = conditionOf(world.pod('db-0') ?? assert.fail(), 'PodScheduled');
    assert.match(scheduled?.message ?? '', /4 node\(s\) had volume node affinity conflict/);
    world.cluster.machineInService(world.machine(9, { availabilityZone }));
    await world.clock.advance(80);
    assert.equal(placeOf(world), world.machine(9).privateDnsName);
    assert.ok(isReady(world.pod('db-0') ?? assert.fail()));
  });

  it('stays with a dead node for six minutes after its pod is gone, and no longer', async () => {
    const world = withVolume();
    const before = placeOf(world);
    const { instanceId } = machineOn(world, before);
    world.cluster.machineStopping(instanceId);
    world.cluster.machineGone(instanceId);
    await world.clock.advance(50 + 5 + 20 + 1);
    assert.notEqual(placeOf(world), before);
    await world.clock.advance(350);
    assert.deepEqual(attachments(world), [[before, true]]);
    await world.clock.advance(10 + 3 + 4);
    assert.deepEqual(attachments(world), [[placeOf(world), true]]);
    assert.ok(isReady(world.pod('db-0') ?? assert.fail()));
  });

  it('goes when its claim is deleted, but not while a pod mounts it', async () => {
    const world = withVolume();
    world.store.change('persistentvolumeclaims', 'default', 'data-db-0', (claim) => ({
      ...claim,
      metadata: { ...claim.metadata, deletionTimestamp: new Date(world.clock.now()).toISOString() },
    }));
    await world.clock.advance(60);
    assert.equal(world.store.list('persistentvolumes').length, 1);
    world.store.remove('statefulsets', 'default', 'db');
    await world.clock.advance(20);
    assert.deepEqual(
      (['persistentvolumeclaims', 'persistentvolumes', 'volumeattachments'] as const).map(
        (each) => world.store.list(each).length,
      ),
      [0, 0, 0],
    );
  });

  const deaths: [title: string, secondsAfterPodIsGone: number, detachedWithinSeconds: number][] = [
    ['waits six minutes when the node dies before it has unmounted', 1, 361],
    ['is detached in time when the node dies after it has unmounted', 4, 3],
  ];
  for (const [title, secondsAfterPodIsGone, detachedWithinSeconds] of deaths)
    it(title, async () => {
      const world = withVolume();
      const before = placeOf(world);
      world.cordon(before);
      world.deletePod('db-0');
      await world.clock.advance(5 + secondsAfterPodIsGone);
      world.cluster.machineStopping(machineOn(world, before).instanceId);
      await world.clock.advance(detachedWithinSeconds - 2);
      assert.equal(attachments(world)[0]?.[0], before);
      await world.clock.advance(2);
      assert.equal(attachments(world)[0]?.[0], placeOf(world));
    });
});
