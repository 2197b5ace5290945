import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { Deps } from '../../../clients/ports.ts';
import { RECORD_ANNOTATIONS } from '../../../domain/admission/record.ts';
import type { NodegroupUpdate } from '../../../domain/eks-update/eks-update.ts';
import {
  AlarmTriggered,
  ERROR_CLASSES,
  LockLost,
  NodegroupNotFound,
  UpgradeCancelled,
} from '../../../domain/errors.ts';
import type { EksUpdate } from '../../../domain/types.ts';
import { followWithinStep } from '../../../operations/eks-update/observe-update.ts';
import { aBudget, aLease, anEksRun, NOW_AT } from '../../domain/builders.ts';
import { createUpdateWorld, renewNode, type UpdateWorld } from './update-world.ts';

const follow = ({ deps, run, before }: UpdateWorld, changes: Partial<UpdateWorld['before']> = {}, over = deps) =>
  followWithinStep(over, run, { ...before, ...changes });
const secondsSinceStart = ({ clock }: UpdateWorld) => (clock.now().getTime() - Date.parse(NOW_AT)) / 1000;
const exhausted = aBudget({ disruptionsAllowed: 0 });

/** A world in which the budget blocks the only pod of node-0, and nothing shows that EKS works on that node. */
function createBlockedWorld(): UpdateWorld {
  const world = createUpdateWorld();
  world.addPod('node-0', 'web-1');
  world.kubernetes.budgets.push(exhausted);
  return world;
}

describe('following an update of EKS for a step', () => {
  it('observes three times, and says when to go on', async () => {
    const world = createUpdateWorld();
    const { checks, waitSeconds, status, outdatedCount } = await follow(world);
    assert.deepEqual([checks, waitSeconds, status, outdatedCount], [4, 5, 'inProgress', 3]);
    assert.equal(secondsSinceStart(world), 36);
  });

  it('sees which pods are evicted, and by that which node is active', async () => {
    const world = createUpdateWorld();
    world.addPod('node-1', 'web-2');
    world.removePod('node-1', 'web-1', 5);
    const { nodes, evicted, evictedCount } = await follow(world);
    assert.deepEqual(
      nodes.map(({ nodeName, evidence, podsLeft }) => [nodeName, evidence, podsLeft]),
      [['node-1', 'evictions', 1]],
    );
    assert.deepEqual([evicted, evictedCount], [['shop/web-1'], 1]);
  });

  it('counts pods of active nodes that are deleted by force, which an adopted update may do', async () => {
    const countWith = async (isAdopted: boolean) => {
      const world = createUpdateWorld();
      world.removePod('node-1', 'web-1', 5);
      world.removePod('node-1', 'web-2', 15, { isEvicted: false });
      const { evictedCount, deletedCount } = await follow(world, { isAdopted });
      return [evictedCount, deletedCount];
    };
    assert.deepEqual(
      [await countWith(true), await countWith(false)],
      [
        [1, 1],
        [1, 0],
      ],
    );
  });

  it('counts them when force was asked for, also where a blocking pod shows no active node', async () => {
    const world = createUpdateWorld(anEksRun({ force: true }));
    world.removePod('node-1', 'web-1', 5, { isEvicted: false });
    const known = { namespace: 'shop', name: 'web-1', reason: 'budget', detail: 'x', advice: 'y' } as const;
    const blockingPods = [{ ...known, instanceId: 'i-1', nodeName: 'node-1' }];
    assert.equal((await follow(world, { blockingPods })).deletedCount, 1);
  });

  it('returns at once when EKS is done', async () => {
    const world = createUpdateWorld();
    for (const name of world.kubernetes.nodes.keys()) renewNode(world, name);
    world.describeUpdate({ status: 'Successful' });
    const { status, phase, outdatedCount } = await follow(world);
    assert.deepEqual([status, phase, outdatedCount], ['successful', 'scaleDown', 0]);
    assert.equal(secondsSinceStart(world), 12);
  });

  it('goes on while nodes are outdated although EKS calls its update Successful, and gives up after ten minutes', async () => {
    const world = createUpdateWorld();
    world.describeUpdate({ status: 'Successful' });
    const { status, outdatedCount, contradictedAt } = await follow(world);
    assert.deepEqual([status, outdatedCount, contradictedAt === undefined], ['inProgress', 3, false]);
    const tenMinutesAgo = new Date(world.clock.now().getTime() - 600_000).toISOString();
    await assert.rejects(
      follow(world, { outdatedCount: 3, contradictedAt: tenMinutesAgo }),
      ERROR_CLASSES.NotConverging,
    );
  });

  it('ends with the error of an update that failed', async () => {
    const world = createUpdateWorld();
    world.describeUpdate({ status: 'Failed' });
    await assert.rejects(
      follow(world),
      new ERROR_CLASSES.NotConverging('EKS update u-1 ended as Failed. EKS gives no reason.'),
    );
  });

  it('#62 goes on while EKS does not know the update, and gives up when that lasts', async () => {
    const world = createUpdateWorld();
    const update = world.aws.updates.get('u-1') as EksUpdate;
    world.aws.updates.clear();
    let before: NodegroupUpdate = { ...world.before, ...(await follow(world)) };
    assert.equal(before.status, 'inProgress');
    world.aws.updates.set('u-1', update);
    before = await followWithinStep(world.deps, world.run, before);
    assert.equal(before.unknownSince, undefined);
    world.aws.updates.clear();
    const goOn = async () => {
      for (let steps = 0; steps < 12; steps += 1) before = await followWithinStep(world.deps, world.run, before);
    };
    await assert.rejects(goOn(), (thrown: Error) => {
      assert.ok(thrown instanceof NodegroupNotFound);
      assert.match(thrown.message, /has not known update u-1 of node group workers for 300 s/);
      return true;
    });
    world.aws.nodegroups.clear();
    await assert.rejects(goOn(), /node group workers does not exist any more: it was deleted/);
  });
});

describe('what blocks an update of EKS', () => {
  it('is reported within two rounds, with the node that it must be', async () => {
    const world = createBlockedWorld();
    const { nodes, blockingPods, blockingPodCount } = await follow(world);
    assert.deepEqual(
      nodes.map(({ nodeName, evidence, state }) => [nodeName, evidence, state]),
      [['node-0', 'inferred', 'draining']],
    );
    assert.deepEqual(
      blockingPods.map(({ name, nodeName, reason, sinceAt }) => [name, nodeName, reason, sinceAt]),
      [['web-1', 'node-0', 'budget', '2026-01-15T12:00:12.000Z']],
    );
    assert.equal(blockingPodCount, 1);
    assert.equal(secondsSinceStart(world), 24);
  });

  it('ends only the step that finds it', async () => {
    const world = createBlockedWorld();
    const found = await follow(world);
    const next = await follow(world, found);
    assert.equal(secondsSinceStart(world), 24 + 36);
    assert.equal(next.blockingPods[0]?.sinceAt, found.blockingPods[0]?.sinceAt);
  });

  it('is not new when the pods of the same owner come back under another name', async () => {
    const world = createUpdateWorld();
    const back = { tolerations: [{ operator: 'Exists' }], createdAt: '2026-01-15T12:00:30.000Z' };
    const node = { instanceId: 'i-00000000000000000', nodeName: 'node-0', zone: 'eu-west-1a', podsLeft: 1 };
    const active = { ...node, state: 'draining', evidence: 'evictions', evictedCount: 0, sinceAt: NOW_AT } as const;
    await world.clock.sleep(40);
    world.addPod('node-0', 'web-1', back);
    const found = await follow(world, { nodes: [active] });
    world.kubernetes.pods.clear();
    world.addPod('node-0', 'web-2', back);
    const startedAt = secondsSinceStart(world);
    const next = await follow(world, found);
    assert.deepEqual([found.blockingPods[0]?.name, next.blockingPods[0]?.name], ['web-1', 'web-2']);
    assert.equal(secondsSinceStart(world) - startedAt, 36);
  });

  it('is not looked for on nodes that still have a pod to evict', async () => {
    const world = createBlockedWorld();
    world.addPod('node-0', 'free', { labels: {} });
    const { nodes, blockingPods } = await follow(world);
    assert.deepEqual([nodes, blockingPods], [[], []]);
  });
});

describe('orders during an update of EKS', () => {
  const annotate = (world: UpdateWorld, annotations: Record<string, string>) =>
    world.kubernetes.leases.set(aLease().name, aLease({ annotations }));

  it('cannot pause it, which is said once', async () => {
    const world = createUpdateWorld();
    annotate(world, { [RECORD_ANNOTATIONS.pause]: 'lunch' });
    const { warnings } = await follow(world);
    assert.deepEqual(warnings, ['EKS cannot pause an update; the update continues (pause requested: lunch)']);
    assert.deepEqual((await follow(world, { warnings })).warnings, warnings);
  });

  it('end the run: a cancel, an alarm, a lock that another execution holds', async () => {
    const world = createUpdateWorld(anEksRun({ alarms: ['errors', 'latency'] }));
    world.aws.alarmStates.errors = 'OK';
    world.aws.alarmStates.latency = 'ALARM';
    await assert.rejects(follow(world), new AlarmTriggered('in ALARM: latency'));
    annotate(world, { [RECORD_ANNOTATIONS.cancel]: 'incident' });
    await assert.rejects(follow(world), new UpgradeCancelled('cancelled by an operator: incident'));
    world.kubernetes.leases.set(aLease().name, aLease({ holder: 'another' }));
    await assert.rejects(follow(world), new LockLost('another holds the lock of workers now'));
  });

  it('are not missed when somebody deletes the lock: the update is followed to its end', async () => {
    const world = createUpdateWorld();
    world.kubernetes.leases.clear();
    assert.deepEqual((await follow(world)).warnings, []);
  });
});

describe('a watch of pods that cannot go on', () => {
  for (const [title, end] of [
    ['ends', { departures: [], resourceVersion: '7' }],
    ['expires', { departures: [] }],
  ] as const) {
    it(`#64 asks for no more than other rounds when every watch ${title} at once`, async () => {
      const world = createUpdateWorld();
      const watchDepartures = sinon.fake.resolves(end);
      const listNodes = sinon.spy(world.cluster, 'listNodes');
      const deps: Deps = { ...world.deps, cluster: async () => ({ ...world.cluster, watchDepartures }) };
      await followWithinStep(deps, world.run, world.before);
      assert.deepEqual([watchDepartures.callCount, listNodes.callCount], [3, 3]);
      assert.equal(secondsSinceStart(world), 36);
      listNodes.restore();
    });
  }

  it('begins anew, with one warning', async () => {
    const world = createUpdateWorld();
    const podsVersion = sinon.fake.resolves('7');
    const watchDepartures = sinon.fake(async () => {
      await world.clock.sleep(12);
      return { departures: [] };
    });
    const deps: Deps = { ...world.deps, cluster: async () => ({ ...world.cluster, podsVersion, watchDepartures }) };
    const { podsVersion: _, ...before } = world.before;
    const update = await followWithinStep(deps, world.run, before);
    assert.deepEqual(update.warnings, ['some pods may have left unseen: the watch of pods had to begin anew']);
    assert.equal(update.podsVersion, '7');
    assert.equal(podsVersion.callCount, 4, 'once before the first watch, and once after each of three');
  });
});
