import assert from 'node:assert/strict';
import type { Execution } from 'eks-sandbox/step-functions';
import { describe, it } from 'mocha';
import statemachines from '../../statemachines/load.cjs';
import { createWorld, start, type TestFunction } from './simulated-machine.ts';

const plan = { isDryRun: false, status: 'planned', run: { maxParallelNodegroups: 2 } };
const groups = ['a', 'b'].map((name) => ({ name, executionName: `${name}-1`, input: { name } }));

/** The definition with steps of the test, and groups' executions that fail where `failing` says so. */
async function run(functions: Readonly<Record<string, TestFunction>>, failing: readonly string[] = []) {
  let selections = 0;
  const child = {
    StartAt: 'Work',
    States: { Work: { Type: 'Task', Resource: { 'Fn::GetAtt': ['work', 'Arn'] }, ResultPath: '$.plan', End: true } },
  };
  const world = createWorld(statemachines.upgradeCluster(), {
    functions: {
      planCluster: () => plan,
      selectNodegroups: ({ selection }: { selection: object }) => {
        selections += 1;
        return { ...selection, status: selections === 1 ? 'selected' : 'done', nodegroups: groups };
      },
      work: ({ name }: { name: string }) => {
        if (failing.includes(name)) throw named('PodEvictionFailure', 'blocked');
        return { status: 'planned', summary: `${name} is done` };
      },
      explainNodegroupFailure: ({ name }: { name: string }) => ({ name, outcome: 'failed', error: 'Explained' }),
      completeCluster: ({ selection }: { selection: { results: unknown } }) => ({
        status: 'succeeded',
        results: selection.results,
      }),
      explainClusterFailure: ({ error }: { error: { Error: string } }) => ({ error: error.Error, cause: 'explained' }),
      ...functions,
    },
    others: [{ name: 'upgrade-nodegroup', logicalId: 'UpgradeNodegroup', definition: child }],
  });
  const execution = start(world);
  await world.clock.runUntil(() => execution.status !== 'RUNNING', 86_400);
  return { ...world, execution };
}

const resultsOf = ({ output }: Execution) => {
  const { completion } = (output?.value ?? {}) as { completion?: { results: unknown } };
  return completion?.results;
};
/** An error with a name, as a Lambda function throws it. */
const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const broken = () => {
  throw named('Runtime.OutOfMemory', 'the function died');
};

describe('upgrade-cluster', () => {
  it('hands the ends of all groups to CompleteCluster, in the order of the selection', async () => {
    const { execution } = await run({}, ['a']);
    const [a, b] = resultsOf(execution) as { name: string; outcome: string; summary?: string }[];
    assert.deepEqual(a, { name: 'a', outcome: 'failed', error: 'Explained' });
    assert.equal(b?.summary, 'b is done');
  });

  it('aborts no other group when one fails, even when the failure cannot be explained', async () => {
    const { execution, stepFunctions } = await run({ explainNodegroupFailure: broken }, ['a']);
    assert.deepEqual((resultsOf(execution) as object[])[0], {
      name: 'a',
      outcome: 'failed',
      error: 'States.TaskFailed',
    });
    const [machine] = stepFunctions.machines.slice(1);
    assert.deepEqual(
      stepFunctions.executionsOf(machine as never).map(({ status }) => status),
      ['FAILED', 'SUCCEEDED'],
    );
  });

  for (const step of ['planCluster', 'selectNodegroups', 'completeCluster']) {
    it(`fails with the error of ${step}, in words`, async () => {
      const { execution } = await run({ [step]: broken });
      assert.deepEqual([execution.error, execution.cause], ['Runtime.OutOfMemory', 'explained']);
    });
  }

  it('fails with the original error when it cannot be explained', async () => {
    const { execution } = await run({ planCluster: broken, explainClusterFailure: () => broken() });
    assert.equal(execution.error, 'Runtime.OutOfMemory');
    assert.match(execution.cause ?? '', /the function died/);
  });

  it('fails with the error that ends the whole run when a function returns more than a state can keep', async () => {
    const { execution } = await run({ selectNodegroups: () => ({ status: 'selected', nodegroups: 7 }) });
    assert.equal(execution.status, 'FAILED');
    assert.equal(execution.error, 'States.Runtime');
  });

  it('starts no upgrade in a dry run, nor when no group is outdated', async () => {
    for (const change of [{ isDryRun: true }, { status: 'nothingToDo' }]) {
      const { execution, calls } = await run({ planCluster: () => ({ ...plan, ...change }) });
      assert.equal(execution.status, 'SUCCEEDED');
      assert.deepEqual(calls, ['planCluster']);
    }
  });
});
