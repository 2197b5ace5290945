import assert from 'node:assert/strict';
import { connectExecutions } from '../../../clients/aws/executions.ts';
import { fakeAws, json } from './fake-aws.ts';

const ARN = 'arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:run-1';
const MAP_RUN = 'arn:aws:states:eu-west-1:111122223333:mapRun:upgrade-nodegroup/Nodes:1';

/** Events with these ids. */
const events = (...ids: number[]) => ids.map((id) => ({ id, type: 'PassStateEntered', timestamp: 1_768_900_000 + id }));
const idsOf = (history: readonly { id?: number | undefined }[]) => history.map(({ id }) => id);

describe('following executions through the SDK', () => {
  it('reads a whole history page by page, oldest event first', async () => {
    const { config, requests } = fakeAws(
      json({ events: events(1, 2), nextToken: 'more' }),
      json({ events: events(3) }),
    );
    assert.deepEqual(idsOf(await connectExecutions(config).history(ARN)), [1, 2, 3]);
    const request = { executionArn: ARN, reverseOrder: false, maxResults: 1000, includeExecutionData: true };
    assert.deepEqual(
      requests.map(({ json: sent }) => sent),
      [request, { ...request, nextToken: 'more' }],
    );
  });

  it('reads what is new from the end, and no page beyond the last known event', async () => {
    const { config, requests } = fakeAws(
      json({ events: events(6, 5), nextToken: 'second' }),
      json({ events: events(4, 3), nextToken: 'third' }),
    );
    assert.deepEqual(idsOf(await connectExecutions(config).history(ARN, 3)), [4, 5, 6]);
    assert.deepEqual(
      requests.map(({ json: { reverseOrder, maxResults, nextToken } }) => [reverseOrder, maxResults, nextToken]),
      [
        [true, 100, undefined],
        [true, 100, 'second'],
      ],
    );
  });

  it('lists all child executions of a Map Run, and all state machines', async () => {
    const children = fakeAws(
      json({ executions: [{ name: 'a' }], nextToken: 'more' }),
      json({ executions: [{ name: 'b' }] }),
    );
    const listed = await connectExecutions(children.config).listChildren(MAP_RUN);
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(children.requests[1]?.json, { mapRunArn: MAP_RUN, maxResults: 1000, nextToken: 'more' });

    const machines = fakeAws(
      json({ stateMachines: [{ name: 'm', stateMachineArn: 'arn:m', type: 'STANDARD' }], nextToken: 'more' }),
      json({ stateMachines: [{ name: 'n', stateMachineArn: 'arn:n', type: 'STANDARD' }] }),
    );
    assert.deepEqual(await connectExecutions(machines.config).listStateMachines(), [
      { name: 'm', stateMachineArn: 'arn:m' },
      { name: 'n', stateMachineArn: 'arn:n' },
    ]);
  });

  it('lists executions back to an instant, and asks for no page before it', async () => {
    const started = (name: string, startDate: number) => ({ name, startDate });
    const { config, requests } = fakeAws(
      json({ executions: [started('d', 1_768_900_400), started('c', 1_768_900_300)], nextToken: 'second' }),
      json({ executions: [started('b', 1_768_900_200), started('a', 1_768_900_100)], nextToken: 'third' }),
    );
    const listed = await connectExecutions(config).listStartedSince('arn:m', new Date(1_768_900_200_000));
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['d', 'c', 'b'],
    );
    assert.deepEqual(
      requests.map(({ json: sent }) => sent),
      [
        { stateMachineArn: 'arn:m', maxResults: 1000 },
        { stateMachineArn: 'arn:m', maxResults: 1000, nextToken: 'second' },
      ],
    );
  });

  it('lists the newest executions of a state machine with one request', async () => {
    const { config, requests } = fakeAws(json({ executions: [{ name: 'a' }], nextToken: 'more' }));
    assert.equal((await connectExecutions(config).listNewest('arn:m')).length, 1);
    assert.deepEqual(
      requests.map(({ json: sent }) => sent),
      [{ stateMachineArn: 'arn:m', maxResults: 1000 }],
    );
  });

  it('starts an execution and gives its ARN', async () => {
    const { config, requests } = fakeAws(json({ executionArn: ARN, startDate: 1_768_900_000 }));
    const request = { stateMachineArn: 'arn:m', name: 'run-1', input: '{}' };
    assert.equal(await connectExecutions(config).start(request), ARN);
    assert.deepEqual(requests[0]?.json, request);
  });
});
