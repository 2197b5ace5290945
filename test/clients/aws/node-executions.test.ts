import assert from 'node:assert/strict';
import { connectNodeExecutions } from '../../../clients/aws/node-executions.ts';
import type { NodeExecutions } from '../../../clients/ports.ts';
import { fakeAws, json, jsonError } from './fake-aws.ts';

const MACHINE = 'arn:aws-cn:states:cn-north-1:111122223333:stateMachine:upgrade-node';
const ARN = 'arn:aws-cn:states:cn-north-1:111122223333:execution:upgrade-node:workers-i-0a-1-c0ffee00';
const NAME = 'workers-i-0a-1-c0ffee00';

const setUp = (...answers: Parameters<typeof fakeAws>) => {
  const { config, requests } = fakeAws(...answers);
  return { executions: connectNodeExecutions(config, MACHINE), requests };
};

describe('the executions that upgrade a node, through the SDK', () => {
  it('are started by name, with the input as it is given', async () => {
    const { executions, requests } = setUp(json({ executionArn: ARN, startDate: 1_768_900_000 }));
    assert.equal(await executions.start(NAME, '{"b":1, "a":2}'), 'started');
    assert.deepEqual(requests[0]?.json, { stateMachineArn: MACHINE, name: NAME, input: '{"b":1, "a":2}' });
  });

  it('are not started under a name that is taken', async () => {
    const { executions } = setUp(jsonError('ExecutionAlreadyExists', 'Execution Already Exists'));
    assert.equal(await executions.start(NAME, '{}'), 'taken');
  });

  it('are described by name, or do not exist', async () => {
    const { executions, requests } = setUp(
      json({
        executionArn: ARN,
        status: 'SUCCEEDED',
        input: '{}',
        output: '{"a":1}',
        startDate: 1_768_900_000,
        stopDate: 1_768_900_060,
      }),
      json({ executionArn: ARN, status: 'FAILED', input: '{}', error: 'E', cause: 'c', startDate: 1_768_900_000.5 }),
      jsonError('ExecutionDoesNotExist', 'Execution Does Not Exist'),
    );
    assert.deepEqual(await executions.describe(NAME), {
      status: 'SUCCEEDED',
      input: '{}',
      output: '{"a":1}',
      startedAt: '2026-01-20T09:06:40.000Z',
      stoppedAt: '2026-01-20T09:07:40.000Z',
    });
    const failed = await executions.describe(NAME);
    assert.deepEqual(failed, {
      status: 'FAILED',
      input: '{}',
      error: 'E',
      cause: 'c',
      startedAt: '2026-01-20T09:06:40.500Z',
    });
    assert.equal(await executions.describe(NAME), undefined);
    assert.deepEqual(requests[0]?.json, { executionArn: ARN });
  });

  it('are listed by name on every page, when they run', async () => {
    const { executions, requests } = setUp(
      json({ executions: [{ name: 'a' }, { name: 'b' }], nextToken: 'more' }),
      json({ executions: [{ name: 'c' }] }),
    );
    assert.deepEqual(await executions.listRunning(), ['a', 'b', 'c']);
    const request = { stateMachineArn: MACHINE, statusFilter: 'RUNNING', maxResults: 1000 };
    assert.deepEqual(
      requests.map(({ json: sent }) => sent),
      [request, { ...request, nextToken: 'more' }],
    );
  });

  it('are stopped by name, with the reason; one that does not exist needs no stop', async () => {
    const { executions, requests } = setUp(
      json({ stopDate: 1_768_900_000 }),
      jsonError('ExecutionDoesNotExist', 'Execution Does Not Exist'),
    );
    await executions.stop(NAME, { error: 'UpgradeCancelled', cause: 'cancelled by an operator' });
    await executions.stop(NAME, { error: 'UpgradeCancelled', cause: '' });
    assert.deepEqual(requests[0]?.json, {
      executionArn: ARN,
      error: 'UpgradeCancelled',
      cause: 'cancelled by an operator',
    });
  });

  const refusals: [code: string, status: number, error: string][] = [
    ['ThrottlingException', 400, 'Throttled'],
    ['ExecutionLimitExceeded', 400, 'Throttled'],
    ['InternalServerException', 500, 'ServiceUnavailable'],
    ['AccessDeniedException', 400, 'AccessDenied'],
    ['StateMachineDoesNotExist', 400, 'InvalidInput'],
  ];
  const calls: [name: string, call: (executions: NodeExecutions) => Promise<unknown>][] = [
    ['start', ({ start }) => start(NAME, '{}')],
    ['describe', ({ describe: ask }) => ask(NAME)],
    ['listRunning', ({ listRunning }) => listRunning()],
    ['stop', ({ stop }) => stop(NAME, { error: '', cause: '' })],
  ];
  for (const [code, status, error] of refusals) {
    for (const [name, call] of calls) {
      it(`throw ${error} for ${code} when asked to ${name}`, async () => {
        const { executions } = setUp(jsonError(code, 'no', status));
        await assert.rejects(call(executions), { name: error });
      });
    }
  }
});
