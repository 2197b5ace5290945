import assert from 'node:assert/strict';
import { eventsOf, named, outlineOf, runMachine, task } from './run-machine.ts';

/** A function that throws these errors, one a call, and then succeeds. */
const failing = (...errors: readonly string[]) => {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error !== undefined) throw named(error);
    return 'ok';
  };
};
const always = (error: string) => () => {
  throw named(error);
};
const machine = (fields: Record<string, unknown>) => ({
  StartAt: 'T',
  States: {
    T: task('work', { ...fields, Next: 'Done' }),
    Done: { Type: 'Succeed' },
    ...(fields.Catch === undefined ? {} : { Caught: { Type: 'Succeed' } }),
  },
});

describe('Retry', () => {
  const timings: [string, Record<string, unknown>[], string[], number[]][] = [
    [
      'again three times, 1 s apart and doubling, by default',
      [{ ErrorEquals: ['A'] }],
      ['A', 'A', 'A', 'A'],
      [0, 1, 3, 7],
    ],
    [
      'again at the interval and rate that are given',
      [{ ErrorEquals: ['A'], IntervalSeconds: 10, BackoffRate: 1.5 }],
      ['A', 'A', 'A', 'A'],
      [0, 10, 25, 47.5],
    ],
    [
      'again with delays no longer than MaxDelaySeconds',
      [{ ErrorEquals: ['A'], IntervalSeconds: 10, MaxDelaySeconds: 15, MaxAttempts: 4 }],
      ['A', 'A', 'A', 'A', 'A'],
      [0, 10, 25, 40, 55],
    ],
    [
      'once when MaxAttempts is 0',
      [{ ErrorEquals: ['A'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }],
      ['A'],
      [0],
    ],
    ['once when nobody names the error', [{ ErrorEquals: ['A'] }], ['B'], [0]],
    [
      'again with a count for each retrier',
      [
        { ErrorEquals: ['A'], MaxAttempts: 1, IntervalSeconds: 1 },
        { ErrorEquals: ['B'], MaxAttempts: 1, IntervalSeconds: 5 },
      ],
      ['A', 'B', 'A'],
      [0, 1, 6],
    ],
    [
      'again for every error by States.ALL',
      [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
      ['Anything', 'A'],
      [0, 1],
    ],
    [
      'again for errors of the function by States.TaskFailed',
      [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 1 }],
      ['X', 'X'],
      [0, 1],
    ],
    ['again until it succeeds', [{ ErrorEquals: ['A'] }], ['A', 'A'], [0, 1, 3]],
  ];
  for (const [title, retriers, errors, expected] of timings) {
    it(`tries ${title}`, async () => {
      const { calls } = await runMachine(machine({ Retry: retriers }), { functions: { work: failing(...errors) } });
      assert.deepEqual(
        calls.map(({ atSeconds }) => atSeconds),
        expected,
      );
    });
  }

  it('counts anew when the state is entered again', async () => {
    const loop = {
      StartAt: 'T',
      States: {
        T: task('work', { Retry: [{ ErrorEquals: ['A'], MaxAttempts: 1 }], Next: 'Again' }),
        Again: { Type: 'Choice', Choices: [{ Variable: '$', StringEquals: 'end', Next: 'Done' }], Default: 'T' },
        Done: { Type: 'Succeed' },
      },
    };
    const answers = ['A', 'again', 'A', 'end'];
    const work = () => {
      const answer = answers.shift();
      if (answer === 'A') throw named('A');
      return answer;
    };
    const { execution } = await runMachine(loop, { functions: { work } });
    assert.equal(execution.status, 'SUCCEEDED');
  });

  it('does not cover a timeout by States.TaskFailed', async () => {
    const work = (_: never, clock: { sleep(seconds: number): Promise<void> }) => clock.sleep(100);
    const { calls, execution } = await runMachine(
      machine({ TimeoutSeconds: 10, Retry: [{ ErrorEquals: ['States.TaskFailed'] }] }),
      { functions: { work } },
    );
    assert.deepEqual([calls.length, execution.error], [1, 'States.Timeout']);
  });

  it('gives each attempt its own timeout', async () => {
    const work = (_: never, clock: { sleep(seconds: number): Promise<void> }) => clock.sleep(100);
    const { calls } = await runMachine(
      machine({ TimeoutSeconds: 10, Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 2, BackoffRate: 1 }] }),
      { functions: { work } },
    );
    assert.deepEqual(
      calls.map(({ atSeconds }) => atSeconds),
      [0, 11, 22],
    );
  });

  it('draws a full jitter between 0 and the delay from the seed', async () => {
    const jittered = machine({
      Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 100, BackoffRate: 1, MaxAttempts: 9, JitterStrategy: 'FULL' }],
    });
    const delays = async (seed: number) => {
      const { calls } = await runMachine(jittered, { seed, functions: { work: always('A') } });
      return calls.slice(1).map(({ atSeconds }, index) => atSeconds - (calls[index]?.atSeconds ?? 0));
    };
    const drawn = await delays(3);
    assert.ok(drawn.every((delay) => delay >= 0 && delay < 100));
    assert.ok(new Set(drawn).size > 5);
    assert.deepEqual(await delays(3), drawn);
    assert.notDeepEqual(await delays(4), drawn);
  });

  it('shows the attempts in the history, and their number in the context object', async () => {
    const { execution, calls } = await runMachine(
      machine({ Parameters: { 'n.$': '$$.State.RetryCount' }, Retry: [{ ErrorEquals: ['A'] }] }),
      { functions: { work: failing('A') } },
    );
    assert.deepEqual(
      calls.map(({ payload }) => payload),
      [{ n: 0 }, { n: 1 }],
    );
    assert.deepEqual(outlineOf(execution).slice(1, 9), [
      'TaskStateEntered<0',
      'LambdaFunctionScheduled<2',
      'LambdaFunctionStarted<3',
      'LambdaFunctionFailed<4',
      'LambdaFunctionScheduled<5',
      'LambdaFunctionStarted<6',
      'LambdaFunctionSucceeded<7',
      'TaskStateExited<8',
    ]);
  });
});

describe('Catch', () => {
  const catching = (errorEquals: string[], more: Record<string, unknown> = {}) =>
    machine({ Catch: [{ ErrorEquals: errorEquals, Next: 'Caught', ...more }] });
  const lastState = (events: ReturnType<typeof eventsOf>) => {
    const entered = events.findLast(({ type }) => type.endsWith('StateEntered'));
    return (entered?.stateEnteredEventDetails as { name: string } | undefined)?.name;
  };

  const rules: [string, string[], string, boolean][] = [
    ['an error that it names', ['Other', 'A'], 'A', true],
    ['no error that it does not name', ['Other'], 'A', false],
    ['every error of a function with States.ALL', ['States.ALL'], 'A', true],
    ['every error of a function with States.TaskFailed', ['States.TaskFailed'], 'A', true],
    ['no States.Runtime, even by name', ['States.Runtime'], 'States.Runtime', false],
    ['no States.Runtime with States.ALL', ['States.ALL'], 'States.Runtime', false],
    ['no timeout with States.TaskFailed', ['States.TaskFailed'], 'States.Timeout', false],
  ];
  for (const [title, errorEquals, error, isCaught] of rules) {
    it(`takes ${title}`, async () => {
      const { execution } = await runMachine(catching(errorEquals), { functions: { work: always(error) } });
      assert.equal(execution.status, isCaught ? 'SUCCEEDED' : 'FAILED');
    });
  }

  it('hands on the error and the cause alone when it has no ResultPath', async () => {
    const { execution } = await runMachine(catching(['A']), { input: { a: 1 }, functions: { work: always('A') } });
    assert.deepEqual(Object.keys(execution.output?.value as object), ['Error', 'Cause']);
    assert.deepEqual(outlineOf(execution).slice(4, 7), [
      'LambdaFunctionFailed<4',
      'TaskStateExited<5',
      'SucceedStateEntered<6',
    ]);
  });

  it('puts error and cause into the raw input where ResultPath says', async () => {
    const { execution } = await runMachine(catching(['A'], { ResultPath: '$.failure' }), {
      input: { a: 1 },
      functions: { work: always('A') },
    });
    const output = execution.output?.value as { a: number; failure: { Error: string; Cause: string } };
    assert.deepEqual([output.a, output.failure.Error], [1, 'A']);
    assert.equal(JSON.parse(output.failure.Cause).errorMessage, 'A happened');
  });

  it('hands on the input alone when its ResultPath is null', async () => {
    const { execution } = await runMachine(catching(['A'], { ResultPath: null }), {
      input: { a: 1 },
      functions: { work: always('A') },
    });
    assert.deepEqual(execution.output?.value, { a: 1 });
  });

  it('is asked only when the retries are used up', async () => {
    const { execution, calls } = await runMachine(
      machine({
        Retry: [{ ErrorEquals: ['A'], MaxAttempts: 2 }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
      }),
      { functions: { work: always('A') } },
    );
    assert.deepEqual([calls.length, lastState(eventsOf(execution))], [3, 'Caught']);
  });

  it('takes a path of the Parameters that names nothing', async () => {
    const { execution } = await runMachine(
      machine({
        Parameters: { 'x.$': '$.missing' },
        Catch: [{ ErrorEquals: ['States.ParameterPathFailure'], Next: 'Caught' }],
      }),
    );
    assert.equal(lastState(eventsOf(execution)), 'Caught');
  });
});
