import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { Deps } from '../../../clients/ports.ts';
import { RECORD_ANNOTATIONS } from '../../../domain/admission/record.ts';
import { nodegroupUpdateSchema } from '../../../domain/eks-update/eks-update.ts';
import { InvalidInput, ServiceUnavailable, UpgradeCancelled, UpgradeInProgress } from '../../../domain/errors.ts';
import type { EksRun } from '../../../domain/state.ts';
import { startUpdate } from '../../../operations/eks-update/start-update.ts';
import { aLease, anEksRun, NOW_AT } from '../../domain/builders.ts';
import { aNodegroup } from '../aws-in-memory.ts';
import { createUpdateWorld, renewNode, type UpdateWorld } from './update-world.ts';

/** A world in which nobody has asked EKS for an update yet. */
function createIdleWorld(run: EksRun = anEksRun()): UpdateWorld {
  const world = createUpdateWorld(run);
  world.aws.updates.clear();
  world.aws.nodegroups.set('workers', aNodegroup({ name: 'workers' }));
  return world;
}
const start = ({ deps, run }: UpdateWorld) => startUpdate(deps, run);
const updatesOf = ({ changes }: UpdateWorld) => changes.filter((change) => change.startsWith('updateNodegroupVersion'));
const answering = ({ deps, run }: UpdateWorld, answer: Awaited<ReturnType<Deps['eks']['updateNodegroupVersion']>>) =>
  startUpdate({ ...deps, eks: { ...deps.eks, updateNodegroupVersion: sinon.fake.resolves(answer) } }, run);
const running = anEksRun({ update: { ...anEksRun().update, runningUpdateId: 'u-1' } });

describe('starting an update of EKS', () => {
  it('asks for it once, however often the step is repeated', async () => {
    const world = createIdleWorld();
    const first = await start(world);
    const again = await start(world);
    assert.deepEqual(again, first);
    assert.deepEqual(updatesOf(world), ['updateNodegroupVersion workers']);
    assert.deepEqual(
      [first.updateId, first.isAdopted, first.phase, first.outdatedCount, first.desiredCapacity, first.warnings],
      ['update-1', false, 'scaleUp', 3, 3, []],
    );
    assert.deepEqual(nodegroupUpdateSchema.parse(first), first);
  });

  it('starts nothing once an operator has cancelled the run', async () => {
    const world = createIdleWorld();
    world.kubernetes.leases.set(aLease().name, aLease({ annotations: { [RECORD_ANNOTATIONS.cancel]: 'incident' } }));
    await assert.rejects(start(world), UpgradeCancelled);
    assert.deepEqual(updatesOf(world), []);
  });

  it('gives the words of EKS for a version that it refuses', async () => {
    const world = createIdleWorld();
    await assert.rejects(
      answering(world, { versionMismatch: 'No such version.' }),
      new InvalidInput('EKS says: No such version.'),
    );
  });

  it('is tried again while the version of the cluster itself is changing', async () => {
    const world = createIdleWorld();
    world.aws.clusters.set('production', { name: 'production', version: '1.33', status: 'UPDATING' });
    await assert.rejects(answering(world, { versionMismatch: 'No such version.' }), ServiceUnavailable);
  });
});

describe('an update that is under way already', () => {
  it('is followed when the plan found it', async () => {
    const world = createUpdateWorld(running);
    const update = await start(world);
    assert.deepEqual([update.updateId, update.isAdopted, update.requestedAt], ['u-1', true, NOW_AT]);
    assert.deepEqual(updatesOf(world), []);
  });

  it('is followed also when EKS no longer lists it, so that the next observation says how it ended', async () => {
    const world = createUpdateWorld(running);
    world.aws.updates.clear();
    const update = await start(world);
    assert.deepEqual([update.updateId, update.isAdopted, update.requestedAt], ['u-1', true, NOW_AT]);
  });

  it('is followed when it has begun since the plan, and has the same target', async () => {
    const update = await start(createUpdateWorld());
    assert.deepEqual([update.updateId, update.isAdopted, update.warnings], ['u-1', true, []]);
  });

  it('is not reached by force, which is a warning unless the plan has given it', async () => {
    const { warnings } = await start(createUpdateWorld(anEksRun({ force: true })));
    assert.match(warnings.join('\n'), /^"force" has no effect on an update that is under way: [^\n]*$/);
    assert.deepEqual((await start(createUpdateWorld({ ...running, force: true }))).warnings, []);
  });

  it('scales down when nothing is outdated any more', async () => {
    const world = createUpdateWorld();
    for (const name of world.kubernetes.nodes.keys()) renewNode(world, name);
    const { phase, outdatedCount } = await start(world);
    assert.deepEqual([phase, outdatedCount], ['scaleDown', 0]);
  });

  it('is refused with another target, with what it is', async () => {
    const world = createUpdateWorld();
    world.describeUpdate({ params: { ReleaseVersion: '1.33.5-20251201' } });
    await assert.rejects(
      start(world),
      new UpgradeInProgress(
        'EKS is carrying out VersionUpdate u-1 (ReleaseVersion 1.33.5-20251201) on node group workers, which has another target: wait for it, then start again. An update of EKS cannot be stopped',
      ),
    );
  });

  it('is found among many that have ended', async () => {
    const world = createUpdateWorld();
    world.aws.updates.delete('u-1');
    for (let index = 0; index < 15; index += 1) {
      world.aws.updates.set(`old-${index}`, {
        id: `old-${index}`,
        status: 'Successful',
        type: 'VersionUpdate',
        params: {},
        createdAt: NOW_AT,
        errors: [],
      });
    }
    world.describeUpdate({});
    assert.equal((await start(world)).updateId, 'u-1');
  });

  it('is refused when the group is busy with something that is no update', async () => {
    const world = createUpdateWorld();
    world.describeUpdate({ status: 'Successful' });
    await assert.rejects(start(world), (thrown: unknown) => {
      assert.ok(thrown instanceof UpgradeInProgress);
      assert.match(thrown.message, /not in Active State\. Check its status, then start again$/);
      return true;
    });
  });
});
