import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { buildReport } from '../../report/read/read.ts';
import { upgradeHistory } from './histories.ts';
import {
  assertUpgraded,
  drainsBegun,
  JANITOR,
  nodeExecutions,
  recordIn,
  stopExecution,
  unclean,
  untilBegun,
  untilEnded,
} from './left-behind.ts';
import { createWorld, INPUT, type UpgradeWorld, world } from './run-upgrade.ts';
import { BLOCKING_WORKLOAD } from './workloads.ts';

const THREE = { minSize: 1, maxSize: 4, desiredCapacity: 3 };

/** Pods that take five minutes to stop, so that three nodes do not fit into one step of the conductor. */
const SLOW = {
  kind: 'Deployment',
  name: 'slow',
  namespace: 'shop',
  replicas: 3,
  spread: 'host',
  terminationGracePeriodSeconds: 320,
  terminationSeconds: 300,
} as const;

/** A group of three nodes, and a definition whose executions continue in another one after a step. */
async function worldOfThree(workload: typeof SLOW | typeof BLOCKING_WORKLOAD = SLOW) {
  const sandbox = await createWorld(world({ group: THREE, workloads: [workload] }), JANITOR.always);
  const [machine] = sandbox.stepFunctions.machines;
  const step = machine?.definition.States.UpgradeNodes as { Parameters: object } | undefined;
  if (step === undefined) throw new Error('the definition has no conductor');
  step.Parameters = { ...step.Parameters, eventBudget: 160 };
  return sandbox;
}

const runsOf = ({ stepFunctions }: UpgradeWorld) =>
  stepFunctions.machines[0] === undefined ? [] : stepFunctions.executionsOf(stepFunctions.machines[0]);
const reportOf = (sandbox: UpgradeWorld) => {
  const [first] = runsOf(sandbox);
  if (first === undefined) throw new Error('nothing ran');
  return buildReport(upgradeHistory(sandbox.stepFunctions, first));
};

describe('a run whose history is full goes on in another execution', () => {
  it('and both succeed, with one report of all three nodes and their executions, each taken once', async () => {
    const sandbox = await worldOfThree();
    const ended = await sandbox.upgrade(INPUT, 'monday');
    const runs = runsOf(sandbox);
    assert.ok(runs.length >= 2, `${runs.length} executions`);
    assert.deepEqual(new Set(runs.map(({ status }) => status)), new Set(['SUCCEEDED']));
    assert.match(ended.output.completion.summary, /runs ami-0bbbbbbbbbbbbbbb2 on all 3 nodes/);
    const { counts, status, nodes } = reportOf(sandbox);
    assert.deepEqual([status, counts.upgraded, counts.blocked, nodes.length], ['SUCCEEDED', 3, 0, 3]);
    assert.equal(nodeExecutions(sandbox).length, 3);
    await sandbox.clock.advance(300);
    assertUpgraded(sandbox, THREE);
  });

  it('and all fail with the error of the last one, whose clean-up is the only one', async () => {
    const sandbox = await worldOfThree(BLOCKING_WORKLOAD);
    const ended = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 300 }, 'monday');
    const runs = runsOf(sandbox);
    assert.ok(runs.length >= 2, `${runs.length} executions`);
    assert.deepEqual(new Set(runs.map(({ error }) => error)), new Set(['PodEvictionFailure']));
    assert.match(ended.cause, /^1 node could not be drained.*shop\/api/);
    assert.doesNotMatch(ended.cause, /errorMessage|\btrace\b/);
    const { counts, status } = reportOf(sandbox);
    assert.deepEqual([status, counts.upgraded, counts.blocked], ['FAILED', 2, 1]);
    await sandbox.clock.advance(600);
    assert.deepEqual([unclean(sandbox), recordIn(sandbox)?.holder], [[], undefined]);
  });

  it('and ends as cancelled when somebody stops the one that continues; nothing is begun after it', async () => {
    const sandbox = await worldOfThree();
    const first = sandbox.start(INPUT, 'monday');
    await sandbox.clock.runUntil(() => runsOf(sandbox).length > 1, 7200);
    await untilBegun(sandbox, 2);
    const last = runsOf(sandbox).at(-1);
    if (last === undefined) throw new Error('it did not continue');
    await stopExecution(sandbox, last);
    await untilEnded(sandbox, ...runsOf(sandbox));
    await sandbox.clock.advance(15);
    const begun = drainsBegun(sandbox);
    assert.equal(first.error, 'UpgradeCancelled');
    assert.match(first.cause ?? '', /the execution that continued this one was stopped/);
    await sandbox.clock.advance(1800);
    assert.deepEqual([drainsBegun(sandbox), unclean(sandbox), recordIn(sandbox)?.holder], [begun, [], undefined]);
    assert.equal(reportOf(sandbox).status, 'FAILED');
    const again = await sandbox.upgrade(INPUT, 'tuesday');
    assert.equal(again.status, 'SUCCEEDED', again.cause);
  });

  it('and all end when somebody stops the first one: nothing is begun after it, and the janitor tidies', async () => {
    const sandbox = await worldOfThree();
    const first = sandbox.start(INPUT, 'monday');
    await sandbox.clock.runUntil(() => runsOf(sandbox).length > 1, 7200);
    await untilBegun(sandbox, 2);
    await stopExecution(sandbox, first);
    await sandbox.clock.advance(30);
    assert.ok(runsOf(sandbox).every(({ status }) => status !== 'RUNNING'));
    const begun = drainsBegun(sandbox);
    await sandbox.clock.advance(1800);
    assert.deepEqual([drainsBegun(sandbox), unclean(sandbox), recordIn(sandbox)?.holder], [begun, [], undefined]);
  });
});

describe('an execution that a person starts with "continued"', () => {
  for (const [title, of] of [
    ['while that run goes on', 'running'],
    ['after that run has ended', 'ended'],
    ['with nonsense', 'nonsense'],
  ] as const) {
    it(`is refused ${title}, and nothing is touched`, async () => {
      const sandbox = await worldOfThree();
      const first = sandbox.start(INPUT, 'monday');
      await sandbox.clock.runUntil(() => runsOf(sandbox).length > 1, 7200);
      if (of === 'ended') await untilEnded(sandbox, first);
      const handed = JSON.parse(runsOf(sandbox)[1]?.input.text ?? '{}');
      const before = sandbox.wire.entries.length;
      const input = of === 'nonsense' ? { continued: 'monday' } : handed;
      const byHand = sandbox.start(input, 'by-hand');
      await untilEnded(sandbox, byHand);
      assert.equal(byHand.error, 'InvalidInput');
      assert.match(byHand.cause ?? '', /^"continued" is written by the workflow itself.*Nothing was changed\.$/);
      if (of === 'ended') {
        const changes = sandbox.wire.entries
          .slice(before)
          .filter(({ action }) => /^(PUT|PATCH|DELETE) |^Update/.test(action));
        assert.deepEqual(changes, []);
      }
      await untilEnded(sandbox, first);
      assert.equal(first.status, 'SUCCEEDED', first.cause);
    });
  }
});
