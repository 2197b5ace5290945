import assert from 'node:assert/strict';
import { Logger } from '@aws-lambda-powertools/logger';
import sinon from 'sinon';
import * as z from 'zod';
import { toHandler } from '../../../clients/lambda/handler.ts';
import { defineStep } from '../../../clients/lambda/step.ts';
import type { Deps } from '../../../clients/ports.ts';
import { Throttled } from '../../../domain/errors.ts';

const ARN = 'arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:run-1';
const input = z.strictObject({
  run: z.strictObject({ executionArn: z.string() }),
  node: z.strictObject({ instanceId: z.string() }),
});
const EVENT = { run: { executionArn: ARN }, node: { instanceId: 'i-0a' } };

function setUp(body: (deps: Deps) => Promise<unknown>) {
  const records: Record<string, unknown>[] = [];
  const log = (message: string, fields: Record<string, unknown>) => records.push({ message, ...fields });
  let built = 0;
  let milliseconds = 0;
  const handler = toHandler(
    defineStep(input, (_, deps) => body(deps)),
    {
      createDeps: () => {
        built += 1;
        return { random: () => 0.5 } as Deps;
      },
      clock: {
        now: () => {
          milliseconds += 7;
          return new Date(milliseconds);
        },
      },
      logger: { info: log, error: log },
      stepName: 'cordonNode',
    },
  );
  return { handler, records, built: () => built };
}

describe('a Lambda handler', () => {
  it('gives the step its input and clients, and returns its output', async () => {
    const { handler } = setUp(async ({ random }) => ({ status: 'cordoned', chance: random() }));
    assert.deepEqual(await handler(EVENT), { status: 'cordoned', chance: 0.5 });
  });

  it('builds its clients at the first event, and once', async () => {
    const { handler, built } = setUp(async () => ({}));
    assert.equal(built(), 0);
    await handler(EVENT);
    await handler(EVENT);
    assert.equal(built(), 1);
  });

  it('writes one log record, with the ids of the run and the node', async () => {
    const { handler, records } = setUp(async () => ({ status: 'cordoned', secret: 'no' }));
    await handler(EVENT);
    assert.deepEqual(records, [
      {
        message: 'step ended',
        step: 'cordonNode',
        executionArn: ARN,
        instanceId: 'i-0a',
        status: 'cordoned',
        durationMilliseconds: 7,
      },
    ]);
  });

  it('logs and throws the error of a step with its name', async () => {
    const { handler, records } = setUp(async () => {
      throw new Throttled('ec2:DescribeImages: Rate exceeded');
    });
    await assert.rejects(handler(EVENT), { name: 'Throttled' });
    const error = records.at(0)?.error as Error | undefined;
    assert.deepEqual([error?.name, error?.message], ['Throttled', 'ec2:DescribeImages: Rate exceeded']);
    assert.equal(records[0]?.status, 'failed');
  });

  it('#55 logs the whole stack of an error, and throws it without: Lambda copies it into the state', async () => {
    const { handler, records } = setUp(async () => {
      throw new Throttled('Rate exceeded');
    });
    await assert.rejects(handler(EVENT), { stack: 'Throttled' });
    assert.match((records.at(0)?.error as Error | undefined)?.stack ?? '', /Rate exceeded\n {4}at /);
  });

  it('#23 throws no message that Step Functions would cut off', async () => {
    const { handler } = setUp(async () => {
      throw new Throttled('"pod" '.repeat(20_000));
    });
    await assert.rejects(handler(EVENT), (thrown: Error) => {
      const { name: errorType, message: errorMessage, stack = '' } = thrown;
      return JSON.stringify({ errorType, errorMessage, trace: stack.split('\n') }).length < 32_768;
    });
  });

  it('writes JSON objects without the request that failed, whose headers carry credentials', async () => {
    const written = sinon.stub(process.stdout, 'write').returns(true);
    const complained = sinon.stub(process.stderr, 'write').returns(true);
    try {
      const request = { headers: { authorization: 'Bearer k8s-aws-v1.secret' } };
      const cause = Object.assign(new Error('403'), { $response: { request }, token: 'k8s-aws-v1.secret' });
      const handler = toHandler(
        defineStep(input, async () => {
          throw Object.assign(new Throttled('Rate exceeded', { cause }), { request });
        }),
        { createDeps: () => ({}) as Deps, logger: new Logger({ serviceName: 'test' }), stepName: 'cordonNode' },
      );
      await assert.rejects(handler(EVENT), { name: 'Throttled' });
    } finally {
      sinon.restore();
    }
    const text = [...written.args, ...complained.args].map(([chunk]) => String(chunk)).join('');
    const { level, step, error: logged } = JSON.parse(text);
    const { stack: _, ...error } = logged;
    assert.deepEqual(
      { level, step, error },
      { level: 'ERROR', step: 'cordonNode', error: { name: 'Throttled', message: 'Rate exceeded' } },
    );
    assert.doesNotMatch(text, /k8s-aws-v1/);
  });

  for (const [title, event] of [
    ['an unknown key', { ...EVENT, dryrun: true }],
    ['nothing', undefined],
    ['a text', 'hello'],
  ] as const) {
    it(`throws InvalidInput for ${title}`, async () => {
      const { handler, records } = setUp(async () => ({}));
      await assert.rejects(handler(event), { name: 'InvalidInput' });
      assert.equal(records.length, 1);
    });
  }
});
