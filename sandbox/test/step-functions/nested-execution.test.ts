import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findFaults } from '../../step-functions/definition/check-definition.ts';
import type { Execution } from '../../step-functions/executions/execution.ts';
import type { HistoryEvent } from '../../step-functions/executions/history.ts';
import { createWorld, eventsOf, named, outlineOf, STARTED_AT, start, task } from './run-machine.ts';

const RESOURCE = 'arn:aws:states:::states:startExecution.sync:2';
const CHILD_ARN = 'arn:aws:states:eu-west-1:111122223333:stateMachine:child';
const RUN_ARN = 'arn:aws:states:eu-west-1:111122223333:execution:child:of-run';

const nested = (fields: object = {}) => ({
  Type: 'Task',
  Resource: RESOURCE,
  Parameters: {
    StateMachineArn: { Ref: 'Child' },
    'Name.$': "States.Format('of-{}', $$.Execution.Name)",
    Input: { n: 1 },
  },
  End: true,
  ...fields,
});
const one = (state: object, more: object = {}) => ({ StartAt: 'Nest', States: { Nest: state, ...more } });
/** Waits ten seconds, then does what `work` does with the input. */
const child = {
  StartAt: 'Wait',
  States: { Wait: { Type: 'Wait', Seconds: 10, Next: 'Work' }, Work: task('work', { ResultPath: '$.done' }) },
};

type Work = (payload: never) => unknown;

async function run(state: object, work: Work = () => 'yes', more: object = {}) {
  const world = createWorld(one(state, more), {
    functions: { work },
    others: [{ name: 'child', logicalId: 'Child', definition: child }],
  });
  const execution = start(world);
  await world.clock.runUntil(() => execution.status !== 'RUNNING', 86_400);
  return { ...world, execution, child: world.stepFunctions.findExecution(RUN_ARN) };
}

const outputOf = ({ output }: Execution) =>
  (output?.value ?? {}) as { error?: { Error: string }; ExecutionArn?: string };

const detailsOf = (events: readonly HistoryEvent[], type: string): Record<string, unknown> => {
  const event = events.find((each) => each.type === type);
  assert.ok(event, `there is no ${type}`);
  const member = `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
  return event[member] as Record<string, unknown>;
};

describe('Step Functions: an execution started by a Task that waits for it', () => {
  it('records the events that AWS records, each with the integration it is about', async () => {
    const { execution } = await run(nested());
    assert.deepEqual(outlineOf(execution), [
      'ExecutionStarted<0',
      'TaskStateEntered<0',
      'TaskScheduled<2',
      'TaskStarted<3',
      'TaskSubmitted<4',
      'TaskSucceeded<5',
      'TaskStateExited<6',
      'ExecutionSucceeded<7',
    ]);
    const events = eventsOf(execution);
    const { parameters, ...scheduled } = detailsOf(events, 'TaskScheduled');
    assert.deepEqual(scheduled, { resourceType: 'states', resource: 'startExecution.sync:2', region: 'eu-west-1' });
    assert.deepEqual(JSON.parse(String(parameters)), { StateMachineArn: CHILD_ARN, Name: 'of-run', Input: { n: 1 } });
    const { output, ...submitted } = detailsOf(events, 'TaskSubmitted');
    assert.deepEqual(submitted, {
      resourceType: 'states',
      resource: 'startExecution.sync:2',
      outputDetails: { truncated: false },
    });
    assert.equal(JSON.parse(String(output)).ExecutionArn, RUN_ARN);
  });

  it('gives what DescribeExecution says of the child, with input and output as JSON', async () => {
    const { execution } = await run(nested());
    assert.deepEqual(execution.output?.value, {
      ExecutionArn: RUN_ARN,
      Input: { n: 1 },
      InputDetails: { Included: true },
      Name: 'of-run',
      Output: { n: 1, done: 'yes' },
      OutputDetails: { Included: true },
      RedriveCount: 0,
      StartDate: STARTED_AT,
      StateMachineArn: CHILD_ARN,
      Status: 'SUCCEEDED',
      StopDate: STARTED_AT + 10_000,
    });
  });

  it('fails as States.TaskFailed, with the failed child as JSON in the cause', async () => {
    const { execution } = await run(nested(), () => {
      throw named('PodEvictionFailure', 'held');
    });
    assert.equal(execution.error, 'States.TaskFailed');
    const { Error: error, Cause: cause, Status: status, Input: input } = JSON.parse(execution.cause as string);
    assert.deepEqual({ error, status, input }, { error: 'PodEvictionFailure', status: 'FAILED', input: '{"n":1}' });
    assert.equal(JSON.parse(cause).errorMessage, 'held');
    assert.deepEqual(outlineOf(execution).slice(-2), ['TaskFailed<5', 'ExecutionFailed<6']);
  });

  it('catches the failure of a child', async () => {
    const { execution } = await run(
      nested({ Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'Caught', ResultPath: '$.error' }] }),
      () => {
        throw named('PodEvictionFailure');
      },
      { Caught: { Type: 'Succeed' } },
    );
    assert.equal(execution.status, 'SUCCEEDED');
    assert.equal(outputOf(execution).error?.Error, 'States.TaskFailed');
  });

  it('stops the child when the parent is stopped', async () => {
    const world = createWorld(one(nested()), {
      functions: { work: () => 'yes' },
      others: [{ name: 'child', logicalId: 'Child', definition: child }],
    });
    const execution = start(world);
    world.stepFunctions.stop(execution, { cause: 'enough' });
    assert.equal(world.stepFunctions.findExecution(RUN_ARN)?.status, 'ABORTED');
    assert.deepEqual(world.calls, []);
  });

  it('stops the child when the Task times out', async () => {
    const { execution, child: started } = await run(nested({ TimeoutSeconds: 4 }));
    assert.equal(execution.error, 'States.Timeout');
    assert.equal(started?.status, 'ABORTED');
    assert.deepEqual(outlineOf(execution).slice(-2), ['TaskTimedOut<5', 'ExecutionFailed<6']);
  });

  describe('of its own machine, which goes on in its place', () => {
    /** Runs as many executions of itself, each inside the other, as the input says; the last one waits a minute. */
    const chain = {
      StartAt: 'IsLast',
      States: {
        IsLast: {
          Type: 'Choice',
          Choices: [{ Variable: '$.left', NumericGreaterThan: 0, Next: 'GoOn' }],
          Default: 'WaitForEnd',
        },
        WaitForEnd: { Type: 'Wait', Seconds: 60, Next: 'Work' },
        Work: task('work'),
        GoOn: {
          Type: 'Task',
          Resource: RESOURCE,
          Parameters: {
            'StateMachineArn.$': '$$.StateMachine.Id',
            'Name.$': "States.Format('{}-next', $$.Execution.Name)",
            Input: { 'left.$': 'States.MathAdd($.left, -1)' },
          },
          OutputPath: '$.Output',
          End: true,
        },
      },
    };
    const startChain = (work: Work) => {
      const world = createWorld(chain, { functions: { work } });
      const execution = start(world, { left: 2 });
      const statuses = () =>
        (world.stepFunctions.machines[0] ? world.stepFunctions.executionsOf(world.stepFunctions.machines[0]) : []).map(
          ({ name, status }) => `${name} ${status}`,
        );
      return { ...world, execution, statuses };
    };

    it('ends as the last one ends, with its output', async () => {
      const { clock, execution, statuses } = startChain(() => 'done');
      assert.deepEqual(statuses(), ['run RUNNING', 'run-next RUNNING', 'run-next-next RUNNING']);
      await clock.runUntil(() => execution.status !== 'RUNNING', 120);
      assert.deepEqual(statuses(), ['run SUCCEEDED', 'run-next SUCCEEDED', 'run-next-next SUCCEEDED']);
      assert.equal(execution.output?.value, 'done');
    });

    it('fails when the last one fails', async () => {
      const { clock, execution, statuses } = startChain(() => {
        throw named('PodEvictionFailure', 'held');
      });
      await clock.runUntil(() => execution.status !== 'RUNNING', 120);
      assert.deepEqual(statuses(), ['run FAILED', 'run-next FAILED', 'run-next-next FAILED']);
      assert.equal(execution.error, 'States.TaskFailed');
    });

    it('stops to the last one when the first is stopped', async () => {
      const { clock, execution, statuses, stepFunctions, calls } = startChain(() => 'done');
      await clock.advance(30);
      stepFunctions.stop(execution, { cause: 'enough' });
      assert.deepEqual(statuses(), ['run ABORTED', 'run-next ABORTED', 'run-next-next ABORTED']);
      await clock.advance(120);
      assert.deepEqual(calls, []);
    });
  });

  it('reports a child that somebody stopped, with its status and no error', async () => {
    const world = createWorld(one(nested()), {
      functions: { work: () => 'yes' },
      others: [{ name: 'child', logicalId: 'Child', definition: child }],
    });
    const execution = start(world);
    const started = world.stepFunctions.findExecution(RUN_ARN);
    assert.ok(started);
    world.stepFunctions.stop(started, {});
    await world.clock.runUntil(() => execution.status !== 'RUNNING', 60);
    const { Status: status, Error: error } = JSON.parse(execution.cause as string);
    assert.deepEqual({ status, error }, { status: 'ABORTED', error: undefined });
  });

  it('joins the execution of that name and input that is running', async () => {
    const world = createWorld(one(nested()), {
      functions: { work: () => 'yes' },
      others: [{ name: 'child', logicalId: 'Child', definition: child }],
    });
    const machine = world.stepFunctions.findMachine(CHILD_ARN);
    assert.ok(machine);
    const running = world.stepFunctions.start(machine, { value: { n: 1 }, text: '{"n":1}' }, 'of-run');
    const execution = start(world);
    await world.clock.runUntil(() => execution.status !== 'RUNNING', 60);
    assert.equal(execution.status, 'SUCCEEDED');
    assert.equal(outputOf(execution).ExecutionArn, running.arn);
  });

  const refusals: [string, object, string, RegExp][] = [
    ['a name that is taken', {}, 'StepFunctions.ExecutionAlreadyExistsException', /Execution Already Exists: 'arn/],
    ['a name with a space', { 'Name.$': undefined, Name: 'of run' }, 'StepFunctions.InvalidNameException', /of run/],
    [
      'a machine that is not there',
      { StateMachineArn: `${CHILD_ARN}ren` },
      'StepFunctions.StateMachineDoesNotExistException',
      /State Machine Does Not Exist: 'arn/,
    ],
  ];
  for (const [title, change, error, cause] of refusals) {
    it(`fails at once with the name of AWS's refusal for ${title}`, async () => {
      const parameters = Object.fromEntries(
        Object.entries({ ...nested().Parameters, ...change }).filter(([, value]) => value !== undefined),
      );
      const world = createWorld(one(nested({ Parameters: parameters })), {
        functions: { work: () => 'yes' },
        others: [{ name: 'child', logicalId: 'Child', definition: child }],
      });
      const machine = world.stepFunctions.findMachine(CHILD_ARN);
      assert.ok(machine);
      world.stepFunctions.start(machine, { value: { n: 2 }, text: '{"n":2}' }, 'of-run');
      const execution = start(world);
      await world.clock.runUntil(() => execution.status !== 'RUNNING', 1);
      assert.equal(execution.error, error);
      assert.match(execution.cause as string, cause);
      assert.deepEqual(outlineOf(execution).slice(-2), ['TaskSubmitFailed<4', 'ExecutionFailed<5']);
    });
  }

  const faulty: [string, object, RegExp][] = [
    ['without a machine', nested({ Parameters: { Input: {} } }), /required: \[StateMachineArn\]/],
    ['with a machine that no file defines', nested(), /a string is expected/],
    [
      'with a parameter that StartExecution does not have',
      nested({ Parameters: { StateMachineArn: CHILD_ARN, Nam: 'x' } }),
      /Field 'Nam' is not supported/,
    ],
  ];
  for (const [title, state, message] of faulty) {
    it(`is refused ${title}`, () => {
      assert.match(
        findFaults(one(state))
          .map((fault) => fault.message)
          .join('; '),
        message,
      );
    });
  }
});
