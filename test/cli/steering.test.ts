import assert from 'node:assert/strict';
import { createStepFunctionsService, type Execution } from 'eks-sandbox/step-functions';
import { describe, it } from 'mocha';
import { IN_HAND_LABEL } from '../../domain/drain/in-hand.ts';
import { MANAGED, managedWorld } from '../upgrade/managed-world.ts';
import { createWorld, INPUT, type UpgradeWorld, world } from '../upgrade/run-upgrade.ts';
import type { Outcome } from './run.ts';
import { programOf } from './sandbox-program.ts';

const ONE = { ...INPUT, updateConfig: { maxUnavailable: 1 } };
/** Pods that take three minutes to stop, so that nodes are in hand for a while. */
const slow = () =>
  world({
    workloads: [
      {
        kind: 'Deployment',
        name: 'slow',
        namespace: 'shop',
        replicas: 6,
        spread: 'host',
        terminationGracePeriodSeconds: 180,
        terminationSeconds: 170,
      },
    ],
  });

const inHand = (sandbox: UpgradeWorld) =>
  sandbox.nodes().filter(({ metadata }) => metadata.labels?.[IN_HAND_LABEL] !== undefined).length;
const untilDraining = (sandbox: UpgradeWorld) => sandbox.clock.runUntil(() => inHand(sandbox) > 0, 3600);
const untilEnded = (sandbox: UpgradeWorld, execution: Execution) =>
  sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 3 * 3600);
const changesLeft = (sandbox: UpgradeWorld) =>
  sandbox
    .nodes()
    .filter(
      ({ metadata, spec }) =>
        /eks-nodegroup-upgrade/.test(JSON.stringify(metadata.annotations ?? {})) || spec?.unschedulable === true,
    )
    .map(({ metadata }) => metadata.name);

/** A run of six nodes with its first one in hand. */
async function draining(scenario = world()) {
  const sandbox = await createWorld(scenario);
  const execution = sandbox.start(ONE, 'tuesday');
  await untilDraining(sandbox);
  return { sandbox, execution, program: programOf(sandbox) };
}

function stopExecution({ stepFunctions, region }: UpgradeWorld, { arn }: Execution): Promise<unknown> {
  const caller = { caller: 'AKIAOPERATOR', region: 'eu-west-1', accountId: region.state.scenario.accountId };
  return Promise.resolve(
    createStepFunctionsService(stepFunctions).dispatch('StopExecution', { executionArn: arn }, caller),
  );
}

/** One sentence on one of the two streams, and the exit code. */
function assertSays({ exitCode, stdout, stderr }: Outcome, code: number, sentence: RegExp): void {
  const said = `${stdout}${stderr}`.trim();
  assert.match(said, sentence);
  assert.equal(said.split('\n').length, 1, 'one sentence');
  assert.equal(exitCode, code);
}

describe('command line: pause and resume', () => {
  it('find the run under way by themselves, and say what they have done', async () => {
    const { sandbox, execution, program } = await draining();
    assertSays(
      await program('pause', '--reason', 'lunch'),
      0,
      /^Paused tuesday: it takes no further node within a minute/,
    );
    await sandbox.clock.advance(1200);
    assert.equal(inHand(sandbox), 0, 'the node in hand is finished');
    assert.equal(execution.status, 'RUNNING');
    assertSays(await program('resume'), 0, /^Resumed tuesday, which was paused: lunch$/);
    await untilEnded(sandbox, execution);
    assert.equal(execution.status, 'SUCCEEDED');
  });

  it('say to a machine what they have done', async () => {
    const { program } = await draining();
    const { stdout } = await program('pause', '--json');
    const { status, reason, executionArn } = JSON.parse(stdout);
    assert.deepEqual([status, reason], ['paused', 'paused by ana']);
    assert.match(executionArn, /:tuesday$/);
  });

  it('refuse what does not go with the state of the run', async () => {
    const { sandbox, execution, program } = await draining();
    assertSays(await program('resume'), 4, /: tuesday is not paused$/);
    await untilEnded(sandbox, execution);
    assertSays(await program('pause'), 3, /: no upgrade is under way; `list` shows those that have ended$/);
    for (const command of ['pause', 'resume', 'cancel']) {
      assertSays(
        await program(command, 'tuesday'),
        4,
        new RegExp(`: tuesday has succeeded already: there is nothing to ${command}$`),
      );
    }
  });

  it('do not mean a dry run, and refuse one that is named', async () => {
    const { sandbox, program } = await draining();
    sandbox.start({ ...ONE, dryRun: true }, 'dry');
    assertSays(await program('pause'), 0, /^Paused tuesday/);
    assertSays(
      await program('pause', 'dry'),
      4,
      /: dry is a dry run or the run of a cluster: name the run of a group$/,
    );
  });

  it('refuse a run that does not hold the lock yet', async () => {
    const sandbox = await createWorld();
    sandbox.start(ONE, 'tuesday');
    assertSays(
      await programOf(sandbox)('pause'),
      4,
      /: tuesday does not hold the lock of shop-workers: it is still planning/,
    );
  });

  it('refuse an update by EKS, which cannot be paused', async () => {
    const sandbox = await createWorld(managedWorld());
    sandbox.start(MANAGED, 'eks');
    await sandbox.clock.advance(120);
    assertSays(await programOf(sandbox)('pause'), 4, /: eks is an update by EKS, which cannot be paused$/);
  });
});

describe('command line: cancel', () => {
  it('lets nodes in hand finish, then the run cleans up and ends', async () => {
    const { sandbox, execution, program } = await draining();
    assertSays(
      await program('cancel', '--reason', 'incident 4711'),
      0,
      /^Cancelled tuesday: nodes in hand are finished/,
    );
    await untilEnded(sandbox, execution);
    assert.equal(execution.error, 'UpgradeCancelled');
    assert.match(execution.cause ?? '', /incident 4711/);
    await sandbox.clock.advance(600);
    assert.deepEqual(changesLeft(sandbox), []);
  });

  it('--now stops drains under way, waits for the end, and leaves nodes usable', async () => {
    const { sandbox, execution, program } = await draining(slow());
    assertSays(
      await program('cancel', '--now'),
      0,
      /^Cancelled tuesday: \d+ node executions? stopped, nodes and group are cleaned up$/,
    );
    assert.equal(execution.status, 'FAILED');
    assert.equal(execution.error, 'UpgradeCancelled');
    assert.deepEqual(await sandbox.deps.nodeExecutions.listRunning(), [], 'nothing runs on');
    assert.deepEqual(changesLeft(sandbox), []);
    await sandbox.clock.advance(1200);
    assert.equal(sandbox.nodes().length, 6 + 6, 'nothing is terminated any more');
  });

  it('--now cleans up after a run that was stopped in the console', async () => {
    const { sandbox, execution, program } = await draining(slow());
    await stopExecution(sandbox, execution);
    assert.ok(changesLeft(sandbox).length > 0);
    assertSays(await program('cancel', '--now', 'tuesday'), 0, /^Cancelled tuesday: 1 node execution stopped/);
    assert.deepEqual(changesLeft(sandbox), []);
  });
});

describe('command line: cleanup', () => {
  it('is refused while a run is under way', async () => {
    const { program } = await draining();
    assertSays(
      await program('cleanup'),
      4,
      /: shop-workers is being upgraded by \S+:tuesday: cancel it, or wait for it$/,
    );
  });

  it('undoes what a run that was stopped has left, but for what is in hand, and then finds nothing', async () => {
    const { sandbox, execution, program } = await draining(slow());
    await stopExecution(sandbox, execution);
    assertSays(
      await program('cleanup'),
      0,
      /^Cleaned up shop-workers: \d+ nodes had changes .*; 1 node is still in hand/,
    );
    assert.equal(changesLeft(sandbox).length, 1);
    await sandbox.clock.advance(1800);
    assert.deepEqual(changesLeft(sandbox), [], 'its execution has finished it, and the janitor has come');
    assertSays(await program('cleanup'), 0, /^There is nothing to clean up on shop-workers$/);
  });

  it('leaves a node cordoned that an operator has cordoned', async () => {
    const { sandbox, execution, program } = await draining();
    const store = sandbox.stores.get('shop');
    const [other] = sandbox.nodes().filter(({ metadata }) => metadata.labels?.[IN_HAND_LABEL] === undefined);
    const name = other?.metadata.name ?? '';
    store?.change('nodes', undefined, name, (node) => ({ ...node, spec: { ...node.spec, unschedulable: true } }));
    await stopExecution(sandbox, execution);
    await sandbox.clock.advance(1800);
    await program('cleanup');
    assert.deepEqual(changesLeft(sandbox), [name]);
  });
});
