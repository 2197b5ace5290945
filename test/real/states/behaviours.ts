import assert from 'node:assert/strict';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DEFINITION, type StatesSide } from './sides.ts';

/** One behaviour of Step Functions that definitions, clients or reports rely on. */
export type StatesBehaviour = readonly [title: string, hold: (side: StatesSide) => Promise<void>];

const NOTE = { by: 'contract', kept: [1, 2] };
const ITEMS = ['a', 'b', 'c'].map((id) => ({ id, isBad: false }));

const start = async ({ client, machineArn }: StatesSide, name: string, input: unknown): Promise<string> => {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  const command = new StartExecutionCommand({ stateMachineArn: machineArn, name, input: text });
  return (await client.send(command)).executionArn ?? '';
};

const run = async (side: StatesSide, name: string, input: unknown): Promise<DescribeExecutionOutput> =>
  side.ended(await start(side, name, input));

const outputOf = ({ output = 'null' }: DescribeExecutionOutput) => JSON.parse(output);

const historyOf = async ({ client }: StatesSide, executionArn?: string, maxResults = 1000, reverseOrder = false) => {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const command = new GetExecutionHistoryCommand({ executionArn, maxResults, reverseOrder, nextToken });
    const page = await client.send(command);
    assert.ok((page.events ?? []).length <= maxResults, 'no page is larger than asked');
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
};

/** Types of the events about states, and the states they are about. */
const storyOf = (events: readonly HistoryEvent[]) =>
  events.map(({ type, stateEnteredEventDetails, stateExitedEventDetails }) =>
    [type, stateEnteredEventDetails?.name ?? stateExitedEventDetails?.name].filter(Boolean).join(' '),
  );

const refusedAs = (name: string) => (thrown: unknown) => {
  assert.equal((thrown as Error).name, name, `refused as ${(thrown as Error).name}: ${(thrown as Error).message}`);
  return true;
};

/** Run the Map and look at its run and children. */
async function mapped(side: StatesSide, name: string, items: readonly object[]) {
  const execution = await run(side, name, { way: 'map', items, parallel: 2 });
  const { client } = side;
  const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn: execution.executionArn }));
  const [{ mapRunArn } = {}] = mapRuns;
  assert.equal(mapRuns.length, 1, 'one Map Run');
  const described = await client.send(new DescribeMapRunCommand({ mapRunArn }));
  const { executions: children = [] } = await client.send(new ListExecutionsCommand({ mapRunArn }));
  return { execution, described, children, mapRunArn };
}

/** Run an execution that runs another one of the same machine, and give what the Task made of it. */
async function nested(side: StatesSide, name: string, input: object, child = `${name}-child`) {
  const machine = side.machineArn;
  const execution = await run(side, name, { way: 'nested', machine, name: child, input });
  assert.equal(execution.status, 'SUCCEEDED', execution.cause);
  return outputOf(execution);
}

export const BEHAVIOURS: readonly StatesBehaviour[] = [
  [
    'list and describe a state machine, with its definition',
    async ({ client, machineArn }) => {
      const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
      assert.ok(stateMachines.some(({ stateMachineArn }) => stateMachineArn === machineArn));
      const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn }));
      assert.deepEqual([described.status, described.type], ['ACTIVE', 'STANDARD']);
      assert.deepEqual(JSON.parse(described.definition ?? ''), DEFINITION);
    },
  ],
  [
    'keep the input and add a result to it; an input that matches no choice takes the default',
    async (side) => {
      const execution = await run(side, 'default', { way: 'none' });
      assert.equal(execution.status, 'SUCCEEDED');
      assert.deepEqual(outputOf(execution), { way: 'none', note: NOTE });
      assert.deepEqual(JSON.parse(execution.input ?? ''), { way: 'none' });
      assert.ok((execution.stopDate ?? 0) >= (execution.startDate ?? 1), 'it stopped after it started');
    },
  ],
  [
    'wait for as long as a path says',
    async (side) => {
      const { status, startDate, stopDate } = await run(side, 'wait', { way: 'wait', seconds: 1 });
      assert.equal(status, 'SUCCEEDED');
      const seconds = ((stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0)) / 1000;
      assert.ok(seconds >= 1 && seconds < 5, `${seconds} s`);
    },
  ],
  [
    'fail with the error and the cause that paths point to',
    async (side) => {
      const error = { name: 'PodEvictionFailure', sentence: 'a budget holds a pod' };
      const execution = await run(side, 'fail', { way: 'fail', error });
      assert.equal(execution.status, 'FAILED');
      assert.deepEqual([execution.error, execution.cause], [error.name, error.sentence]);
      const last = (await historyOf(side, execution.executionArn)).at(-1);
      assert.equal(last?.type, 'ExecutionFailed');
      assert.partialDeepStrictEqual(last?.executionFailedEventDetails, { error: error.name, cause: error.sentence });
    },
  ],
  [
    'fail an execution whose choice reads a path that does not exist',
    async (side) => {
      const execution = await run(side, 'no-such-path', { seconds: 1 });
      assert.deepEqual(
        [execution.status, execution.error],
        ['FAILED', 'States.Runtime'],
        'choice without its variable',
      );
    },
  ],
  [
    'record each state that is entered and exited, numbered from 1, each with the event before it',
    async (side) => {
      const { executionArn } = await run(side, 'story', { way: 'none' });
      const events = await historyOf(side, executionArn);
      assert.deepEqual(storyOf(events), [
        'ExecutionStarted',
        'PassStateEntered Remember',
        'PassStateExited Remember',
        'ChoiceStateEntered WhichWay',
        'ChoiceStateExited WhichWay',
        'SucceedStateEntered Done',
        'SucceedStateExited Done',
        'ExecutionSucceeded',
      ]);
      assert.deepEqual(
        events.map(({ id }) => id),
        events.map((_, index) => index + 1),
        'event ids',
      );
      // The first state follows event 0, as if there were one.
      assert.deepEqual(
        events.map(({ previousEventId }) => previousEventId),
        [0, 0, 2, 3, 4, 5, 6, 7],
        'ids of the events before',
      );
    },
  ],
  [
    'give the same history in pages of any size, and backwards',
    async (side) => {
      const { executionArn } = await run(side, 'pages', { way: 'none' });
      const idsOf = (events: readonly HistoryEvent[]) => events.map(({ id }) => id);
      const whole = idsOf(await historyOf(side, executionArn));
      assert.deepEqual(idsOf(await historyOf(side, executionArn, 3)), whole);
      assert.deepEqual(idsOf(await historyOf(side, executionArn, 3, true)), [...whole].reverse());
    },
  ],
  [
    'map items to child executions, and their outputs to a list in the order of the items',
    async (side) => {
      const { execution, described, children, mapRunArn } = await mapped(side, 'map', ITEMS);
      assert.equal(execution.status, 'SUCCEEDED', execution.cause);
      assert.deepEqual(
        outputOf(execution).results,
        ITEMS.map(({ id }) => ({ id, by: 'contract' })),
      );
      assert.equal(described.status, 'SUCCEEDED');
      const { total, succeeded, failed, running } = described.itemCounts ?? {};
      assert.deepEqual([total, succeeded, failed, running], [3, 3, 0, 0]);
      assert.deepEqual(
        children.map((child) => [child.status, child.mapRunArn]),
        ITEMS.map(() => ['SUCCEEDED', mapRunArn]),
      );
    },
  ],
  [
    'run as many children at once as a path says',
    async (side) => {
      const { described } = await mapped(side, 'concurrency', ITEMS);
      assert.equal(described.maxConcurrency, 2, 'concurrency of the Map Run');
    },
  ],
  [
    'give a child execution the result of the selector for its item',
    async (side) => {
      const { children } = await mapped(side, 'selector', ITEMS);
      const inputs = await Promise.all(
        children.map(async ({ executionArn }) => {
          const { input = '' } = await side.client.send(new DescribeExecutionCommand({ executionArn }));
          return JSON.parse(input);
        }),
      );
      const wanted = ITEMS.map((item) => ({ item, note: NOTE }));
      const byId = (left: { item: { id: string } }, right: { item: { id: string } }) =>
        left.item.id.localeCompare(right.item.id);
      assert.deepEqual(inputs.sort(byId), wanted);
    },
  ],
  [
    'record in the history of a child each state that it enters and exits',
    async (side) => {
      const { children } = await mapped(side, 'child-story', ITEMS.slice(0, 1));
      assert.deepEqual(
        storyOf(await historyOf(side, children[0]?.executionArn)),
        [
          'ExecutionStarted',
          'ChoiceStateEntered IsItGood',
          'ChoiceStateExited IsItGood',
          'PassStateEntered Answer',
          'PassStateExited Answer',
          'ExecutionSucceeded',
        ],
        'history of a child',
      );
    },
  ],
  [
    'map no items to an empty list',
    async (side) => {
      const { execution, described } = await mapped(side, 'no-items', []);
      assert.deepEqual([execution.status, outputOf(execution).results], ['SUCCEEDED', []]);
      assert.equal(described.itemCounts?.total, 0);
    },
  ],
  [
    'fail the Map when a child fails, as an error that can be caught',
    async (side) => {
      const { execution, described } = await mapped(side, 'bad-item', [{ id: 'a', isBad: true }]);
      assert.equal(execution.status, 'SUCCEEDED', execution.cause);
      assert.equal(
        outputOf(execution).caught?.Error,
        'States.ExceedToleratedFailureThreshold',
        'error that was caught',
      );
      assert.deepEqual([described.status, described.itemCounts?.failed], ['FAILED', 1]);
    },
  ],
  [
    'run no more iterations of an inline map at once than a path says',
    async (side) => {
      const input = { way: 'inline', items: [1, 2], parallel: 1 };
      const { status, output = '', startDate, stopDate } = await run(side, 'one-by-one', input);
      assert.equal(status, 'SUCCEEDED');
      assert.deepEqual(JSON.parse(output).results, [1, 2]);
      const seconds = ((stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0)) / 1000;
      assert.ok(seconds >= 2, `two iterations of 1 s, one at a time, took ${seconds} s`);
    },
  ],
  [
    'record in the history of an execution the states that the iterations of its inline map enter and exit',
    async (side) => {
      const { executionArn } = await run(side, 'inline-story', { way: 'inline', items: [1], parallel: 1 });
      const story = storyOf(await historyOf(side, executionArn));
      assert.deepEqual(
        story.slice(story.indexOf('MapStateEntered EachInline'), story.indexOf('MapStateExited EachInline')),
        [
          'MapStateEntered EachInline',
          'MapStateStarted',
          'MapIterationStarted',
          'WaitStateEntered Pause',
          'WaitStateExited Pause',
          'MapIterationSucceeded',
          'MapStateSucceeded',
        ],
        'history of an inline map',
      );
    },
  ],
  [
    'run an execution of another machine to its end, and take its output as JSON',
    async (side) => {
      const output = await nested(side, 'nests', { way: 'none' });
      const { ExecutionArn, Name, Status, Output } = output.nested;
      assert.deepEqual([Name, Status, Output], ['nests-child', 'SUCCEEDED', { way: 'none', note: NOTE }]);
      const command = new DescribeExecutionCommand({ executionArn: ExecutionArn });
      assert.equal((await side.client.send(command)).status, 'SUCCEEDED');
    },
  ],
  [
    'fail a Task whose execution failed, with that execution as the cause',
    async (side) => {
      const error = { name: 'PodEvictionFailure', sentence: 'a budget holds a pod' };
      const { caught } = await nested(side, 'nests-failure', { way: 'fail', error });
      assert.equal(caught?.Error, 'States.TaskFailed', 'error of the Task');
      assert.match(caught.Cause, /^\{/, 'an execution as the cause');
      const { Status, Error: name, Cause, ExecutionArn } = JSON.parse(caught.Cause);
      assert.deepEqual([Status, name, Cause], ['FAILED', error.name, error.sentence]);
      assert.match(ExecutionArn, /:nests-failure-child$/);
    },
  ],
  [
    'fail a Task whose execution would have the name of another',
    async (side) => {
      await run(side, 'known', { way: 'none' });
      const { caught } = await nested(side, 'nests-known', { way: 'none', other: true }, 'known');
      assert.equal(caught?.Error, 'StepFunctions.ExecutionAlreadyExistsException', 'a name that is taken');
    },
  ],
  [
    'return the running execution for the same name and input',
    async (side) => {
      const input = { way: 'wait', seconds: 3 };
      const first = await start(side, 'twice', input);
      assert.equal(await start(side, 'twice', input), first);
      await side.ended(first);
    },
  ],
  [
    'refuse a name that is taken by an execution with another input, running or not',
    async (side) => {
      const first = await start(side, 'taken', { way: 'wait', seconds: 3 });
      await assert.rejects(start(side, 'taken', { way: 'none' }), refusedAs('ExecutionAlreadyExists'), 'name is taken');
      await side.ended(first);
      await assert.rejects(start(side, 'taken', { way: 'none' }), refusedAs('ExecutionAlreadyExists'), 'name is taken');
    },
  ],
  [
    'refuse the name of an execution that is over, with the same input too',
    async (side) => {
      await run(side, 'over', { way: 'none' });
      await assert.rejects(start(side, 'over', { way: 'none' }), refusedAs('ExecutionAlreadyExists'), 'name is taken');
    },
  ],
  [
    'redrive an execution that was stopped, from the state where it was stopped',
    async (side) => {
      const executionArn = await start(side, 'redriven', { way: 'wait', seconds: 2 });
      await side.client.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'by hand' }));
      const before = (await historyOf(side, executionArn)).length;
      const { redriveDate } = await side.client.send(new RedriveExecutionCommand({ executionArn }));
      assert.ok(redriveDate, 'date of the redrive');
      const { status, redriveCount, error } = await side.ended(executionArn);
      assert.deepEqual([status, redriveCount, error], ['SUCCEEDED', 1, undefined]);
      const events = await historyOf(side, executionArn);
      assert.equal(events[before]?.type, 'ExecutionRedriven');
      assert.deepEqual(events[before]?.executionRedrivenEventDetails, { redriveCount: 1 });
      const entered = events.slice(before).map(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name);
      assert.ok(!entered.includes('Remember'), 'what succeeded is not done again');
      const list = new ListExecutionsCommand({ stateMachineArn: side.machineArn, redriveFilter: 'REDRIVEN' });
      const { executions = [] } = await side.client.send(list);
      assert.deepEqual(
        executions.map(({ name }) => name),
        ['redriven'],
      );
    },
  ],
  [
    'fail again when an execution that ended in a Fail state is redriven',
    async (side) => {
      const error = { name: 'PodEvictionFailure', sentence: 'a budget holds a pod' };
      const { executionArn } = await run(side, 'fails-again', { way: 'fail', error });
      await side.client.send(new RedriveExecutionCommand({ executionArn }));
      const again = await side.ended(executionArn ?? '');
      assert.deepEqual([again.status, again.error, again.redriveCount], ['FAILED', error.name, 1]);
    },
  ],
  [
    'refuse to redrive an execution that succeeded',
    async (side) => {
      const { executionArn } = await run(side, 'not-redrivable', { way: 'none' });
      const redrive = side.client.send(new RedriveExecutionCommand({ executionArn }));
      await assert.rejects(redrive, refusedAs('ExecutionNotRedrivable'), 'not redrivable');
    },
  ],
  [
    'refuse input that is not JSON',
    async (side) => assert.rejects(start(side, 'no-json', '{'), refusedAs('InvalidExecutionInput'), 'no JSON'),
  ],
  [
    'refuse a name with illegal characters',
    async (side) => assert.rejects(start(side, 'a name?', {}), refusedAs('InvalidName'), 'illegal name'),
  ],
  [
    'find no machine and no execution that does not exist',
    async ({ client, machineArn }) => {
      const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:none`;
      await assert.rejects(
        client.send(new DescribeExecutionCommand({ executionArn })),
        refusedAs('ExecutionDoesNotExist'),
        'unknown execution',
      );
      await assert.rejects(
        client.send(new StartExecutionCommand({ stateMachineArn: `${machineArn}-none` })),
        refusedAs('StateMachineDoesNotExist'),
        'unknown machine',
      );
    },
  ],
  [
    'stop an execution with an error and a cause, and keep both',
    async (side) => {
      const executionArn = await start(side, 'stopped', { way: 'wait', seconds: 30 });
      await side.client.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'by hand' }));
      const { status, error, cause, stopDate } = await side.ended(executionArn);
      assert.deepEqual([status, error, cause], ['ABORTED', 'Stopped', 'by hand']);
      assert.ok(stopDate);
      assert.equal((await historyOf(side, executionArn)).at(-1)?.type, 'ExecutionAborted', 'end of the history');
    },
  ],
  [
    'list executions newest first, by status, without children',
    async (side) => {
      const { client, machineArn: stateMachineArn } = side;
      await run(side, 'newest', { way: 'none' });
      const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
      assert.equal(executions[0]?.name, 'newest', 'newest first');
      assert.ok(executions.every((execution) => execution.stateMachineArn === stateMachineArn));
      assert.ok(executions.every(({ mapRunArn }) => mapRunArn === undefined));
      const command = new ListExecutionsCommand({ stateMachineArn, statusFilter: 'FAILED' });
      const { executions: failed = [] } = await client.send(command);
      assert.ok(failed.some(({ name }) => name === 'fail'));
      assert.ok(failed.every(({ status }) => status === 'FAILED'));
    },
  ],
];
