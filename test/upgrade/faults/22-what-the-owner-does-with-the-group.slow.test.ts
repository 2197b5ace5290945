import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { traces } from './as-it-was.ts';
import { undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

const warningsOf = async (sandbox: WatchedWorld, more = {}): Promise<string> => {
  const planned = await sandbox.upgrade({ ...INPUT, dryRun: true, ...more });
  assert.equal(planned.status, 'SUCCEEDED', planned.cause);
  return planned.output.plan.warnings.join('\n');
};

/** Put another version into the template, as it stands but for a root volume of its own, and let the group launch from it. */
function bootFromSnapshot(sandbox: WatchedWorld) {
  const { source } = sandbox.autoScalingGroup;
  if (source.kind === 'launch-configuration') throw new Error('the group has no template');
  const { launchTemplates } = sandbox.region.state;
  const template = launchTemplates.get({ LaunchTemplateId: source.template.templateId });
  const { data } = launchTemplates.getVersion(template, source.template.version);
  const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-0123456789abcdef0' } }];
  const { number } = launchTemplates.addVersion(template, {
    data: { ...data, BlockDeviceMappings },
    createdBy: 'terraform',
  });
  sandbox.pointAt(String(number));
  return String(number);
}

describe('#22 the plan warns of what the owner has set up that a run would not show', () => {
  const SNAPSHOT = /the template boots \/dev\/xvda from snap-0123456789abcdef0, whatever its AMI/;

  it('a root volume from a snapshot in the template, with which new nodes would run the old disk', async () => {
    const sandbox = await watchedWorld();
    assert.doesNotMatch(await warningsOf(sandbox), SNAPSHOT);
    bootFromSnapshot(sandbox);
    assert.match(await warningsOf(sandbox), SNAPSHOT);
  });

  it('also in the version that the input names', async () => {
    const sandbox = await watchedWorld();
    const named = bootFromSnapshot(sandbox);
    sandbox.pointAt('3');
    assert.match(await warningsOf(sandbox, { target: { launchTemplateVersion: named } }), SNAPSHOT);
  });

  for (const [version, isWarned] of [
    ['$Latest', true],
    ['3', false],
  ] as const) {
    it(`a template that another group shares, on version ${version}: ${isWarned ? 'named, because it will launch the new version' : 'no word'}`, async () => {
      const scenario = world({ group: { launchTemplateName: 'shared' } });
      const [cluster] = scenario.clusters;
      const [group] = cluster?.groups ?? [];
      assert.ok(cluster !== undefined && group !== undefined);
      const other = { ...group, name: 'shop-critical', launchTemplateVersion: version, tags: {} };
      const sandbox = await watchedWorld({ ...scenario, clusters: [{ ...cluster, groups: [group, other] }] });
      const warnings = await warningsOf(sandbox);
      assert.equal(
        /follows \$Latest of the same launch template.*: shop-critical\./.test(warnings),
        isWarned,
        warnings,
      );
    });
  }

  it('nodes protected from scale-in, which are named and replaced', async () => {
    const sandbox = await watchedWorld(world({ group: { protectedFromScaleIn: true } }));
    assert.match(await warningsOf(sandbox), /6 outdated nodes protected from scale-in: replaced all the same/);
    const ended = await sandbox.end(sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 2 } }));
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sandbox.amis(), Array(6).fill(NEW_AMI));
  });
});

describe('#22 an instance refresh that begins in the middle of a run', () => {
  const refresh = (atSeconds: number) => ({ kind: 'startInstanceRefresh' as const, group: 'shop-workers', atSeconds });

  for (const atSeconds of [30, 330]) {
    it(`after ${atSeconds} s stops the run, which says why and leaves nothing tainted`, async () => {
      const sandbox = await watchedWorld(world({ scenario: { actors: [refresh(atSeconds)] } }));
      const ended = await sandbox.end(sandbox.start(INPUT));
      assert.equal(ended.error, 'NotConverging', ended.cause);
      assert.match(ended.cause, /an instance refresh of shop-workers has begun.*: cancel it, or wait for it/);
      const endedAt = (ended.execution.stoppedAt ?? 0) - (ended.execution.startedAt ?? 0);
      assert.ok(endedAt / 1000 < atSeconds + 900, `${endedAt / 1000} s`);
      // What the refresh was terminating stays closed until it has left.
      await sandbox.clock.advance(600);
      assert.deepEqual([sandbox.tainted(), sandbox.lockHolder()], [[], '']);
      assert.deepEqual(traces(sandbox).suspended, []);
      assert.deepEqual(undrained(sandbox), []);
    });
  }
});
