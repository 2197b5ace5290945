import assert from 'node:assert/strict';
import { nodeExecutionName } from '../../../domain/admission/entry.ts';
import {
  nodeExecutionArn,
  nodeStateMachineArn,
  readNodeExecutionName,
} from '../../../domain/admission/node-execution.ts';

const run = (machine: string, name = 'run-1'): string =>
  `arn:aws:states:eu-west-1:111122223333:execution:${machine}:${name}`;

describe('finding the executions of nodes', () => {
  const machines: [title: string, execution: string, expected: string | undefined][] = [
    [
      'a stack',
      run('eks-nodegroup-upgrade-dev-upgrade-nodegroup'),
      'arn:aws:states:eu-west-1:111122223333:stateMachine:eks-nodegroup-upgrade-dev-upgrade-node',
    ],
    [
      'a stack that is named like the state machine',
      run('upgrade-nodegroup-upgrade-nodegroup'),
      'arn:aws:states:eu-west-1:111122223333:stateMachine:upgrade-nodegroup-upgrade-node',
    ],
    [
      'a run that is named like the state machine',
      run('upgrade-nodegroup', 'upgrade-nodegroup'),
      'arn:aws:states:eu-west-1:111122223333:stateMachine:upgrade-node',
    ],
    ['a state machine with a name of its own', run('rollout'), undefined],
    ['no ARN', 'run-1', undefined],
  ];
  for (const [title, execution, expected] of machines) {
    it(`${expected === undefined ? 'has no' : 'names the'} state machine of nodes for ${title}`, () =>
      assert.equal(nodeStateMachineArn(execution), expected));
  }

  it('names the ARN of a node by that of the run', () =>
    assert.equal(
      nodeExecutionArn(run('x-upgrade-nodegroup'), 'workers-i-0a-1-0badcafe'),
      run('x-upgrade-node', 'workers-i-0a-1-0badcafe'),
    ));

  it('reads from the name of an execution its instance, attempt and run', () => {
    const entry = { instanceId: 'i-0123456789abcdef0', attempt: 12, runId: '0badcafe' };
    assert.deepEqual(readNodeExecutionName(nodeExecutionName('shop_workers-i-1-2', entry)), entry);
  });

  for (const name of ['', 'run-1', 'workers-20260120-101500-by-ana-3f2a', 'workers-i-0a-1', 'i-0a-x-0badcafe']) {
    it(`reads nothing from "${name}"`, () => assert.equal(readNodeExecutionName(name), undefined));
  }
});
