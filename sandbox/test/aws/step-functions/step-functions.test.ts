import assert from 'node:assert/strict';
import {
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { type HttpRequest, HttpResponse } from '@smithy/protocol-http';
import { createAwsEndpoint } from '../../../aws/endpoint.ts';
import { createStepFunctionsService } from '../../../aws/step-functions/service.ts';
import type { RequestHandler } from '../../../server/http.ts';
import { createWorld, STARTED_AT, task } from '../../step-functions/run-machine.ts';

/** The SDK's transport without sockets: requests go to the sandbox's handler. */
const transportTo = (handler: RequestHandler) => ({
  async handle(request: HttpRequest) {
    const { status, headers, body } = await handler({
      method: request.method,
      path: request.path,
      query: new URLSearchParams(request.query as Record<string, string>),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: String(request.body ?? ''),
    });
    return {
      response: new HttpResponse({ statusCode: status, headers: { ...headers }, body: Buffer.from(body as string) }),
    };
  },
});

const definition = {
  Comment: 'the machine of these tests',
  StartAt: 'Plan',
  States: {
    Plan: task('plan', { ResultPath: '$.plan', Next: 'Nodes' }),
    Nodes: {
      Type: 'Map',
      Label: 'nodes',
      ItemsPath: '$.ids',
      MaxConcurrency: 2,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Rest',
        States: { Rest: { Type: 'Wait', Seconds: 60, End: true } },
      },
      End: true,
    },
  },
};

const createApi = () => {
  const world = createWorld(definition, { functions: { plan: () => ({ nodes: 2 }) } });
  const handler = createAwsEndpoint({
    services: [createStepFunctionsService(world.stepFunctions)],
    clock: world.clock,
  });
  const client = new SFNClient({
    region: 'eu-west-1',
    endpoint: 'http://sandbox.test',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: transportTo(handler),
  });
  const stateMachineArn = 'arn:aws:states:eu-west-1:111122223333:stateMachine:machine';
  const startNamed = (name: string, input = '{"ids":["i-1","i-2","i-3"]}') =>
    client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  return { ...world, client, stateMachineArn, startNamed };
};

describe('the Step Functions API', () => {
  it('lists and describes state machines, with the ARN of each function', async () => {
    const { client, stateMachineArn } = createApi();
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    assert.deepEqual(
      stateMachines?.map(({ name, type }) => [name, type]),
      [['machine', 'STANDARD']],
    );
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    assert.equal(described.status, 'ACTIVE');
    assert.equal(
      JSON.parse(described.definition ?? '').States.Plan.Resource,
      'arn:aws:lambda:eu-west-1:111122223333:function:eks-nodegroup-upgrade-dev-plan',
    );
    const tagged = await client.send(new ListTagsForResourceCommand({ resourceArn: stateMachineArn }));
    assert.deepEqual(tagged.tags, []);
  });

  it('follows an execution from start to end', async () => {
    const { client, clock, startNamed } = createApi();
    const { executionArn, startDate } = await startNamed('run-1');
    assert.equal(executionArn, 'arn:aws:states:eu-west-1:111122223333:execution:machine:run-1');
    assert.equal(startDate?.getTime(), STARTED_AT);

    const running = await client.send(new DescribeExecutionCommand({ executionArn }));
    assert.deepEqual(
      [running.status, running.stopDate, running.redriveStatus],
      ['RUNNING', undefined, 'NOT_REDRIVABLE'],
    );

    await clock.advance(300);
    const ended = await client.send(new DescribeExecutionCommand({ executionArn }));
    assert.deepEqual(
      [ended.status, ended.name, ended.input, ended.output],
      ['SUCCEEDED', 'run-1', '{"ids":["i-1","i-2","i-3"]}', '["i-1","i-2","i-3"]'],
    );
    assert.equal(ended.stopDate?.getTime(), STARTED_AT + 120_000);
  });

  it('gives the history in pages, in either order, with or without data', async () => {
    const { client, clock, startNamed } = createApi();
    const { executionArn } = await startNamed('run-1');
    await clock.advance(300);

    const types: (string | undefined)[] = [];
    for await (const page of paginateGetExecutionHistory({ client, pageSize: 4 }, { executionArn })) {
      assert.ok((page.events?.length ?? 0) <= 4);
      types.push(...(page.events ?? []).map(({ type }) => type));
    }
    assert.deepEqual(types, [
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);

    const newest = await client.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 2, includeExecutionData: false }),
    );
    assert.deepEqual(
      newest.events?.map(({ id, type }) => [id, type]),
      [
        [13, 'ExecutionSucceeded'],
        [12, 'MapStateExited'],
      ],
    );
    assert.deepEqual(newest.events?.[1]?.stateExitedEventDetails, { name: 'Nodes' });
  });

  it('shows Map Runs and their child executions', async () => {
    const { client, clock, startNamed } = createApi();
    const { executionArn } = await startNamed('run-1');
    await clock.advance(61);
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
    const mapRunArn = mapRuns?.[0]?.mapRunArn;
    assert.match(String(mapRuns?.[0]?.stateMachineArn), /:stateMachine:machine\/nodes$/);

    const run = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    assert.deepEqual([run.status, run.maxConcurrency, run.toleratedFailurePercentage], ['RUNNING', 2, 0]);
    assert.deepEqual(run.itemCounts, {
      pending: 0,
      running: 1,
      succeeded: 2,
      failed: 0,
      timedOut: 0,
      aborted: 0,
      total: 3,
      resultsWritten: 2,
      failuresNotRedrivable: 0,
      pendingRedrive: 0,
    });

    const { executions } = await client.send(new ListExecutionsCommand({ mapRunArn, statusFilter: 'RUNNING' }));
    assert.equal(executions?.length, 1);
    const [child] = executions ?? [];
    assert.match(String(child?.executionArn), /:execution:machine\/nodes:/);
    const described = await client.send(new DescribeExecutionCommand({ executionArn: child?.executionArn }));
    assert.deepEqual([described.input, described.mapRunArn], ['"i-3"', mapRunArn]);
    const forChild = await client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: child?.executionArn }),
    );
    assert.deepEqual([forChild.label, JSON.parse(forChild.definition ?? '').StartAt], ['nodes', 'Rest']);
    const history = await client.send(new GetExecutionHistoryCommand({ executionArn: child?.executionArn }));
    assert.deepEqual(
      history.events?.map(({ type }) => type),
      ['ExecutionStarted', 'WaitStateEntered'],
    );
  });

  it('changes the concurrency of a running Map Run', async () => {
    const { client, clock, startNamed } = createApi();
    const { executionArn } = await startNamed('run-1');
    await clock.advance(1);
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
    const mapRunArn = mapRuns?.[0]?.mapRunArn;
    await client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 3 }));
    const run = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    assert.deepEqual([run.maxConcurrency, run.itemCounts?.running], [3, 3]);
  });

  it('lists executions newest first, in pages, by status', async () => {
    const { client, clock, stateMachineArn, startNamed } = createApi();
    for (const name of ['run-1', 'run-2', 'run-3']) {
      await startNamed(name);
      await clock.advance(1);
    }
    await client.send(
      new StopExecutionCommand({ executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:machine:run-2' }),
    );
    const names: (string | undefined)[] = [];
    for await (const page of paginateListExecutions({ client, pageSize: 2 }, { stateMachineArn })) {
      names.push(...(page.executions ?? []).map(({ name, status }) => `${name} ${status}`));
    }
    assert.deepEqual(names, ['run-3 RUNNING', 'run-2 ABORTED', 'run-1 RUNNING']);
    const aborted = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'ABORTED' }));
    assert.deepEqual(
      aborted.executions?.map(({ name }) => name),
      ['run-2'],
    );
  });

  it('stops an execution together with its children', async () => {
    const { client, clock, startNamed } = createApi();
    const { executionArn } = await startNamed('run-1');
    await clock.advance(10);
    const { stopDate } = await client.send(
      new StopExecutionCommand({ executionArn, error: 'ByHand', cause: 'enough' }),
    );
    assert.equal(stopDate?.getTime(), STARTED_AT + 10_000);
    const stopped = await client.send(new DescribeExecutionCommand({ executionArn }));
    assert.deepEqual([stopped.status, stopped.error, stopped.cause], ['ABORTED', 'ByHand', 'enough']);
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
    const run = await client.send(new DescribeMapRunCommand({ mapRunArn: mapRuns?.[0]?.mapRunArn }));
    assert.deepEqual([run.status, run.executionCounts?.aborted, run.executionCounts?.pending], ['ABORTED', 2, 1]);
  });

  it('answers a repeated start with the running execution, and refuses the name for anything else', async () => {
    const { clock, stepFunctions, startNamed } = createApi();
    const first = await startNamed('run-1');
    await clock.advance(1);
    const again = await startNamed('run-1');
    assert.deepEqual([again.executionArn, again.startDate], [first.executionArn, first.startDate]);
    const exists = {
      name: 'ExecutionAlreadyExists',
      message: "Execution Already Exists: 'arn:aws:states:eu-west-1:111122223333:execution:machine:run-1'",
    };
    await assert.rejects(startNamed('run-1', '{"ids":[]}'), exists);
    await clock.advance(300);
    await assert.rejects(startNamed('run-1'), exists);
    assert.equal(stepFunctions.executionsOf(stepFunctions.machines[0] as never).length, 1);
  });

  it('makes up a name when none is given', async () => {
    const { client, stateMachineArn } = createApi();
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input: '{"ids":[]}' }));
    assert.match(String(executionArn), /:machine:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
  });

  for (const name of ['a b', 'a/b', 'a:b', 'a*', 'a<b', 'a"b', 'a%', 'a$b', 'a\u0007']) {
    it(`refuses the name ${JSON.stringify(name)}`, async () => {
      await assert.rejects(createApi().startNamed(name), { name: 'InvalidName', message: `Invalid Name: '${name}'` });
    });
  }

  it('takes names with letters of any language', async () => {
    const { executionArn } = await createApi().startNamed('größe_1.2-x');
    assert.match(String(executionArn), /:größe_1\.2-x$/);
  });

  const bad = 'arn:aws:states:eu-west-1:111122223333';
  const refusals: [string, (api: ReturnType<typeof createApi>) => Promise<unknown>, object][] = [
    [
      'input that is no JSON',
      ({ startNamed }) => startNamed('r', 'not json'),
      { name: 'InvalidExecutionInput', message: /^Invalid State Machine Execution Input: '/ },
    ],
    ['empty input', ({ startNamed }) => startNamed('r', ''), { name: 'InvalidExecutionInput' }],
    [
      'input over 256 KiB',
      ({ startNamed }) => startNamed('r', JSON.stringify('x'.repeat(262_144))),
      { name: 'InvalidExecutionInput' },
    ],
    [
      'names over 80 characters',
      ({ startNamed }) => startNamed('x'.repeat(81)),
      { name: 'ValidationException', message: /Member must have length less than or equal to 80/ },
    ],
    [
      'ARNs that are none',
      ({ client }) => client.send(new DescribeExecutionCommand({ executionArn: 'nonsense' })),
      { name: 'InvalidArn', message: "Invalid Arn: 'Invalid ARN prefix: nonsense'" },
    ],
    [
      'ARNs of something else',
      ({ client }) => client.send(new DescribeExecutionCommand({ executionArn: `${bad}:stateMachine:machine` })),
      { name: 'InvalidArn', message: "Invalid Arn: 'Resource type not valid in this context: stateMachine'" },
    ],
    [
      'machines that do not exist',
      ({ client }) => client.send(new StartExecutionCommand({ stateMachineArn: `${bad}:stateMachine:other` })),
      { name: 'StateMachineDoesNotExist', message: `State Machine Does Not Exist: '${bad}:stateMachine:other'` },
    ],
    [
      'executions that do not exist',
      ({ client }) => client.send(new GetExecutionHistoryCommand({ executionArn: `${bad}:execution:machine:no` })),
      { name: 'ExecutionDoesNotExist', message: `Execution Does Not Exist: '${bad}:execution:machine:no'` },
    ],
    [
      'Map Runs that do not exist',
      ({ client }) => client.send(new DescribeMapRunCommand({ mapRunArn: `${bad}:mapRun:machine/nodes:x` })),
      { name: 'ResourceNotFound' },
    ],
    [
      'tokens of another list',
      ({ client, stateMachineArn }) => client.send(new ListExecutionsCommand({ stateMachineArn, nextToken: 'x' })),
      { name: 'InvalidToken' },
    ],
    [
      'pages over 1,000',
      ({ client }) => client.send(new ListStateMachinesCommand({ maxResults: 1001 })),
      {
        name: 'ValidationException',
        message:
          "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
      },
    ],
    [
      'statuses that do not exist',
      ({ client, stateMachineArn }) =>
        client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'succeeded' as never })),
      {
        name: 'ValidationException',
        message:
          "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
      },
    ],
    [
      'lists of everything',
      ({ client }) => client.send(new ListExecutionsCommand({})),
      { name: 'ValidationException' },
    ],
    [
      'actions that it does not offer',
      ({ client, stateMachineArn }) => client.send(new DeleteStateMachineCommand({ stateMachineArn })),
      { name: 'UnknownOperationException' },
    ],
  ];
  for (const [title, call, error] of refusals) {
    it(`refuses ${title}`, async () => {
      await assert.rejects(call(createApi()), error);
    });
  }

  it('validates definitions', async () => {
    const { client } = createApi();
    const validate = (text: string) => client.send(new ValidateStateMachineDefinitionCommand({ definition: text }));
    assert.deepEqual((await validate(JSON.stringify(definition))).diagnostics, []);
    const { result, diagnostics } = await validate('{"StartAt":"A"}');
    assert.deepEqual([result, diagnostics?.[0]?.code], ['FAIL', 'SCHEMA_VALIDATION_FAILED']);
    assert.equal((await validate('{')).diagnostics?.[0]?.code, 'INVALID_JSON_DESCRIPTION');
  });
});
