import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { awsCalls, INPUT, OLD_AMI, world } from '../run-upgrade.ts';
import { BLOCKING_WORKLOAD } from '../workloads.ts';
import { traces } from './as-it-was.ts';
import { MINIMAL, undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

/** What the group launches from, and every version of every template. */
const templates = ({ autoScalingGroup: { source }, region }: WatchedWorld) => ({
  source,
  versions: region.state.launchTemplates.all().map(({ id, versions }) => [id, [...versions.keys()]]),
});

const SCALED = { ...INPUT, nodeReadyTimeoutSeconds: 180 };
const BROKEN = { boots: 'launch-fails', launchFailure: 'Client.InvalidKMSKey.InvalidState: the key is disabled' };
const NO_CAPACITY = ['a', 'b', 'c'].map((zone) => ({
  kind: 'insufficientCapacity' as const,
  zone: `eu-west-1${zone}`,
}));

describe('#20 a run none of whose new nodes becomes healthy puts the group back', () => {
  for (const [title, newImage, faults, versions] of [
    ['never join', { boots: 'never-joins' }, [], ['3', '$Latest', '$Default']],
    ['never become Ready', { boots: 'never-ready' }, [], ['3']],
    ['cannot be launched', BROKEN, [], ['3', '$Latest']],
    ['find no capacity', {}, NO_CAPACITY, ['3', '$Latest']],
  ] as const) {
    for (const version of versions) {
      it(`whose new nodes ${title}, on version ${version}: as it was, template versions included`, async () => {
        const scenario = { faults: [...faults] };
        const sandbox = await watchedWorld(world({ newImage, scenario, group: { launchTemplateVersion: version } }));
        const before = [traces(sandbox), templates(sandbox)];
        const ended = await sandbox.upgrade(SCALED);
        assert.equal(ended.error, 'NodeCreationFailure', ended.cause);
        assert.ok(ended.cause.includes(`it launches from version ${version} again`), ended.cause);
        await sandbox.clock.advance(600);
        assert.deepEqual([traces(sandbox), templates(sandbox)], before);
        assert.deepEqual([sandbox.amis(), sandbox.evictions], [Array(6).fill(OLD_AMI), []]);
        assert.deepEqual(undrained(sandbox), []);
      });
    }
  }

  it('under MINIMAL, where one node was replaced by one that never joins: a node of the version before takes its place', async () => {
    const sandbox = await watchedWorld(world({ newImage: { boots: 'never-joins' } }));
    const { source } = templates(sandbox);
    const ended = await sandbox.upgrade({ ...MINIMAL, nodeReadyTimeoutSeconds: 180 });
    assert.equal(ended.error, 'NodeCreationFailure', ended.cause);
    await sandbox.clock.advance(600);
    assert.deepEqual(sandbox.amis(), Array(6).fill(OLD_AMI));
    assert.equal(sandbox.serving().length, 6);
    assert.deepEqual(templates(sandbox).source, source);
  });

  it('but not where new nodes are healthy and a budget blocks the run: the next one goes on from there', async () => {
    const sandbox = await watchedWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const { source } = templates(sandbox);
    const ended = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 60 });
    assert.equal(ended.error, 'PodEvictionFailure', ended.cause);
    assert.notDeepEqual(templates(sandbox).source, source);
    assert.deepEqual(awsCalls(sandbox.wire.entries, 'DeleteLaunchTemplateVersions'), []);
  });
});
