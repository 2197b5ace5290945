import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { eventsOf, named, task } from '../step-functions/run-machine.ts';
import { asksTwice, createFunctionWorld } from './function-world.ts';

type Faults = NonNullable<NonNullable<Parameters<typeof createFunctionWorld>[0]>['scenario']>['faults'];

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

/** Run the machine `work-machine` once, with a function that sends two requests. */
async function runOnce(faults: Faults, state: Record<string, unknown> = {}) {
  const answered: string[] = [];
  const world = createFunctionWorld({
    scenario: { faults },
    functions: { work: asksTwice(answered) },
    definitions: [{ name: 'work-machine', definition: { StartAt: 'Work', States: { Work: task('work', state) } } }],
  });
  const execution = world.start();
  await world.clock.runUntil(() => execution.status !== 'RUNNING', 3600);
  const endedAfter = world.elapsed();
  await world.clock.advance(3600);
  return { ...world, execution, answered, endedAfter };
}

describe('functionTimesOut', () => {
  it('ends a call as Sandbox.Timedout after the timeout of the function', async () => {
    const { execution, endedAfter } = await runOnce([{ kind: 'functionTimesOut', function: 'work', afterSeconds: 45 }]);
    assert.deepEqual([execution.error, endedAfter], ['Sandbox.Timedout', 45]);
    const { errorType, errorMessage } = JSON.parse(execution.cause ?? '');
    assert.equal(errorType, 'Sandbox.Timedout');
    assert.match(errorMessage, new RegExp(`^RequestId: ${UUID} Error: Task timed out after 45.00 seconds$`));
  });

  const requests: [number, string[]][] = [
    [0, []],
    [1, ['first']],
    [9, ['first', 'second']],
  ];
  for (const [afterRequests, expected] of requests)
    it(`lets ${expected.length} requests of the function take effect after ${afterRequests} requests`, async () => {
      const { execution, answered } = await runOnce([{ kind: 'functionTimesOut', function: 'work', afterRequests }]);
      assert.equal(execution.error, 'Sandbox.Timedout');
      assert.deepEqual(answered, expected);
    });

  it('can be retried by its name', async () => {
    const retriers = { Retry: [{ ErrorEquals: ['Sandbox.Timedout'], IntervalSeconds: 1 }] };
    const { execution, calls } = await runOnce([{ kind: 'functionTimesOut', function: 'work' }], retriers);
    assert.equal(execution.status, 'SUCCEEDED');
    assert.deepEqual(
      calls.map(({ atSeconds }) => atSeconds),
      [0, 61],
    );
  });
});

describe('functionCrashes', () => {
  it('ends a call at once as Runtime.ExitError, and sends nothing more', async () => {
    const { execution, answered, endedAfter } = await runOnce([
      { kind: 'functionCrashes', function: 'work', afterRequests: 1 },
    ]);
    assert.deepEqual([execution.error, endedAfter, answered], ['Runtime.ExitError', 0, ['first']]);
    const { errorType, errorMessage } = JSON.parse(execution.cause ?? '');
    assert.equal(errorType, 'Runtime.ExitError');
    assert.match(errorMessage, new RegExp(`^RequestId: ${UUID} Error: Runtime exited with error: signal: killed$`));
  });

  it('concerns as many calls as it says, from the one it says', async () => {
    const world = createFunctionWorld({
      scenario: { faults: [{ kind: 'functionCrashes', function: 'work', fromSeconds: 10, fromCall: 2, times: 2 }] },
      functions: { work: () => 'done' },
    });
    const statuses: string[] = [];
    for (const name of ['early', 'one', 'two', 'three', 'four']) {
      const execution = world.start(name);
      await world.clock.advance(10);
      statuses.push(`${name} ${execution.error ?? execution.status}`);
    }
    assert.deepEqual(statuses, [
      'early SUCCEEDED',
      'one SUCCEEDED',
      'two Runtime.ExitError',
      'three Runtime.ExitError',
      'four SUCCEEDED',
    ]);
  });
});

describe('functionFreezes', () => {
  it('delays the requests of a call, which is answered all the same', async () => {
    const { execution, endedAfter, answered } = await runOnce([
      { kind: 'functionFreezes', function: 'work', afterRequests: 1, forSeconds: 30 },
    ]);
    assert.deepEqual([execution.status, endedAfter, answered], ['SUCCEEDED', 30, ['first', 'second']]);
  });

  it('lets requests take effect after the timeout of the state', async () => {
    const { execution, endedAfter, answered } = await runOnce(
      [{ kind: 'functionFreezes', function: 'work', afterRequests: 1, forSeconds: 90 }],
      { TimeoutSeconds: 60 },
    );
    assert.deepEqual([execution.error, endedAfter], ['States.Timeout', 60]);
    assert.deepEqual(answered, ['first', 'second']);
  });

  it('lets requests take effect after StopExecution', async () => {
    const answered: string[] = [];
    const world = createFunctionWorld({
      scenario: { faults: [{ kind: 'functionFreezes', function: 'work', forSeconds: 90 }] },
      functions: { work: asksTwice(answered) },
    });
    const execution = world.start();
    await world.clock.advance(10);
    world.sandbox.stepFunctions.stop(execution, {});
    await world.clock.advance(70);
    assert.deepEqual([execution.status, answered], ['ABORTED', []]);
    await world.clock.advance(20);
    assert.deepEqual([execution.status, answered], ['ABORTED', ['first', 'second']]);
    assert.equal(eventsOf(execution).at(-1)?.type, 'ExecutionAborted');
  });
});

describe('functionAsleep', () => {
  const retriers = {
    Retry: [
      { ErrorEquals: ['Lambda.ResourceNotReadyException'], IntervalSeconds: 15, BackoffRate: 1, MaxAttempts: 12 },
    ],
  };

  it('fails the first call and those until the function is awake, and no other', async () => {
    const { execution, calls, endedAfter } = await runOnce(
      [{ kind: 'functionAsleep', wakesAfterSeconds: 40 }],
      retriers,
    );
    assert.equal(execution.status, 'SUCCEEDED');
    assert.deepEqual([calls.length, endedAfter], [1, 45]);
  });

  const reasons = [
    [
      'Lambda.ResourceNotReadyException',
      /^The function is inactive .* \(Service: Lambda, Status Code: 502, Request ID: /,
    ],
    ['Lambda.ENINotReadyException', /not ready/],
    [
      'Lambda.ResourceConflictException',
      /currently in the following state: Pending \(Service: Lambda, Status Code: 409/,
    ],
    ['Lambda.EC2ThrottledException', /throttled/],
  ] as const;
  for (const [error, sentence] of reasons)
    it(`can say ${error}`, async () => {
      const { execution } = await runOnce([{ kind: 'functionAsleep', function: 'work', error }]);
      assert.equal(execution.error, error);
      assert.match(execution.cause ?? '', sentence);
    });
});

describe('a fault of a function', () => {
  it('is refused when no state machine and no rule calls that function', () => {
    assert.throws(
      () => createFunctionWorld({ scenario: { faults: [{ kind: 'functionCrashes', function: 'wrok' }] } }),
      /fault functionCrashes: nothing calls a function wrok, only work/,
    );
  });
});

describe('the cause of an error that a function throws', () => {
  const causeOf = async (thrown: unknown): Promise<string> => {
    const world = createFunctionWorld({
      functions: {
        work: () => {
          throw thrown;
        },
      },
    });
    const execution = world.start();
    await world.clock.runUntil(() => execution.status !== 'RUNNING', 60);
    return execution.cause ?? '';
  };

  it('#49 has a trace as long as that of a bundled function, without a file of this machine', async () => {
    const error = named('ServiceUnavailable', 'the API server does not answer');
    error.stack = `${error.stack?.split('\n')[0]}\n${'    at somewhere (/elsewhere/file.ts:1:1)\n'.repeat(10)}`;
    const cause = await causeOf(error);
    const { errorType, errorMessage, trace } = JSON.parse(cause);
    assert.deepEqual([errorType, errorMessage], ['ServiceUnavailable', 'the API server does not answer']);
    assert.equal(trace.length, 11);
    assert.equal(trace[0], 'ServiceUnavailable: the API server does not answer');
    assert.ok(cause.length > 800 && cause.length < 1400, `${cause.length} characters`);
    assert.doesNotMatch(cause, /elsewhere/);
  });

  it('has no frames when the program has cut them off', async () => {
    const error = named('ServiceUnavailable', 'no answer');
    error.stack = 'ServiceUnavailable: no answer';
    assert.deepEqual(JSON.parse(await causeOf(error)).trace, ['ServiceUnavailable: no answer']);
  });
});
