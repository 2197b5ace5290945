import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, OLD_AMI, world } from '../run-upgrade.ts';
import { BLOCKING_WORKLOAD } from '../workloads.ts';
import { type WatchedWorld, watchedWorld } from './watched-world.ts';

/** Move the group to a template of the owner's that counts its versions from 1 too, as `terraform apply` does. */
function moveToOwnTemplate({ autoScalingGroup: group, region }: WatchedWorld, imageId: string, versions = 1): string {
  const { source } = group;
  if (source.kind === 'launch-configuration') throw new Error('the group has no template');
  const { launchTemplates } = region.state;
  const before = launchTemplates.get({ LaunchTemplateId: source.template.templateId });
  const { data } = launchTemplates.getVersion(before, source.template.version);
  const own = { data: { ...data, ImageId: imageId }, createdBy: 'terraform' };
  const made = launchTemplates.create('workers-v2', own, {});
  for (let number = 2; number <= versions; number += 1) launchTemplates.addVersion(made, own);
  group.source = { ...source, template: { ...source.template, templateId: made.id, version: String(versions) } };
  return made.id;
}

const launchesFrom = ({ autoScalingGroup: { source } }: WatchedWorld) =>
  source.kind === 'launch-configuration' ? undefined : source.template;

describe('#18 a template version is one of a template: the same number of another one is another version', () => {
  it('nodes of version 1 of the old template are outdated where the target is version 1 of the new one', async () => {
    const sandbox = await watchedWorld(world({ group: { launchTemplateVersion: '1' } }));
    moveToOwnTemplate(sandbox, NEW_AMI);
    const input = { ...INPUT, target: { launchTemplateVersion: '1' } };
    const planned = await sandbox.upgrade({ ...input, dryRun: true });
    assert.equal(planned.output.plan.nodes.outdated, 6, planned.output.plan.summary);
    const ended = await sandbox.end(sandbox.start(input));
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sandbox.amis(), Array(6).fill(NEW_AMI));
  });

  for (const after of [0, 2, 6]) {
    it(`a group that is moved to the same number of another template after ${after} terminations launches from ours again`, async () => {
      const sandbox = await watchedWorld();
      const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 2 } });
      await sandbox.when(() => sandbox.evictions.length > 0 && sandbox.terminations.length >= after);
      const ours = launchesFrom(sandbox);
      moveToOwnTemplate(sandbox, OLD_AMI, Number(ours?.version));
      assert.equal(launchesFrom(sandbox)?.version, ours?.version);
      const ended = await sandbox.end(execution);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
      assert.deepEqual(launchesFrom(sandbox), ours);
    });
  }

  it('a run after the owner has replaced the template of a failed one goes by the versions of the new template', async () => {
    const workloads = [BLOCKING_WORKLOAD];
    const sandbox = await watchedWorld(world({ group: { launchTemplateVersion: '$Latest' }, workloads }));
    const failed = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 60 });
    assert.equal(failed.error, 'PodEvictionFailure', failed.cause);
    sandbox.store.remove('poddisruptionbudgets', 'shop', BLOCKING_WORKLOAD.name);
    const templateId = moveToOwnTemplate(sandbox, OLD_AMI);
    const ended = await sandbox.end(sandbox.start(INPUT));
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sandbox.amis(), Array(6).fill(NEW_AMI));
    assert.deepEqual(launchesFrom(sandbox), { ...launchesFrom(sandbox), templateId, version: '2' });
    assert.equal(ended.output.completion.previousLaunchTemplateVersion, '1', 'what a rollback goes to');
  });
});
