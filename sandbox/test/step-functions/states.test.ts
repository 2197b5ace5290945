import assert from 'node:assert/strict';
import type { Json } from '../../step-functions/expressions/json.ts';
import { durationOf, eventsOf, named, outlineOf, outputOf, runMachine, STARTED_AT, task } from './run-machine.ts';

const pass = (fields: Record<string, unknown>) => ({ P: { Type: 'Pass', ...fields, End: true } });
const wait = (fields: Record<string, unknown>) => ({ W: { Type: 'Wait', ...fields, End: true } });
const machine = (states: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  StartAt: Object.keys(states)[0],
  States: states,
  ...more,
});

describe('Pass states', () => {
  const input: Json = { a: { b: 1 }, c: 2 };
  const cases: [string, Record<string, unknown>, unknown][] = [
    ['hand their input on', {}, input],
    ['give their Result', { Result: { x: 1 } }, { x: 1 }],
    ['give a Result that is null', { Result: null }, null],
    ['give a Result that is false', { Result: false }, false],
    ['take the part that InputPath names', { InputPath: '$.a' }, { b: 1 }],
    ['take an empty object when InputPath is null', { InputPath: null }, {}],
    ['may take the context object', { InputPath: '$$.Execution.Name' }, 'run'],
    ['give what Parameters makes of the input', { Parameters: { 'x.$': '$.a.b', y: 3 } }, { x: 1, y: 3 }],
    ['apply Parameters to what InputPath took', { InputPath: '$.a', Parameters: { 'x.$': '$.b' } }, { x: 1 }],
    ['put their result where ResultPath says', { Result: 9, ResultPath: '$.a.z' }, { a: { b: 1, z: 9 }, c: 2 }],
    ['create objects on the way of ResultPath', { Result: 9, ResultPath: '$.d.e' }, { ...input, d: { e: 9 } }],
    ['drop their result when ResultPath is null', { Result: 9, ResultPath: null }, input],
    ['replace everything when ResultPath is $', { Result: 9, ResultPath: '$' }, 9],
    ['give the part that OutputPath names', { OutputPath: '$.a.b' }, 1],
    ['give an empty object when OutputPath is null', { OutputPath: null }, {}],
    [
      'place the result in the raw input, whatever InputPath took',
      { InputPath: '$.a', ResultPath: '$.r' },
      { ...input, r: { b: 1 } },
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(title, async () => {
      assert.deepEqual(await outputOf(pass(fields), { input }), expected);
    });
  }

  const failures: [string, Record<string, unknown>, string, string][] = [
    [
      'fail when InputPath names nothing',
      { InputPath: '$.x' },
      'States.Runtime',
      "An error occurred while executing the state 'P' (entered at the event id #2). Invalid path '$.x': No results for path: $.x",
    ],
    [
      'fail when Parameters name nothing',
      { Parameters: { 'x.$': '$.x' } },
      'States.ParameterPathFailure',
      "An error occurred while executing the state 'P' (entered at the event id #2). The JSONPath '$.x' specified for the field 'x.$' could not be found in the input '{\"a\":{\"b\":1},\"c\":2}'",
    ],
    [
      'fail when ResultPath leads through a number',
      { ResultPath: '$.c.d' },
      'States.ResultPathMatchFailure',
      'An error occurred while executing the state \'P\' (entered at the event id #2). Unable to apply step "d" to input 2',
    ],
  ];
  for (const [title, fields, error, cause] of failures) {
    it(title, async () => {
      const { execution } = await runMachine(machine(pass(fields)), { input });
      assert.deepEqual([execution.status, execution.error, execution.cause], ['FAILED', error, cause]);
    });
  }

  it('see the context object', async () => {
    const output = await outputOf(pass({ InputPath: '$$' }), { input });
    assert.deepEqual(output, {
      Execution: {
        Id: 'arn:aws:states:eu-west-1:111122223333:execution:machine:run',
        Input: input,
        Name: 'run',
        RoleArn: 'arn:aws:iam::111122223333:role/machine-role',
        StartTime: '2026-01-01T00:00:00.000Z',
        RedriveCount: 0,
      },
      StateMachine: { Id: 'arn:aws:states:eu-west-1:111122223333:stateMachine:machine', Name: 'machine' },
      State: { Name: 'P', EnteredTime: '2026-01-01T00:00:00.000Z' },
    });
  });
});

describe('Wait states', () => {
  const input: Json = { seconds: 7.5, until: '2026-01-01T01:00:00+00:30', past: '2025-01-01T00:00:00Z' };
  const cases: [string, Record<string, unknown>, number][] = [
    ['wait for Seconds', { Seconds: 60 }, 60],
    ['wait for no time when Seconds is 0', { Seconds: 0 }, 0],
    ['wait as long as a path says', { SecondsPath: '$.seconds' }, 7.5],
    ['wait until a timestamp', { Timestamp: '2026-01-01T00:02:00Z' }, 120],
    ['wait until the timestamp that a path names', { TimestampPath: '$.until' }, 1800],
    ['wait no longer when the timestamp is past', { TimestampPath: '$.past' }, 0],
  ];
  for (const [title, fields, seconds] of cases) {
    it(title, async () => {
      const { execution } = await runMachine(machine(wait(fields)), { input });
      assert.deepEqual([execution.status, durationOf(execution)], ['SUCCEEDED', seconds]);
    });
  }

  it('fail when a path names no timestamp', async () => {
    const { execution } = await runMachine(machine(wait({ TimestampPath: '$.when' })), {
      input: { when: '2026-01-01' },
    });
    assert.equal(execution.error, 'States.Runtime');
    assert.match(
      String(execution.cause),
      /The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: \$\.when == 2026-01-01$/,
    );
  });
});

describe('Choice states', () => {
  const choice = (more: Record<string, unknown> = {}) => ({
    C: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericLessThan: 5, Next: 'Low' }], ...more },
    Low: { Type: 'Pass', Result: 'low', End: true },
  });
  const high = { High: { Type: 'Pass', Result: 'high', End: true } };

  it('go to the first rule that holds', async () => {
    assert.equal(await outputOf(choice(), { input: { n: 1 } }), 'low');
  });
  it('go to Default when no rule holds', async () => {
    assert.equal(await outputOf({ ...choice({ Default: 'High' }), ...high }, { input: { n: 9 } }), 'high');
  });
  it('fail with States.NoChoiceMatched when there is no Default', async () => {
    const { execution } = await runMachine(machine(choice()), { input: { n: 9 } });
    assert.equal(execution.error, 'States.NoChoiceMatched');
  });
});

describe('Fail states', () => {
  const cases: [string, Record<string, unknown>, string | undefined, string | undefined][] = [
    ['give their error and cause', { Error: 'Refused', Cause: 'because' }, 'Refused', 'because'],
    ['may give neither', {}, undefined, undefined],
    ['read both from the input', { ErrorPath: '$.e', CausePath: '$.c' }, 'FromInput', 'why'],
    ['may make the cause of several values', { Error: 'E', CausePath: "States.Format('{}!', $.c)" }, 'E', 'why!'],
  ];
  for (const [title, fields, error, cause] of cases) {
    it(title, async () => {
      const { execution } = await runMachine(machine({ F: { Type: 'Fail', ...fields } }), {
        input: { e: 'FromInput', c: 'why' },
      });
      assert.deepEqual([execution.status, execution.error, execution.cause], ['FAILED', error, cause]);
    });
  }
});

describe('Task states', () => {
  it('call their function with the effective input and give its answer', async () => {
    const { execution, calls } = await runMachine(
      machine({
        T: task('addOne', {
          InputPath: '$.in',
          Parameters: { 'n.$': '$.n' },
          ResultSelector: { 'value.$': '$.answer' },
          ResultPath: '$.out',
        }),
      }),
      { input: { in: { n: 1 } }, functions: { addOne: ({ n }: { n: number }) => ({ answer: n + 1, more: true }) } },
    );
    assert.deepEqual(calls, [{ functionKey: 'addOne', payload: { n: 1 }, atSeconds: 0 }]);
    assert.deepEqual(execution.output?.value, { in: { n: 1 }, out: { value: 2 } });
  });

  it('give null when the function returns nothing', async () => {
    assert.equal(await outputOf({ T: task('nothing') }, { functions: { nothing: () => undefined } }), null);
  });

  it('hand the function a copy, so that it cannot change the state', async () => {
    const spoil = (payload: { a: number }) => {
      payload.a = 9;
    };
    assert.deepEqual(
      await outputOf({ T: task('spoil', { ResultPath: null }) }, { input: { a: 1 }, functions: { spoil } }),
      { a: 1 },
    );
  });

  it('fail with the name of what the function threw, and the cause that Lambda writes', async () => {
    const { execution } = await runMachine(machine({ T: task('break') }), {
      functions: {
        break: () => {
          throw named('PodEvictionFailure', 'held by budget web');
        },
      },
    });
    assert.equal(execution.error, 'PodEvictionFailure');
    const { trace, ...rest } = JSON.parse(String(execution.cause));
    assert.deepEqual(rest, { errorType: 'PodEvictionFailure', errorMessage: 'held by budget web' });
    assert.equal(trace[0], 'PodEvictionFailure: held by budget web');
  });

  it('accept the ARN of a function as their resource', async () => {
    const Resource = 'arn:aws:lambda:eu-west-1:111122223333:function:eks-nodegroup-upgrade-dev-planUpgrade';
    const { calls, execution } = await runMachine(machine({ T: { Type: 'Task', Resource, End: true } }), {
      functions: { planUpgrade: () => 'planned' },
    });
    assert.equal(calls[0]?.functionKey, 'planUpgrade');
    assert.equal(execution.output?.value, 'planned');
  });

  it('time out, and ignore what the function says later', async () => {
    const slow = async (_: never, clock: { sleep(seconds: number): Promise<void> }) => {
      await clock.sleep(100);
      return 'late';
    };
    const { execution, clock } = await runMachine(machine({ T: task('slow', { TimeoutSeconds: 30 }) }), {
      functions: { slow },
    });
    await clock.advance(200);
    assert.deepEqual([execution.error, execution.cause, durationOf(execution)], ['States.Timeout', undefined, 30]);
    assert.deepEqual(outlineOf(execution), [
      'ExecutionStarted<0',
      'TaskStateEntered<0',
      'LambdaFunctionScheduled<2',
      'LambdaFunctionStarted<3',
      'LambdaFunctionTimedOut<4',
      'ExecutionFailed<5',
    ]);
  });

  it('take their timeout from a path', async () => {
    const slow = (_: never, clock: { sleep(seconds: number): Promise<void> }) => clock.sleep(100);
    const { execution } = await runMachine(machine({ T: task('slow', { TimeoutSecondsPath: '$.limit' }) }), {
      input: { limit: 12 },
      functions: { slow },
    });
    assert.deepEqual([execution.error, durationOf(execution)], ['States.Timeout', 12]);
  });
});

describe('a machine with TimeoutSeconds', () => {
  it('ends TIMED_OUT', async () => {
    const { execution } = await runMachine(machine(wait({ Seconds: 100 }), { TimeoutSeconds: 40 }));
    assert.deepEqual([execution.status, durationOf(execution), execution.error], ['TIMED_OUT', 40, undefined]);
    assert.equal(eventsOf(execution).at(-1)?.type, 'ExecutionTimedOut');
  });
});

describe('limits', () => {
  const big = 'x'.repeat(262_144);

  it('a state whose output is over 256 KiB fails', async () => {
    const { execution } = await runMachine(machine(pass({ Parameters: { 'a.$': '$.half', 'b.$': '$.half' } })), {
      input: { half: big.slice(0, 140_000) },
    });
    assert.equal(execution.error, 'States.DataLimitExceeded');
    assert.equal(
      execution.cause,
      "The state/task 'P' returned a result with a size exceeding the maximum number of bytes service limit.",
    );
  });

  it('bytes of UTF-8 count, not characters', async () => {
    const { execution } = await runMachine(machine(pass({ Parameters: { 'a.$': "States.Format('{}{}', $, $)" } })), {
      input: 'é'.repeat(70_000),
    });
    assert.equal(execution.error, 'States.DataLimitExceeded');
  });

  it('a function that answers with more than 256 KiB fails its Task, which States.ALL does not catch', async () => {
    const states = {
      T: task('much', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
      Caught: { Type: 'Succeed' },
    };
    const { execution } = await runMachine(machine(states), { functions: { much: () => big } });
    assert.equal(execution.error, 'States.DataLimitExceeded');
    assert.match(String(execution.cause), /^The state\/task 'arn:aws:lambda:.*-much' returned a result with a size/);
  });

  it('a Catch that names States.DataLimitExceeded catches it', async () => {
    const states = {
      T: task('much', { Catch: [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'Caught' }] }),
      Caught: { Type: 'Pass', Result: 'caught', End: true },
    };
    assert.equal(await outputOf(states, { functions: { much: () => big } }), 'caught');
  });

  it('a history ends with its 25,000th event, which fails the execution', async () => {
    const loop = {
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$.never', IsPresent: true, Next: 'End' }], Default: 'A' },
      End: { Type: 'Succeed' },
    };
    const { execution } = await runMachine(machine(loop));
    assert.equal(execution.history.length, 25_000);
    assert.deepEqual(
      [execution.error, execution.cause],
      ['States.Runtime', 'The execution reached the maximum number of history events (25000).'],
    );
    assert.equal(eventsOf(execution).at(-1)?.type, 'ExecutionFailed');
  });
});

describe('history', () => {
  it('is what AWS records for a small machine', async () => {
    const { execution } = await runMachine(
      machine({
        Ask: task('ask', { Next: 'IsEnough', TimeoutSeconds: 60, ResultPath: '$.n' }),
        IsEnough: {
          Type: 'Choice',
          Choices: [{ Variable: '$.n', NumericGreaterThan: 0, Next: 'Rest' }],
          Default: 'Refused',
        },
        Rest: { Type: 'Wait', Seconds: 60, Next: 'Done' },
        Done: { Type: 'Succeed' },
        Refused: { Type: 'Fail' },
      }),
      { input: { id: 'i-1' }, functions: { ask: () => 1 } },
    );
    const start = { timestamp: new Date(STARTED_AT) };
    const end = { timestamp: new Date(STARTED_AT + 60_000) };
    const whole = { truncated: false };
    const before = '{"id":"i-1"}';
    const after = '{"id":"i-1","n":1}';
    const entered = (name: string, input: string) => ({
      stateEnteredEventDetails: { name, input, inputDetails: whole },
    });
    const exited = (name: string) => ({ stateExitedEventDetails: { name, output: after, outputDetails: whole } });
    assert.deepEqual(eventsOf(execution), [
      {
        ...start,
        type: 'ExecutionStarted',
        id: 1,
        previousEventId: 0,
        executionStartedEventDetails: {
          input: before,
          inputDetails: whole,
          roleArn: 'arn:aws:iam::111122223333:role/machine-role',
        },
      },
      { ...start, type: 'TaskStateEntered', id: 2, previousEventId: 0, ...entered('Ask', before) },
      {
        ...start,
        type: 'LambdaFunctionScheduled',
        id: 3,
        previousEventId: 2,
        lambdaFunctionScheduledEventDetails: {
          input: before,
          inputDetails: whole,
          resource: 'arn:aws:lambda:eu-west-1:111122223333:function:eks-nodegroup-upgrade-dev-ask',
          timeoutInSeconds: 60,
        },
      },
      { ...start, type: 'LambdaFunctionStarted', id: 4, previousEventId: 3 },
      {
        ...start,
        type: 'LambdaFunctionSucceeded',
        id: 5,
        previousEventId: 4,
        lambdaFunctionSucceededEventDetails: { output: '1', outputDetails: whole },
      },
      { ...start, type: 'TaskStateExited', id: 6, previousEventId: 5, ...exited('Ask') },
      { ...start, type: 'ChoiceStateEntered', id: 7, previousEventId: 6, ...entered('IsEnough', after) },
      { ...start, type: 'ChoiceStateExited', id: 8, previousEventId: 7, ...exited('IsEnough') },
      { ...start, type: 'WaitStateEntered', id: 9, previousEventId: 8, ...entered('Rest', after) },
      { ...end, type: 'WaitStateExited', id: 10, previousEventId: 9, ...exited('Rest') },
      { ...end, type: 'SucceedStateEntered', id: 11, previousEventId: 10, ...entered('Done', after) },
      { ...end, type: 'SucceedStateExited', id: 12, previousEventId: 11, ...exited('Done') },
      {
        ...end,
        type: 'ExecutionSucceeded',
        id: 13,
        previousEventId: 12,
        executionSucceededEventDetails: { output: after, outputDetails: whole },
      },
    ]);
  });
});
