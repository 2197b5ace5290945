import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import { programOf } from '../cli/sandbox-program.ts';
import {
  annotate,
  assertUpgraded,
  drainsBegun,
  inHand,
  JANITOR,
  nodeExecutions,
  outdated,
  recordIn,
  stopExecution,
  unclean,
  untilBegun,
  untilEnded,
} from './left-behind.ts';
import { createWorld, INPUT, type UpgradeWorld, world } from './run-upgrade.ts';
import { SLOW_WORKLOAD } from './workloads.ts';

const TWO = { ...INPUT, updateConfig: { maxUnavailable: 2 } };

async function draining(further = JANITOR.always) {
  const sandbox = await createWorld(world({ workloads: [SLOW_WORKLOAD] }), further);
  const execution = sandbox.start(TWO, 'monday');
  await untilBegun(sandbox, 2);
  return { sandbox, execution, program: programOf(sandbox) };
}

const running = (sandbox: UpgradeWorld) => nodeExecutions(sandbox).filter(({ status }) => status === 'RUNNING');
const step = (sandbox: UpgradeWorld, state: string) =>
  sandbox.wire.entries.filter(({ action }) => action === state).length;

describe('cancel --now', () => {
  for (const [title, isStopped, janitor] of [
    ['of a run that goes on', false, JANITOR.never],
    ['of a run that was stopped before', true, JANITOR.never],
  ] as const) {
    it(`${title}: no drain runs on, nothing is terminated, every node is usable, the group is tidy`, async () => {
      const { sandbox, execution, program } = await draining(janitor);
      if (isStopped) await stopExecution(sandbox, execution);
      const terminations = step(sandbox, 'TerminateInstanceInAutoScalingGroup');
      const done = await program('cancel', 'monday', '--now', '--reason', 'incident 4711');
      assert.equal(done.exitCode, 0, done.stderr);
      assert.deepEqual([execution.status, running(sandbox)], [isStopped ? 'ABORTED' : 'FAILED', []]);
      await sandbox.clock.advance(600);
      assert.equal(step(sandbox, 'TerminateInstanceInAutoScalingGroup'), terminations);
      assert.deepEqual([inHand(sandbox), sandbox.group().suspended], [[], []]);
      const { orders, holder } = recordIn(sandbox) ?? {};
      assert.deepEqual([orders, holder], [{}, undefined]);
      assert.equal(outdated(sandbox), 6);
      assert.deepEqual(unclean(sandbox), []);
      const again = await sandbox.upgrade(TWO, 'tuesday');
      assert.equal(again.status, 'SUCCEEDED', again.cause);
      await sandbox.clock.advance(300);
      assertUpgraded(sandbox);
    });
  }
});

describe('cancel', () => {
  it('lets the nodes in hand finish, begins none, and names its reason', async () => {
    const { sandbox, execution, program } = await draining();
    await program('cancel', '--reason', 'incident 4711');
    const begun = drainsBegun(sandbox);
    await untilEnded(sandbox, execution);
    assert.deepEqual([execution.error, drainsBegun(sandbox)], ['UpgradeCancelled', begun]);
    assert.match(execution.cause ?? '', /cancelled by an operator: incident 4711/);
    assert.equal(outdated(sandbox), 6 - begun.length);
    await sandbox.clock.advance(300);
    assert.deepEqual([unclean(sandbox), recordIn(sandbox)?.orders], [[], {}]);
  });
});

describe('pause', () => {
  it('takes no further node within a minute, also in mid-drain, and resume goes on', async () => {
    const { sandbox, execution, program } = await draining();
    await program('pause');
    await sandbox.clock.advance(60);
    const begun = drainsBegun(sandbox);
    await sandbox.clock.advance(1200);
    assert.deepEqual([drainsBegun(sandbox), inHand(sandbox)], [begun, []]);
    const { stdout } = await program('status', '--json');
    assert.match(stdout, /paused/i);
    await program('resume');
    await untilEnded(sandbox, execution);
    assert.equal(execution.status, 'SUCCEEDED', execution.cause);
  });

  it('then cancel ends a paused run', async () => {
    const { sandbox, execution } = await draining();
    annotate(sandbox, RECORD_ANNOTATIONS.pause, 'lunch');
    await sandbox.clock.advance(600);
    annotate(sandbox, RECORD_ANNOTATIONS.cancel, 'enough');
    await untilEnded(sandbox, execution);
    assert.equal(execution.error, 'UpgradeCancelled');
    await sandbox.clock.advance(300);
    assert.deepEqual(unclean(sandbox), []);
  });
});
