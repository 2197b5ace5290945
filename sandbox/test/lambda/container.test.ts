import assert from 'node:assert/strict';
import { ListClustersCommand } from '@aws-sdk/client-eks';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, it } from 'mocha';
import { createContainers, currentContainer, fromContainers, inEachContainer } from '../../lambda/container.ts';
import type { RequestHandler, SandboxRequest } from '../../server/http.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';
import { task } from '../step-functions/run-machine.ts';
import { createFunctionWorld, type TestFunctionWorld } from './function-world.ts';

const RETRIED = { Retry: [{ ErrorEquals: ['Runtime.ExitError', 'Sandbox.Timedout'], IntervalSeconds: 1 }] };
const definitions = [
  { name: 'work-machine', definition: { StartAt: 'Work', States: { Work: task('work', RETRIED) } } },
];

const TIMED_OUT = Object.assign(new Error('Task timed out'), { name: 'Sandbox.Timedout' });
const REQUEST: SandboxRequest = { method: 'GET', path: '/', query: new URLSearchParams(), headers: {}, body: '' };

describe('the memory of a function', () => {
  /** A function that asks for the clusters once, and keeps the answer: also while it is waited for. */
  const keepsAnswer = () => {
    const kept = inEachContainer(() => ({ answer: undefined as Promise<unknown> | undefined }));
    return async (_: never, { eks }: TestFunctionWorld) => {
      const memory = kept();
      memory.answer ??= eks.send(new ListClustersCommand({}));
      await memory.answer;
      return 'done';
    };
  };

  for (const kind of ['functionCrashes', 'functionTimesOut'] as const)
    it(`is gone with its process, so that nobody waits for what the dead one asked for: ${kind}`, async () => {
      const world = createFunctionWorld({
        scenario: { faults: [{ kind, function: 'work' }] },
        functions: { work: keepsAnswer() },
        definitions,
      });
      const execution = world.start();
      await world.clock.runUntil(() => execution.status !== 'RUNNING', 300);
      assert.deepEqual([execution.status, world.calls.length], ['SUCCEEDED', 2]);
    });

  it('is kept from call to call, and not shared by calls at the same time', async () => {
    const { run } = createContainers();
    const calls = inEachContainer(() => ({ count: 0 }));
    const count = async () => {
      const memory = calls();
      memory.count += 1;
      await Promise.resolve();
      return memory.count;
    };
    const together = await Promise.all([run('work', count), run('work', count)]);
    const later = [await run('work', count), await run('other', count)];
    assert.deepEqual(
      [together, later],
      [
        [1, 1],
        [2, 1],
      ],
    );
  });
});

describe('a function whose process has ended', () => {
  it('sends nothing more after its timeout, however few requests it has sent', async () => {
    const answeredAt: number[] = [];
    const world = createFunctionWorld({
      scenario: { faults: [{ kind: 'functionTimesOut', function: 'work', afterSeconds: 45, afterRequests: 99 }] },
      functions: {
        work: async (_: never, { eks, sleep }: TestFunctionWorld) => {
          for (let round = 0; round < 10; round += 1) {
            await eks.send(new ListClustersCommand({}));
            answeredAt.push(world.elapsed());
            await sleep(20);
          }
        },
      },
    });
    const execution = world.start();
    await world.clock.advance(600);
    assert.deepEqual([execution.error, answeredAt], ['Sandbox.Timedout', [0, 20, 40]]);
  });

  it('takes no other with it whose execution it had started', async () => {
    const answered: string[] = [];
    const world = createFunctionWorld({
      scenario: { faults: [{ kind: 'functionCrashes', function: 'work', afterRequests: 1 }] },
      functions: {
        work: async (_: never, { eks, stepFunctions }: TestFunctionWorld) => {
          await stepFunctions.send(
            new StartExecutionCommand({ stateMachineArn: world.sandbox.stepFunctions.machines[1]?.arn, input: '{}' }),
          );
          await eks.send(new ListClustersCommand({}));
        },
        helpOut: async (_: never, { eks }: TestFunctionWorld) => {
          answered.push(currentContainer()?.functionKey ?? 'in no container');
          await eks.send(new ListClustersCommand({}));
          answered.push('answered');
        },
      },
      definitions: [
        { name: 'work-machine', definition: { StartAt: 'Work', States: { Work: task('work') } } },
        { name: 'help-machine', definition: { StartAt: 'Help', States: { Help: task('helpOut') } } },
      ],
    });
    const execution = world.start();
    await world.clock.advance(60);
    assert.deepEqual([execution.error, answered], ['Runtime.ExitError', ['in no container', 'answered']]);
  });

  it('is silent before that when it hangs: nobody is told until its timeout', async () => {
    const clock = createVirtualClock(0);
    let requests = 0;
    const answer: RequestHandler = async () => {
      requests += 1;
      return { status: 200, headers: {}, body: '' };
    };
    const send = fromContainers(answer, clock);
    let ended = 'not yet';
    const call = createContainers().run('work', async (container) => {
      clock.timeout(60, () => container.die(TIMED_OUT));
      container.silence();
      await send(REQUEST);
    });
    void call.catch(({ name }: Error) => {
      ended = name;
    });
    await clock.advance(59);
    assert.deepEqual([ended, requests], ['not yet', 0]);
    await clock.advance(1);
    assert.deepEqual([ended, requests], ['Sandbox.Timedout', 0]);
  });

  it('fails its call, also when the code ends in the same breath, or in a call within the call', async () => {
    const { run } = createContainers();
    const direct = run('work', async (container) => container.die(TIMED_OUT));
    const within = run('work', () => run('work', async (container) => container.die(TIMED_OUT)));
    assert.deepEqual(await Promise.allSettled([direct, within]), [
      { status: 'rejected', reason: TIMED_OUT },
      { status: 'rejected', reason: TIMED_OUT },
    ]);
  });
});
