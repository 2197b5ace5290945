import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as z from 'zod';
import { defineStep } from '../../clients/lambda/step.ts';
import { buildReport } from '../../report/read/read.ts';
import { upgradeHistory } from './histories.ts';
import { assertUpgraded, drainsBegun, nodeExecutions, outdated, recordIn, unclean } from './left-behind.ts';
import { CLUSTER, createWorld, INPUT, NEW_AMI, type UpgradeWorld, world } from './run-upgrade.ts';
import { BLOCKING_EVERYWHERE, BLOCKING_WORKLOAD } from './workloads.ts';

const TWO = { ...INPUT, updateConfig: { maxUnavailable: 2 } };

/** A step with a fault in its program. */
const broken = defineStep<never, unknown>(z.custom<never>(), async () => {
  throw new TypeError('Cannot read properties of undefined');
});

/** Let every budget allow what it forbade. */
const relax = (sandbox: UpgradeWorld, name: string) =>
  sandbox.stores.get(CLUSTER)?.remove('poddisruptionbudgets', 'shop', name);

const cordoned = (sandbox: UpgradeWorld) =>
  sandbox
    .nodes()
    .filter(({ spec }) => spec?.unschedulable === true)
    .map(({ metadata }) => metadata.name);

describe('a node that stays blocked', () => {
  it('is left cordoned where the input says so, and upgraded by the next run once nothing blocks it', async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const input = { ...TWO, drainTimeoutSeconds: 120, blockedNodes: 'leaveCordoned' };
    const first = await sandbox.upgrade(input, 'monday');
    assert.equal(first.error, 'PodEvictionFailure', first.cause);
    assert.equal(cordoned(sandbox).length, 1);
    relax(sandbox, 'api');
    const second = await sandbox.upgrade(input, 'tuesday');
    assert.equal(second.status, 'SUCCEEDED', second.cause);
    await sandbox.clock.advance(300);
    assertUpgraded(sandbox);
  });

  it('halts the run at once with failurePolicy "halt": no further node is taken, all are usable', async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKING_EVERYWHERE] }));
    const input = { ...INPUT, failurePolicy: 'halt', drainTimeoutSeconds: 120 };
    const ended = await sandbox.upgrade(input);
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(ended.cause, /as failurePolicy "halt" says/);
    assert.equal(drainsBegun(sandbox).length, 1);
    await sandbox.clock.advance(300);
    assert.deepEqual([unclean(sandbox), outdated(sandbox), recordIn(sandbox)?.holder], [[], 6, undefined]);
  });

  it('as the canary of a managed group fails the run, which takes no node beyond the canary', async () => {
    const scenario = world({
      workloads: [BLOCKING_EVERYWHERE],
      group: { managed: { nodegroupName: 'workers', maxUnavailablePercentage: 50 } },
    });
    const sandbox = await createWorld(scenario);
    const ended = await sandbox.upgrade({
      clusterName: CLUSTER,
      nodegroupName: 'workers',
      engine: 'workflow',
      canary: { nodes: 1, bakeSeconds: 300 },
      drainTimeoutSeconds: 120,
    });
    assert.equal(ended.error, 'PodEvictionFailure', ended.cause);
    assert.ok(drainsBegun(sandbox).length <= 3, 'a blocked canary is followed by another one, until the run stops');
    await sandbox.clock.advance(300);
    assert.deepEqual([unclean(sandbox), outdated(sandbox)], [[], 6]);
    const { counts } = buildReport(upgradeHistory(sandbox.stepFunctions, ended.execution));
    assert.equal(counts.upgraded, 0);
  });
});

describe('the execution of a node that dies', () => {
  it('does not end the run, and its reason is a sentence in the record, the error and the report', async () => {
    const sandbox = await createWorld(world(), { steps: new Map([['cordonNode', broken]]) });
    const ended = await sandbox.upgrade(TWO);
    assert.equal(ended.error, 'PodEvictionFailure', ended.cause);
    assert.doesNotMatch(ended.cause, /errorMessage|errorType/);
    const report = buildReport(upgradeHistory(sandbox.stepFunctions, ended.execution));
    assert.doesNotMatch(JSON.stringify(report.nodes), /errorMessage|errorType/);
  });
});

describe('a run within limits', () => {
  it('takes three nodes at a time with MINIMAL and adds none: three are left at any time', async () => {
    const sandbox = await createWorld();
    const ended = await sandbox.upgrade({ ...INPUT, updateConfig: { maxUnavailable: 3, updateStrategy: 'MINIMAL' } });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    const { capacity } = buildReport(upgradeHistory(sandbox.stepFunctions, ended.execution));
    assert.ok((capacity.lowest?.readyNodes ?? 0) >= 3, `${capacity.lowest?.readyNodes} nodes Ready`);
    await sandbox.clock.advance(300);
    assertUpgraded(sandbox);
  });

  it('upgrades two named nodes of six at the same time, and leaves the others without a trace', async () => {
    const sandbox = await createWorld();
    const nodes = sandbox
      .nodes()
      .slice(0, 2)
      .map(({ metadata }) => metadata.name);
    const ended = await sandbox.upgrade({ ...TWO, nodes });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(drainsBegun(sandbox).slice(0, 2)), new Set(nodes));
    const others = nodeExecutions(sandbox)
      .slice(2)
      .map(({ input }) => JSON.parse(input.text).node.kind);
    assert.deepEqual(
      others.filter((kind) => kind !== 'surplus'),
      [],
      'beside them only what was added',
    );
    await sandbox.clock.advance(300);
    const { tags: _, ...sizes } = sandbox.group();
    assert.deepEqual(sizes, { minSize: 3, maxSize: 7, desiredCapacity: 6, suspended: [] });
    assert.deepEqual([unclean(sandbox), sandbox.amis().filter((ami) => ami === NEW_AMI).length], [[], 2]);
  });
});
