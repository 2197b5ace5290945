import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { buildReport } from '../../report/read/read.ts';
import { upgradeHistory } from './histories.ts';
import {
  assertUpgraded,
  drainsBegun,
  inHand,
  JANITOR,
  nodeExecutions,
  outdated,
  ownTags,
  recordIn,
  stopExecution,
  unclean,
  untilBegun,
} from './left-behind.ts';
import { createWorld, INPUT, world } from './run-upgrade.ts';
import { BLOCKING_EVERYWHERE, SLOW_WORKLOAD } from './workloads.ts';

const TWO = { ...INPUT, updateConfig: { maxUnavailable: 2 } };

/** A run with two nodes in hand that was stopped. */
async function stopped(janitor = JANITOR.never, scenario = world({ workloads: [SLOW_WORKLOAD] }), input: object = TWO) {
  const sandbox = await createWorld(scenario, janitor);
  const execution = sandbox.start(input, 'monday');
  await untilBegun(sandbox, 2);
  await sandbox.clock.advance(5);
  await stopExecution(sandbox, execution);
  assert.equal(execution.status, 'ABORTED');
  return { sandbox, execution };
}

describe('a run that is stopped in mid-drain by StopExecution', () => {
  it('begins nothing 15 s later, and its nodes in hand are finished by their own executions', async () => {
    const { sandbox } = await stopped();
    await sandbox.clock.advance(15);
    const begun = drainsBegun(sandbox);
    await sandbox.clock.advance(1800);
    assert.deepEqual(drainsBegun(sandbox), begun);
    assert.deepEqual(inHand(sandbox), [], 'none is left half drained');
    assert.deepEqual(new Set(nodeExecutions(sandbox).map(({ status }) => status)), new Set(['SUCCEEDED']));
    assert.equal(outdated(sandbox), 6 - begun.length);
    assert.equal(sandbox.pods().filter(({ status }) => status?.phase === 'Pending').length, 0);
  });

  for (const [title, janitor] of [
    ['at the event of its end, or later by the schedule', JANITOR.always],
    ['by the schedule alone', JANITOR.bySchedule],
  ] as const) {
    it(`is tidied after ${title}: nodes usable, processes resumed, the Lease without a holder`, async () => {
      const { sandbox } = await stopped(janitor);
      await sandbox.clock.advance(1800);
      assert.deepEqual([unclean(sandbox), sandbox.group().suspended], [[], []]);
      assert.deepEqual([recordIn(sandbox)?.holder, recordIn(sandbox)?.orders], [undefined, {}]);
      const accounts = recordIn(sandbox)?.accounts;
      assert.deepEqual(accounts !== 'unreadable' && accounts?.entries, []);
      assert.ok(ownTags(sandbox).includes('eks-nodegroup-upgrade/left-desired-capacity'));
    });
  }

  it('is tidied after at the event of its end alone, but for the nodes in hand', async () => {
    const { sandbox } = await stopped(JANITOR.byEvent);
    await sandbox.clock.advance(30);
    const busy = inHand(sandbox).map(({ metadata }) => metadata.name);
    assert.deepEqual(unclean(sandbox), busy, 'the others are usable at once');
    assert.deepEqual([recordIn(sandbox)?.holder, sandbox.group().suspended], [undefined, []]);
  });

  it('is adopted by the next run, which follows the same executions by their names and ends the upgrade', async () => {
    const { sandbox } = await stopped(JANITOR.always);
    const names = nodeExecutions(sandbox).map(({ name }) => name);
    const ended = await sandbox.upgrade(TWO, 'tuesday');
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(ended.output.lock.adopted), new Set(names));
    await sandbox.clock.advance(600);
    assertUpgraded(sandbox);
    const report = buildReport(upgradeHistory(sandbox.stepFunctions, ended.execution));
    assert.equal(
      report.nodes.filter(({ attempts }) => attempts.some(({ isAdopted }) => isAdopted)).length,
      names.length,
    );
    assert.deepEqual([report.counts.upgraded, report.counts.blocked], [6, 0]);
  });

  it('has a report that says which nodes were finished after it', async () => {
    const { sandbox, execution } = await stopped(JANITOR.always);
    await sandbox.clock.advance(1800);
    const report = buildReport(upgradeHistory(sandbox.stepFunctions, execution));
    assert.equal(report.status, 'ABORTED');
    assert.equal(report.counts.upgraded, 6 - outdated(sandbox));
    assert.deepEqual([report.counts.inProgress, report.counts.blocked], [0, 0]);
  });

  it('loses its force to a next run that does not want it: the drain is stopped, and the node is taken again', async () => {
    const input = { ...INPUT, updateConfig: { maxUnavailable: 6 } };
    const forced = { ...input, force: true, drainTimeoutSeconds: 900 };
    const { sandbox } = await stopped(JANITOR.always, world({ workloads: [BLOCKING_EVERYWHERE] }), forced);
    const first = nodeExecutions(sandbox);
    const ended = await sandbox.upgrade({ ...input, drainTimeoutSeconds: 120 }, 'tuesday');
    assert.deepEqual(
      new Set(first.map(({ status, error }) => `${status} ${error}`)),
      new Set(['ABORTED ForceWithdrawn']),
    );
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.equal(sandbox.pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length, 0);
    const again = nodeExecutions(sandbox).filter(({ name }) => /-2-[0-9a-f]{8}$/.test(name));
    assert.equal(again.length, first.length, 'under the name of the next attempt');
    await sandbox.clock.advance(600);
    assert.deepEqual(unclean(sandbox), []);
  });
});
