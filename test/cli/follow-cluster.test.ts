import assert from 'node:assert/strict';
import { ALL, blockingWorkload, createClusterWorld, fleet, group, renewed } from '../upgrade/run-cluster.ts';
import { programOf } from './sandbox-program.ts';

const IMPATIENT = { ...ALL, drainTimeoutSeconds: 60 };
const timed = (text: string): string[] => text.split('\n').filter((line) => /^\d\d:\d\d:\d\d \+/.test(line));

describe('command line: following the run of a cluster', () => {
  it('prints what happens in every group in order of time, and ends with the result of the cluster', async () => {
    const world = await createClusterWorld(fleet([group('a'), group('b'), renewed('c')]));
    world.start({ ...ALL, maxParallelNodegroups: 2 });
    const { exitCode, stdout } = await programOf(world, 15)('watch');
    const lines = timed(stdout);
    const count = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
    assert.equal(exitCode, 0, stdout);
    assert.equal(count(/ {2}plan: 2 of 3 node groups/), 1);
    assert.deepEqual(
      [count(/ group [ab] begins$/), count(/ group [ab] is upgraded$/), count(/ group c is on the/)],
      [2, 2, 1],
    );
    assert.equal(count(/ {2}[ab]: ip-\S+ is replaced$/), 4);
    assert.match(lines[0] ?? '', /plan: /);
    assert.match(lines.at(-1) ?? '', /2 node groups of shop upgraded/);
    assert.match(stdout, /2 node groups of shop upgraded in .*, 4 nodes$/m);
    assert.match(stdout, /^a: 2 nodes upgraded to 1\.33\.5-20251229 in /m);
  });

  it('prints a JSON object per line that names the group', async () => {
    const world = await createClusterWorld(fleet([group('a')]));
    world.start();
    const { stdout } = await programOf(world, 15)('watch', '--json');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; group?: string; status?: string; name?: string });
    assert.equal(events.filter(({ type, group: of }) => type === 'progress' && of === 'a').length > 0, true);
    assert.deepEqual([events.at(-1)?.type, events.at(-1)?.status], ['end', 'SUCCEEDED']);
    assert.ok(events.some(({ type, name }) => type === 'group' && name === 'a'));
  });

  it('draws a line per group on a terminal, and the groups that are running below', async () => {
    const world = await createClusterWorld(fleet([group('a'), group('b')]));
    world.start();
    await world.clock.advance(100);
    const { stdout } = await programOf(world)('status');
    assert.match(stdout, /^0 of 2 outdated node groups of shop upgraded so far$/m);
    assert.match(stdout, /^Cluster shop /m);
    assert.match(stdout, /^a +\S+ +\d of 2 +in progress +\d\d:\d\d +upgrade/m);
    assert.match(stdout, /^b +\S+ +0 of 2 +queued/m);
    assert.match(stdout, /shop \/ a .*1\.33\.5-20251229/);
  });

  it('shows the error of the group that failed in watch, wait and status', async () => {
    const world = await createClusterWorld(fleet([group('a'), group('b')], { workloads: [blockingWorkload('a')] }));
    world.start(IMPATIENT);
    const program = programOf(world, 15);
    const watched = await program('watch');
    assert.equal(watched.exitCode, 1);
    assert.match(watched.stdout, / group a failed: PodEvictionFailure: /);
    assert.match(watched.stdout, / group b is not started: /);
    assert.equal(watched.stdout.match(/ {2}a: shop\/a-strict-\S+ blocks /g)?.length, 2, 'two nodes');
    const waited = await program('wait');
    assert.equal(waited.exitCode, 1);
    assert.match(waited.stdout, /^Upgrade of the cluster failed with PodEvictionFailure/);
    const status = JSON.parse((await program('status', '--json')).stdout);
    assert.deepEqual(
      status.nodegroups.map(({ outcome }: { outcome: string }) => outcome),
      ['failed', 'notStarted'],
    );
  });

  it('reports in HTML, Markdown and JSON, by the name of its execution or of that of a group', async () => {
    const world = await createClusterWorld(fleet([group('a'), group('b')]));
    const { execution } = await world.upgrade();
    const program = programOf(world);
    const report = (...argv: string[]) => program('report', ...argv, '--output', '-');
    assert.match((await report()).stdout, /<details class="group">/);
    assert.match((await report('--format', 'markdown')).stdout, /^## Node groups$/m);
    const json = JSON.parse((await report(execution.name, '--json')).stdout);
    assert.deepEqual([json.kind, json.groups.length, json.nodegroups.length], ['cluster', 2, 2]);
    const ofGroup = JSON.parse((await report(json.groups[0].execution.name, '--json')).stdout);
    assert.deepEqual([ofGroup.kind, ofGroup.counts.upgraded], [undefined, 2]);
  });
});
