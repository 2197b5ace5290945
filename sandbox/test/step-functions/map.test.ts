import assert from 'node:assert/strict';
import type { SandboxClock } from '../../world/clock.ts';
import {
  createWorld,
  durationOf,
  eventsOf,
  named,
  type Options,
  outlineOf,
  outputOf,
  runMachine,
  start,
  task,
} from './run-machine.ts';

type Fields = Record<string, unknown>;

const mapOf = (states: Fields, fields: Fields, config: Fields) => ({
  StartAt: 'M',
  States: {
    M: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: { ProcessorConfig: config, StartAt: Object.keys(states)[0], States: states },
      ...(fields.Catch === undefined ? { End: true } : { Next: 'Done' }),
      ...fields,
    },
    ...(fields.Catch === undefined ? {} : { Done: { Type: 'Succeed' } }),
  },
});
const inline = (states: Fields, fields: Fields = {}) => mapOf(states, fields, { Mode: 'INLINE' });
const distributed = (states: Fields, fields: Fields = {}) =>
  mapOf(states, { Label: 'nodes', ...fields }, { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' });

/** A function that takes as many seconds as its item says, and fails for a negative item. */
const work = async (seconds: number, clock: SandboxClock) => {
  await clock.sleep(Math.abs(seconds));
  if (seconds < 0) throw named('Broken');
  return seconds;
};
const working = (items: number[]): Options => ({ input: { items }, functions: { work } });

for (const [kind, mapIn] of [
  ['inline', inline],
  ['distributed', distributed],
] as const) {
  describe(`${kind} Map states`, () => {
    it('give the results in the order of the items, whichever is done first', async () => {
      const { execution } = await runMachine(mapIn({ T: task('work') }), working([3, 1, 2]));
      assert.deepEqual([execution.output?.value, durationOf(execution)], [[3, 1, 2], 3]);
    });

    it('give an empty array for no items', async () => {
      const { execution } = await runMachine(mapIn({ T: task('work') }), working([]));
      assert.deepEqual([execution.status, execution.output?.value], ['SUCCEEDED', []]);
    });

    it('run no more items at one time than MaxConcurrency, and start them in their order', async () => {
      const { execution, calls } = await runMachine(
        mapIn({ T: task('work') }, { MaxConcurrency: 2 }),
        working([5, 2, 2, 1]),
      );
      assert.deepEqual(
        calls.map(({ payload, atSeconds }) => [payload, atSeconds]),
        [
          [5, 0],
          [2, 0],
          [2, 2],
          [1, 4],
        ],
      );
      assert.equal(durationOf(execution), 5);
    });

    it('take the concurrency from a path', async () => {
      const { execution } = await runMachine(mapIn({ T: task('work') }, { MaxConcurrencyPath: '$.parallel' }), {
        ...working([1, 1, 1, 1, 1, 1]),
        input: { items: [1, 1, 1, 1, 1, 1], parallel: 3 },
      });
      assert.equal(durationOf(execution), 2);
    });

    it('make the input of each item with ItemSelector', async () => {
      const { execution } = await runMachine(
        mapIn(
          { P: { Type: 'Pass', End: true } },
          { ItemSelector: { 'id.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index', 'group.$': '$.group', k: 1 } },
        ),
        { input: { items: ['a', 'b'], group: 'g' } },
      );
      assert.deepEqual(execution.output?.value, [
        { id: 'a', at: 0, group: 'g', k: 1 },
        { id: 'b', at: 1, group: 'g', k: 1 },
      ]);
    });

    it('put their result where ResultPath says', async () => {
      const { execution } = await runMachine(
        mapIn({ P: { Type: 'Pass', End: true } }, { ResultSelector: { 'all.$': '$' }, ResultPath: '$.r' }),
        { input: { items: [1, 2] } },
      );
      assert.deepEqual(execution.output?.value, { items: [1, 2], r: { all: [1, 2] } });
    });

    it('fail when ItemsPath names no array', async () => {
      const { execution } = await runMachine(mapIn({ T: task('work') }), { input: { items: 'x' } });
      assert.equal(execution.error, 'States.Runtime');
      assert.match(String(execution.cause), /Reference path "\$\.items" must point to array\.$/);
    });

    it('fail when the results together are over 256 KiB', async () => {
      const { execution } = await runMachine(mapIn({ T: task('much') }, { ResultPath: null }), {
        input: { items: [1, 2, 3] },
        functions: { much: () => 'x'.repeat(100_000) },
      });
      assert.equal(execution.error, 'States.DataLimitExceeded');
    });

    it('run all items again when they are retried', async () => {
      let calls = 0;
      const once = () => {
        calls += 1;
        if (calls === 2) throw named('Once');
        return calls;
      };
      const { execution } = await runMachine(
        mapIn({ T: task('once') }, { MaxConcurrency: 1, Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 9 }] }),
        { input: { items: [1, 2] }, functions: { once } },
      );
      assert.deepEqual([execution.output?.value, durationOf(execution)], [[3, 4], 9]);
    });
  });
}

describe('inline Map states', () => {
  it('run at most 40 iterations at one time', async () => {
    const { execution } = await runMachine(inline({ T: task('work') }), working(new Array(100).fill(1)));
    assert.equal(durationOf(execution), 3);
  });

  it('let the states of an iteration see their item', async () => {
    const output = await outputOf(
      inline({ P: { Type: 'Pass', Parameters: { 'i.$': '$$.Map.Item.Index' }, End: true } }).States,
      { input: { items: ['a', 'b'] } },
    );
    assert.deepEqual(output, [{ i: 0 }, { i: 1 }]);
  });

  it('record iterations one after another as AWS does', async () => {
    const { execution } = await runMachine(inline({ P: { Type: 'Pass', End: true } }, { MaxConcurrency: 1 }), {
      input: { items: [1, 2] },
    });
    assert.deepEqual(outlineOf(execution), [
      'ExecutionStarted<0',
      'MapStateEntered<0',
      'MapStateStarted<2',
      'MapIterationStarted<3',
      'PassStateEntered<4',
      'PassStateExited<5',
      'MapIterationSucceeded<6',
      'MapIterationStarted<6',
      'PassStateEntered<8',
      'PassStateExited<9',
      'MapIterationSucceeded<10',
      'MapStateSucceeded<11',
      'MapStateExited<11',
      'ExecutionSucceeded<13',
    ]);
  });

  it('abort the other iterations when one fails, and fail with its error', async () => {
    const states = { T: task('work', { Next: 'W' }), W: { Type: 'Wait', Seconds: 50, End: true } };
    const { execution, clock } = await runMachine(inline(states), working([-5, 9, 1]));
    await clock.advance(100);
    assert.deepEqual([execution.error, durationOf(execution)], ['Broken', 5]);
    const outline = outlineOf(execution);
    const failedAt = outline.findIndex((line) => line.startsWith('LambdaFunctionFailed')) + 1;
    assert.deepEqual(outline.slice(failedAt), [
      `MapIterationFailed<${failedAt}`,
      `TaskStateAborted<${failedAt}`,
      `MapIterationAborted<${failedAt}`,
      `WaitStateAborted<${failedAt}`,
      `MapIterationAborted<${failedAt}`,
      `MapStateFailed<${failedAt}`,
      `ExecutionFailed<${failedAt + 6}`,
    ]);
  });

  it('nest', async () => {
    const inner = inline({ P: { Type: 'Pass', End: true } }, { ItemsPath: '$' }).States.M;
    const { execution } = await runMachine(inline({ Inner: inner }), { input: { items: [[1, 2], [], [3]] } });
    assert.deepEqual(execution.output?.value, [[1, 2], [], [3]]);
  });

  it('share the 25,000 events of their execution', async () => {
    const { execution } = await runMachine(inline({ P: { Type: 'Pass', End: true } }), {
      input: { items: new Array(7000).fill(0) },
    });
    assert.equal(execution.history.length, 25_000);
    assert.match(String(execution.cause), /maximum number of history events/);
  });
});

describe('distributed Map states', () => {
  const runOf = async (definition: unknown, options: Options) => {
    const ended = await runMachine(definition, options);
    const [run] = ended.stepFunctions.mapRunsOf(ended.execution);
    assert.ok(run);
    return { ...ended, run };
  };

  it('run every item as a child execution with a history of its own', async () => {
    const { execution, run, stepFunctions } = await runOf(distributed({ T: task('work') }), working([2, 1]));
    assert.match(run.arn, /^arn:aws:states:eu-west-1:111122223333:mapRun:machine\/nodes:[0-9a-f-]{36}$/);
    for (const child of run.children) {
      assert.match(child.arn, /^arn:aws:states:eu-west-1:111122223333:execution:machine\/nodes:[0-9a-f-]{36}$/);
      assert.equal(child.stateMachineArn, 'arn:aws:states:eu-west-1:111122223333:stateMachine:machine/nodes');
      assert.equal(stepFunctions.findExecution(child.arn), child);
      assert.equal(outlineOf(child).length, 7);
    }
    assert.deepEqual(
      run.children.map(({ input }) => input.value),
      [2, 1],
    );
    assert.deepEqual(outlineOf(execution), [
      'ExecutionStarted<0',
      'MapStateEntered<0',
      'MapStateStarted<2',
      'MapRunStarted<3',
      'MapRunSucceeded<4',
      'MapStateSucceeded<5',
      'MapStateExited<5',
      'ExecutionSucceeded<7',
    ]);
    assert.deepEqual(run.counts, { pending: 0, running: 0, succeeded: 2, failed: 0, timedOut: 0, aborted: 0 });
  });

  it('fail with States.ExceedToleratedFailureThreshold when a child fails, and abort the others at once', async () => {
    const { execution, run, calls } = await runOf(
      distributed({ T: task('work') }, { MaxConcurrency: 3 }),
      working([10, -2, 10, 1, 1]),
    );
    assert.deepEqual(
      [execution.error, execution.cause, durationOf(execution)],
      ['States.ExceedToleratedFailureThreshold', 'The specified tolerated failure threshold was exceeded', 2],
    );
    assert.deepEqual(
      run.children.map(({ status }) => status),
      ['ABORTED', 'FAILED', 'ABORTED'],
    );
    assert.deepEqual([calls.length, run.status], [3, 'FAILED']);
    assert.deepEqual(run.counts, { pending: 2, running: 0, succeeded: 0, failed: 1, timedOut: 0, aborted: 2 });
    assert.deepEqual(outlineOf(execution).slice(3), [
      'MapRunStarted<3',
      'MapRunFailed<4',
      'MapStateFailed<5',
      'ExecutionFailed<6',
    ]);
  });

  const tolerances: [string, Fields, Fields, number, string][] = [
    ['as many failures as ToleratedFailureCount', { ToleratedFailureCount: 2 }, {}, 2, 'SUCCEEDED'],
    ['no more failures than ToleratedFailureCount', { ToleratedFailureCount: 2 }, {}, 3, 'FAILED'],
    ['the share of failures in ToleratedFailurePercentage', { ToleratedFailurePercentage: 30 }, {}, 3, 'SUCCEEDED'],
    ['no more than ToleratedFailurePercentage', { ToleratedFailurePercentage: 30 }, {}, 4, 'FAILED'],
    ['the count that a path names', { ToleratedFailureCountPath: '$.t' }, { t: 1 }, 2, 'FAILED'],
    ['the percentage that a path names', { ToleratedFailurePercentagePath: '$.t' }, { t: 20 }, 2, 'SUCCEEDED'],
    ['what both allow', { ToleratedFailureCount: 1, ToleratedFailurePercentage: 100 }, {}, 2, 'FAILED'],
  ];
  for (const [title, fields, input, failures, status] of tolerances) {
    it(`tolerate ${title}`, async () => {
      const items = Array.from({ length: 10 }, (_, index) => (index < failures ? -1 : 1));
      const { execution } = await runMachine(distributed({ T: task('work') }, fields), {
        ...working([]),
        input: { items, ...input },
      });
      assert.equal(execution.status, status);
    });
  }

  it('may be caught', async () => {
    const { execution } = await runMachine(
      distributed({ T: task('work') }, { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Done', ResultPath: '$.e' }] }),
      working([-1]),
    );
    const output = execution.output?.value as { e: { Error: string } } | undefined;
    assert.equal(output?.e.Error, 'States.ExceedToleratedFailureThreshold');
  });

  it('start a new Map Run when they are retried', async () => {
    const { stepFunctions, execution } = await runMachine(
      distributed({ T: task('work') }, { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] }),
      working([-1]),
    );
    assert.equal(stepFunctions.mapRunsOf(execution).length, 2);
  });

  it('end with their execution when it is stopped: no child goes on', async () => {
    const world = createWorld(
      distributed({ W: { Type: 'Wait', Seconds: 100, Next: 'T' }, T: task('work') }),
      working([]),
    );
    const execution = start(world, { items: [1, 2] });
    await world.clock.advance(10);
    world.stepFunctions.stop(execution, { error: 'Stopped', cause: 'by hand' });
    await world.clock.advance(500);
    const [run] = world.stepFunctions.mapRunsOf(execution);
    assert.deepEqual([execution.status, execution.error, run?.status], ['ABORTED', 'Stopped', 'ABORTED']);
    assert.deepEqual(run?.counts, { pending: 0, running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 2 });
    assert.deepEqual(
      run?.children.map((child) => outlineOf(child).at(-1)),
      ['ExecutionAborted<0', 'ExecutionAborted<0'],
    );
    assert.equal(world.calls.length, 0);
    assert.deepEqual(outlineOf(execution).slice(4), ['MapRunAborted<4', 'MapStateAborted<5', 'ExecutionAborted<0']);
  });

  it('leave all that is known of a child at its place when its failure is tolerated', async () => {
    const { execution, run } = await runOf(
      distributed({ T: task('work') }, { ToleratedFailureCount: 1 }),
      working([1, -2]),
    );
    const [, failed] = run.children;
    assert.equal(JSON.parse(failed?.cause ?? '').errorMessage, 'Broken happened');
    assert.deepEqual(execution.output?.value, [
      1,
      {
        Cause: failed?.cause,
        Error: 'Broken',
        ExecutionArn: failed?.arn,
        Input: '-2',
        InputDetails: { Included: true },
        Name: failed?.name,
        StartDate: '2026-01-01T00:00:00.000Z',
        StateMachineArn: failed?.stateMachineArn,
        Status: 'FAILED',
        StopDate: '2026-01-01T00:00:02.000Z',
      },
    ]);
  });

  it('go on when somebody stops a child: only failures and timeouts count', async () => {
    const world = createWorld(distributed({ W: { Type: 'Wait', Seconds: 100, End: true } }), {});
    const execution = start(world, { items: [1, 2] });
    const [run] = world.stepFunctions.mapRunsOf(execution);
    const [child] = run?.children ?? [];
    assert.ok(child);
    world.stepFunctions.stop(child, {});
    await world.clock.advance(100);
    assert.deepEqual([execution.status, run?.counts.aborted, run?.counts.succeeded], ['SUCCEEDED', 1, 1]);
  });

  it('do not let a child see the item by the context object, as AWS does not', async () => {
    const { execution } = await runMachine(
      distributed({ P: { Type: 'Pass', InputPath: '$$.Map.Item.Value', End: true } }),
      { input: { items: [1] } },
    );
    assert.equal(execution.status, 'FAILED');
  });
});

describe('determinism', () => {
  const machine = distributed(
    {
      T: task('work', { Retry: [{ ErrorEquals: ['Broken'], JitterStrategy: 'FULL', MaxAttempts: 5 }], Next: 'P' }),
      P: { Type: 'Pass', Parameters: { 'id.$': 'States.UUID()' }, End: true },
    },
    { MaxConcurrency: 7, ToleratedFailurePercentage: 100 },
  );
  const historiesOf = async (seed: number) => {
    const items = Array.from({ length: 60 }, (_, index) => (index % 5 === 0 ? -1 : (index % 7) + 1));
    const { execution, stepFunctions } = await runMachine(machine, { ...working(items), seed });
    const children = stepFunctions.mapRunsOf(execution)[0]?.children ?? [];
    return JSON.stringify([execution, ...children].map(eventsOf));
  };

  it('gives byte-identical histories for the same seed and input', async () => {
    assert.equal(await historiesOf(11), await historiesOf(11));
  });
  it('gives other ids and delays for another seed', async () => {
    assert.notEqual(await historiesOf(11), await historiesOf(12));
  });
});
