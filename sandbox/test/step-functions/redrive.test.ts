import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createWorld, eventsOf, named, outlineOf, runMachine, start, task } from './run-machine.ts';

/** A function that fails so many times, and then succeeds. */
const failing = (times: number) => {
  let left = times;
  return () => {
    left -= 1;
    if (left >= 0) throw named('Broken');
    return 'ok';
  };
};

const untilOver = async (world: ReturnType<typeof createWorld>, execution: ReturnType<typeof start>) =>
  world.clock.runUntil(() => execution.status !== 'RUNNING', 86_400);

describe('a redrive', () => {
  const machine = {
    StartAt: 'First',
    States: {
      First: task('first', { ResultPath: '$.first', Next: 'Second' }),
      Second: task('second', { Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 1 }] }),
    },
  };

  it('goes on from the failed state with its input, and counts its attempts afresh', async () => {
    const world = await runMachine(machine, { functions: { first: () => 1, second: failing(3) } });
    const { execution, stepFunctions, calls } = world;
    assert.equal(execution.status, 'FAILED');
    const before = execution.history.length;
    stepFunctions.redrive(execution);
    assert.deepEqual([execution.status, execution.stoppedAt, execution.redriveCount], ['RUNNING', undefined, 1]);
    await untilOver(world, execution);
    assert.deepEqual([execution.status, execution.output?.value], ['SUCCEEDED', 'ok']);
    assert.deepEqual(
      calls.map(({ functionKey }) => functionKey),
      ['first', 'second', 'second', 'second', 'second'],
    );
    assert.deepEqual(calls.at(-1)?.payload, { first: 1 });
    assert.deepEqual(outlineOf(execution).slice(before), [
      `ExecutionRedriven<${before}`,
      `LambdaFunctionScheduled<${before + 1}`,
      `LambdaFunctionStarted<${before + 2}`,
      `LambdaFunctionFailed<${before + 3}`,
      `LambdaFunctionScheduled<${before + 4}`,
      `LambdaFunctionStarted<${before + 5}`,
      `LambdaFunctionSucceeded<${before + 6}`,
      `TaskStateExited<${before + 7}`,
      `ExecutionSucceeded<${before + 8}`,
    ]);
    assert.deepEqual(eventsOf(execution)[before]?.executionRedrivenEventDetails, { redriveCount: 1 });
  });

  it('shows in the context object that it is one, and when', async () => {
    const redriven = {
      StartAt: 'T',
      States: {
        T: task('work', { Parameters: { 'count.$': '$$.Execution.RedriveCount', 'execution.$': '$$.Execution' } }),
      },
    };
    const world = await runMachine(redriven, { functions: { work: failing(1) } });
    await world.clock.advance(60);
    world.stepFunctions.redrive(world.execution);
    await untilOver(world, world.execution);
    const [first, second] = world.calls.map(({ payload }) => payload as { count: number; execution: object });
    assert.deepEqual([first?.count, second?.count], [0, 1]);
    assert.ok(!('RedriveTime' in (first?.execution ?? {})));
    assert.partialDeepStrictEqual(second?.execution, { RedriveTime: '2026-01-01T00:01:00.000Z' });
  });

  it('fails again at a Fail state, so that an execution that was caught cannot be continued', async () => {
    const caught = {
      StartAt: 'T',
      States: {
        T: task('work', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }] }),
        Failed: { Type: 'Fail', Error: 'UpgradeFailed' },
      },
    };
    const world = await runMachine(caught, { functions: { work: failing(1) } });
    world.stepFunctions.redrive(world.execution);
    assert.deepEqual(
      [world.execution.status, world.execution.error, world.calls.length],
      ['FAILED', 'UpgradeFailed', 1],
    );
  });

  it('goes on after a stop and after a timeout, with the whole time of the execution again', async () => {
    const slow = {
      TimeoutSeconds: 100,
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 60, Next: 'V' }, V: { Type: 'Wait', Seconds: 90, End: true } },
    };
    const world = createWorld(slow);
    const execution = start(world);
    await world.clock.advance(30);
    world.stepFunctions.stop(execution, {});
    world.stepFunctions.redrive(execution);
    await untilOver(world, execution);
    assert.equal(execution.status, 'TIMED_OUT');
    world.stepFunctions.redrive(execution);
    await untilOver(world, execution);
    assert.deepEqual([execution.status, execution.redriveCount], ['SUCCEEDED', 2]);
  });

  it('runs only those iterations of an inline map that had not succeeded, each from where it stopped', async () => {
    const broken = new Set(['b']);
    const mapped = {
      StartAt: 'Each',
      States: {
        Each: {
          Type: 'Map',
          ItemProcessor: { StartAt: 'One', States: { One: task('one', { Next: 'Two' }), Two: task('two') } },
          End: true,
        },
      },
    };
    const world = await runMachine(mapped, {
      input: ['a', 'b', 'c'],
      functions: {
        one: (item: string) => item,
        two: async (item: string, clock) => {
          await clock.sleep(item === 'c' ? 20 : item === 'b' ? 10 : 5);
          if (broken.delete(item)) throw named('Broken');
          return `${item} done`;
        },
      },
    });
    assert.equal(world.execution.status, 'FAILED');
    await world.clock.advance(60);
    const before = world.calls.length;
    world.stepFunctions.redrive(world.execution);
    await untilOver(world, world.execution);
    assert.deepEqual(world.execution.output?.value, ['a done', 'b done', 'c done']);
    assert.deepEqual(
      world.calls.slice(before).map(({ functionKey, payload }) => `${functionKey} ${payload}`),
      ['two b', 'two c'],
    );
  });

  it('is refused while the execution runs, when it succeeded, and 14 days after its end', async () => {
    const world = createWorld({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 10, End: true } } });
    const why = (execution: ReturnType<typeof start>) => world.stepFunctions.whyNotRedrivable(execution);
    const running = start(world, {}, 'running');
    assert.equal(why(running), 'Execution is RUNNING and cannot be redriven');
    const stopped = start(world, {}, 'stopped');
    world.stepFunctions.stop(stopped, {});
    assert.equal(why(stopped), undefined);
    await untilOver(world, running);
    assert.equal(why(running), 'Execution is SUCCEEDED and cannot be redriven');
    await world.clock.advance(14 * 86_400 + 1);
    assert.equal(why(stopped), 'Execution redrivable period exceeded');
  });

  it('is refused for an execution that ended in a Distributed Map', async () => {
    const distributed = {
      StartAt: 'Nodes',
      States: {
        Nodes: {
          Type: 'Map',
          Label: 'nodes',
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'T',
            States: { T: task('work') },
          },
          End: true,
        },
      },
    };
    const { execution, stepFunctions } = await runMachine(distributed, { input: [1], functions: { work: failing(1) } });
    assert.equal(stepFunctions.whyNotRedrivable(execution), 'The sandbox does not redrive Map Runs');
    const [run] = stepFunctions.mapRunsOf(execution);
    assert.equal(stepFunctions.whyNotRedrivable(run?.children[0] as never), 'Execution is redriven with its Map Run');
  });
});
