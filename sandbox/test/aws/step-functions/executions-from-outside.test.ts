import assert from 'node:assert/strict';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, it } from 'mocha';
import { OPERATOR_CREDENTIALS } from '../../../sandbox.ts';
import type { RequestHandler } from '../../../server/http.ts';
import { sdkRequestHandler } from '../../../server/in-process.ts';
import { createFunctionWorld } from '../../lambda/function-world.ts';
import { named, task } from '../../step-functions/run-machine.ts';

const waiting = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 100, End: true } } };
const definitions = [{ name: 'dev-waiting', definition: waiting }];

/** A client of somebody who is no role of the workflow. */
const operatorOf = (aws: RequestHandler) =>
  new SFNClient({
    region: 'eu-west-1',
    endpoint: 'http://aws.sandbox.invalid',
    credentials: OPERATOR_CREDENTIALS,
    requestHandler: sdkRequestHandler(aws) as never,
  });

describe('staleExecutions', () => {
  it('lets DescribeExecution and ListExecutions answer as of some seconds ago', async () => {
    const { stepFunctions, clock, start, machine, elapsed } = createFunctionWorld({
      definitions,
      scenario: { faults: [{ kind: 'staleExecutions', secondsAgo: 30, untilSeconds: 150 }] },
    });
    const { arn: executionArn } = start();
    const seen: string[] = [];
    const look = async () => {
      const listed = await stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: machine.arn }));
      const described = await stepFunctions.send(new DescribeExecutionCommand({ executionArn })).then(
        ({ status, stopDate, output }) => `${status} ${stopDate === undefined ? '' : 'stopped'} ${output ?? ''}`.trim(),
        ({ name }: Error) => name,
      );
      seen.push(`${elapsed()} ${described}, listed ${listed.executions?.map(({ status }) => status)}`);
    };
    for (const seconds of [29, 1, 80, 20, 10, 10]) {
      await clock.advance(seconds);
      await look();
    }
    assert.deepEqual(seen, [
      '29 ExecutionDoesNotExist, listed ',
      '30 RUNNING, listed RUNNING',
      '110 RUNNING, listed RUNNING',
      '130 SUCCEEDED stopped {}, listed SUCCEEDED',
      '140 SUCCEEDED stopped {}, listed SUCCEEDED',
      '150 SUCCEEDED stopped {}, listed SUCCEEDED',
    ]);
  });

  it('does not make StartExecution forget names', async () => {
    const { stepFunctions, start, machine } = createFunctionWorld({
      definitions,
      scenario: { faults: [{ kind: 'staleExecutions', secondsAgo: 30 }] },
    });
    const { arn } = start('run');
    const request = { stateMachineArn: machine.arn, name: 'run', input: '{}' };
    const { executionArn } = await stepFunctions.send(new StartExecutionCommand(request));
    assert.equal(executionArn, arn);
  });

  it('shows a redriven execution as it had ended', async () => {
    const { stepFunctions, clock, start, sandbox } = createFunctionWorld({
      definitions,
      scenario: { faults: [{ kind: 'staleExecutions', secondsAgo: 5 }] },
    });
    const execution = start();
    await clock.advance(10);
    sandbox.stepFunctions.stop(execution, { error: 'Stopped' });
    await clock.advance(10);
    sandbox.stepFunctions.redrive(execution);
    const describeIt = () => stepFunctions.send(new DescribeExecutionCommand({ executionArn: execution.arn }));
    const before = await describeIt();
    assert.deepEqual([before.status, before.error, before.redriveCount], ['ABORTED', 'Stopped', 0]);
    await clock.advance(5);
    const after = await describeIt();
    assert.deepEqual([after.status, after.error, after.redriveCount], ['RUNNING', undefined, 1]);
  });
});

describe('stopExecution', () => {
  it('stops every running execution of a machine at an instant, with error and cause', async () => {
    const { clock, start } = createFunctionWorld({
      definitions,
      scenario: {
        faults: [{ kind: 'stopExecution', atSeconds: 40, stateMachine: 'waiting', error: 'ByHand', cause: 'at night' }],
      },
    });
    const [first, second] = [start('first'), start('second')];
    await clock.advance(39);
    assert.deepEqual([first.status, second.status], ['RUNNING', 'RUNNING']);
    await clock.advance(1);
    for (const { status, error, cause } of [first, second])
      assert.deepEqual([status, error, cause], ['ABORTED', 'ByHand', 'at night']);
  });

  it('can stop one by its name', async () => {
    const { clock, start } = createFunctionWorld({
      definitions,
      scenario: { faults: [{ kind: 'stopExecution', atSeconds: 40, stateMachine: 'dev-waiting', name: 'first' }] },
    });
    const [first, second] = [start('first'), start('second')];
    await clock.advance(50);
    assert.deepEqual([first.status, second.status], ['ABORTED', 'RUNNING']);
  });

  it('is refused for a state machine that there is not', () => {
    const faults = [{ kind: 'stopExecution' as const, atSeconds: 1, stateMachine: 'upgrade' }];
    assert.throws(
      () => createFunctionWorld({ definitions, scenario: { faults } }),
      /fault stopExecution: there is no state machine upgrade, only dev-waiting/,
    );
  });
});

describe('redriveExecution', () => {
  it('redrives an execution at an instant, and does nothing where AWS refuses', async () => {
    const { clock, start } = createFunctionWorld({
      definitions,
      scenario: {
        faults: [
          { kind: 'stopExecution', atSeconds: 40, stateMachine: 'waiting', name: 'stopped' },
          { kind: 'redriveExecution', atSeconds: 50, stateMachine: 'waiting', name: 'stopped' },
          { kind: 'redriveExecution', atSeconds: 50, stateMachine: 'waiting', name: 'running' },
        ],
      },
    });
    const [stopped, running] = [start('stopped'), start('running')];
    await clock.advance(60);
    assert.deepEqual([stopped.status, stopped.redriveCount], ['RUNNING', 1]);
    assert.deepEqual([running.status, running.redriveCount], ['RUNNING', 0]);
  });
});

describe('RedriveExecution', () => {
  const world = () => {
    let isBroken = true;
    return createFunctionWorld({
      functions: {
        work: () => {
          if (!isBroken) return 'done';
          isBroken = false;
          throw named('Broken');
        },
      },
    });
  };

  it('continues a failed execution under its ARN, and is counted and listed', async () => {
    const { stepFunctions, clock, start, machine } = world();
    const { arn: executionArn } = start();
    await clock.advance(10);
    const failed = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    assert.deepEqual([failed.status, failed.redriveStatus, failed.redriveCount], ['FAILED', 'REDRIVABLE', 0]);
    const { redriveDate } = await stepFunctions.send(new RedriveExecutionCommand({ executionArn }));
    await clock.advance(10);
    const described = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    assert.deepEqual(
      [described.status, described.redriveCount, described.error, described.redriveDate],
      ['SUCCEEDED', 1, undefined, redriveDate],
    );
    for (const [redriveFilter, length] of [
      ['REDRIVEN', 1],
      ['NOT_REDRIVEN', 0],
    ] as const) {
      const list = new ListExecutionsCommand({ stateMachineArn: machine.arn, redriveFilter });
      assert.equal((await stepFunctions.send(list)).executions?.length, length);
    }
  });

  it('takes a request with the same client token for the same one, for 15 minutes', async () => {
    const { stepFunctions, clock, start } = world();
    const { arn: executionArn } = start();
    await clock.advance(10);
    const request = new RedriveExecutionCommand({ executionArn, clientToken: 'once' });
    const { redriveDate } = await stepFunctions.send(request);
    await clock.advance(890);
    assert.deepEqual((await stepFunctions.send(request)).redriveDate, redriveDate);
    await clock.advance(10);
    await assert.rejects(stepFunctions.send(request), {
      name: 'ExecutionNotRedrivable',
      message: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });
});

describe('StartExecution from a function', () => {
  const child = { name: 'child', logicalId: 'Child', definition: waiting };
  const parent = { name: 'parent', definition: { StartAt: 'T', States: { T: task('work') } } };
  const CHILD_ARN = 'arn:aws:states:eu-west-1:111122223333:stateMachine:child';

  /** A function that starts the child three times under one name: twice with the same input, once with another. */
  const runParent = async (scenario: Parameters<typeof createFunctionWorld>[0] = {}) => {
    const world = createFunctionWorld({
      ...scenario,
      definitions: [parent, child],
      functions: {
        work: async (_, { stepFunctions }) => {
          const answers: string[] = [];
          for (const input of ['{"n":1}', '{"n":1}', '{"n":2}']) {
            const command = new StartExecutionCommand({ stateMachineArn: CHILD_ARN, name: 'node', input });
            answers.push(
              await stepFunctions.send(command).then(
                ({ executionArn = '' }) => executionArn.split(':').at(-1) as string,
                ({ name, message }: Error) => `${name}: ${message}`,
              ),
            );
          }
          return answers;
        },
      },
    });
    const execution = world.start();
    await world.clock.runUntil(() => execution.status !== 'RUNNING', 60);
    return { ...world, answers: execution.output?.value };
  };

  it('finds the running execution of that name and input, and no other', async () => {
    const { answers, sandbox } = await runParent();
    assert.deepEqual(answers, [
      'node',
      'node',
      "ExecutionAlreadyExists: Execution Already Exists: 'arn:aws:states:eu-west-1:111122223333:execution:child:node'",
    ]);
    const machine = sandbox.stepFunctions.findMachine(CHILD_ARN);
    assert.ok(machine);
    assert.equal(sandbox.stepFunctions.executionsOf(machine).length, 1);
  });

  it('is throttled as a scenario says, without a start', async () => {
    const { answers } = await runParent({
      scenario: { faults: [{ kind: 'throttle', action: 'StartExecution', everyNth: 2 }] },
    });
    assert.deepEqual((answers as string[]).slice(0, 2), ['node', 'ThrottlingException: Rate exceeded']);
  });

  it('is refused in the words of IAM where the role lacks the right (iamDenies), but not to an operator', async () => {
    const { answers, sandbox } = await runParent({
      scenario: { faults: [{ kind: 'iamDenies', action: 'states:StartExecution', untilSeconds: 100 }] },
    });
    const refusal =
      'AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/eks-nodegroup-upgrade/workflow is not authorized to ' +
      `perform: states:StartExecution on resource: ${CHILD_ARN} because no identity-based policy allows the states:StartExecution action`;
    assert.deepEqual(answers, [refusal, refusal, refusal]);
    const operator = operatorOf(sandbox.aws);
    const start = new StartExecutionCommand({ stateMachineArn: CHILD_ARN, name: 'by-hand' });
    assert.match((await operator.send(start)).executionArn ?? '', /:by-hand$/);
  });
});
