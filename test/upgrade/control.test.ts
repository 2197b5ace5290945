import assert from 'node:assert/strict';
import { createStepFunctionsService, type Execution } from 'eks-sandbox/step-functions';
import { before, describe, it } from 'mocha';
import { RECORD_ANNOTATIONS as CONTROL } from '../../domain/admission/record.ts';
import { annotate } from './left-behind.ts';
import {
  createWorld,
  endOf,
  INPUT,
  kubernetesCalls,
  NEW_AMI,
  nodePatches,
  type UpgradeWorld,
  world,
} from './run-upgrade.ts';

const ONE = { ...INPUT, updateConfig: { maxUnavailable: 1 } };

const drainsStarted = (sandbox: UpgradeWorld) =>
  nodePatches(sandbox.wire.entries).filter(
    ({ body }) => body.metadata?.annotations?.['eks-nodegroup-upgrade/excluded-by'],
  ).length;
const untilDraining = (sandbox: UpgradeWorld, nodes: number) =>
  sandbox.clock.runUntil(() => drainsStarted(sandbox) >= nodes, 3600);
const changesLeft = (sandbox: UpgradeWorld) =>
  sandbox
    .nodes()
    .filter(
      ({ metadata, spec }) =>
        /eks-nodegroup-upgrade/.test(JSON.stringify(metadata.annotations ?? {})) || spec?.unschedulable === true,
    )
    .map(({ metadata }) => metadata.name);

describe('the lock', () => {
  it('refuses a second run while one is running, naming the first, and touches nothing of it', async () => {
    const sandbox = await createWorld();
    const first = sandbox.start(ONE, 'first');
    await untilDraining(sandbox, 1);
    const second = await sandbox.upgrade(ONE, 'second');
    assert.equal(second.error, 'UpgradeInProgress');
    assert.match(second.cause, /is being upgraded by \S+:first; wait for it, or cancel it/);
    await sandbox.clock.runUntil(() => first.status !== 'RUNNING', 7200);
    assert.equal(first.status, 'SUCCEEDED');
  });

  it('is taken over from a run that was stopped, and the next run cleans up what that left', async () => {
    const sandbox = await createWorld();
    const first = sandbox.start(ONE, 'first');
    await untilDraining(sandbox, 2);
    const { stepFunctions, clock, region } = sandbox;
    const service = createStepFunctionsService(stepFunctions);
    await service.dispatch(
      'StopExecution',
      { executionArn: first.arn },
      { caller: 'AKIAOPERATOR', region: 'eu-west-1', accountId: region.state.scenario.accountId },
    );
    await clock.advance(60);
    assert.equal(first.status, 'ABORTED');
    assert.ok(changesLeft(sandbox).length > 0, 'nobody cleaned up after it');
    const second = await sandbox.upgrade(ONE, 'second');
    assert.equal(second.status, 'SUCCEEDED', second.cause);
    await clock.advance(180);
    assert.deepEqual(changesLeft(sandbox), []);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    const { tags, ...sizes } = sandbox.group();
    assert.deepEqual(sizes, { minSize: 3, maxSize: 7, desiredCapacity: 6, suspended: [] });
    assert.deepEqual(
      Object.keys(tags).filter((key) => key.startsWith('eks-nodegroup')),
      [],
    );
  });

  it('goes to exactly one of two runs that start at the same instant', async () => {
    const sandbox = await createWorld();
    const runs = [sandbox.start(ONE, 'one'), sandbox.start(ONE, 'two')];
    await sandbox.clock.runUntil(() => runs.every(({ status }) => status !== 'RUNNING'), 7200);
    assert.deepEqual(runs.map(({ status }) => status).sort(), ['FAILED', 'SUCCEEDED']);
    assert.equal(runs.find(({ status }) => status === 'FAILED')?.error, 'UpgradeInProgress');
  });
});

describe('an annotation of the lease, set by an operator, steers the run', () => {
  it('pause starts no further node until it is removed', async () => {
    const sandbox = await createWorld();
    const execution = sandbox.start(ONE);
    await untilDraining(sandbox, 1);
    annotate(sandbox, CONTROL.pause, 'lunch');
    await sandbox.clock.advance(1800);
    assert.equal(drainsStarted(sandbox), 1);
    annotate(sandbox, CONTROL.pause, undefined);
    await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7200);
    assert.equal(execution.status, 'SUCCEEDED');
  });

  it('cancel finishes the node in hand, makes the others usable again, and is named in the error', async () => {
    const sandbox = await createWorld();
    const execution = sandbox.start(ONE);
    await untilDraining(sandbox, 1);
    annotate(sandbox, CONTROL.cancel, 'incident 4711');
    await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7200);
    assert.equal(execution.error, 'UpgradeCancelled');
    assert.match(endOf(execution).cause, /incident 4711/);
    await sandbox.clock.advance(180);
    assert.deepEqual(changesLeft(sandbox), []);
    assert.equal(sandbox.amis().filter((ami) => ami !== NEW_AMI).length, 5);
  });
});

describe('gates of a run', () => {
  it('include an alarm, which stops the run before the next node', async () => {
    const alarms = [{ name: 'checkout-5xx', changes: [{ atSeconds: 200, state: 'ALARM' as const }] }];
    const sandbox = await createWorld(world({ scenario: { alarms } }));
    const ended = await sandbox.upgrade({ ...ONE, alarms: ['checkout-5xx'] });
    assert.equal(ended.error, 'AlarmTriggered');
    assert.match(ended.cause, /in ALARM: checkout-5xx/);
    const old = sandbox.amis().filter((ami) => ami !== NEW_AMI).length;
    assert.ok(old > 0 && old < 6, `${old} nodes are old`);
  });

  it('include a canary, which is upgraded alone and bakes before the others follow', async () => {
    const sandbox = await createWorld();
    const ended = await sandbox.upgrade({
      ...INPUT,
      canary: { nodes: 1, bakeSeconds: 1200 },
      updateConfig: { maxUnavailable: 2 },
    });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    const starts = nodePatches(sandbox.wire.entries)
      .filter(({ body }) => body.metadata?.annotations?.['eks-nodegroup-upgrade/excluded-by'])
      .map(({ at }) => at / 1000);
    assert.ok((starts[1] as number) - (starts[0] as number) >= 1200);
  });

  it('include an alarm while the canary bakes, which leaves all other nodes as they were', async () => {
    const alarms = [{ name: 'checkout-5xx', changes: [{ atSeconds: 600, state: 'ALARM' as const }] }];
    const sandbox = await createWorld(world({ scenario: { alarms } }));
    const ended = await sandbox.upgrade({
      ...INPUT,
      alarms: ['checkout-5xx'],
      canary: { nodes: 1, bakeSeconds: 1200 },
    });
    assert.equal(ended.error, 'AlarmTriggered');
    assert.equal(sandbox.amis().filter((ami) => ami !== NEW_AMI).length, 5);
  });
});

describe('a run reads only what it needs', () => {
  let sandbox: UpgradeWorld;
  let execution: Execution;
  before(async () => {
    sandbox = await createWorld();
    ({ execution } = await sandbox.upgrade());
  });

  it('and asks for no secret, no config map and no log', () => {
    assert.deepEqual(kubernetesCalls(sandbox.wire.entries, /secrets|configmaps|\/log/), []);
  });

  it('and puts no token or credential into the state of the execution', () => {
    const events = execution.history.all();
    assert.doesNotMatch(JSON.stringify(events), /k8s-aws-v1|X-Amz-|secretAccessKey|Bearer/);
  });
});
