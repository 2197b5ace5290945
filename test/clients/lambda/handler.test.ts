import assert from 'node:assert/strict';
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
  const lines: Record<string, unknown>[] = [];
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
      log: (line) => lines.push(JSON.parse(line)),
      stepName: 'cordonNode',
    },
  );
  return { handler, lines, built: () => built };
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

  it('leaves one line in the log, by which the run and the node are found', async () => {
    const { handler, lines } = setUp(async () => ({ status: 'cordoned', secret: 'no' }));
    await handler(EVENT);
    assert.deepEqual(lines, [
      { step: 'cordonNode', executionArn: ARN, instanceId: 'i-0a', status: 'cordoned', durationMilliseconds: 7 },
    ]);
  });

  it('logs and throws the error of a step under its own name', async () => {
    const { handler, lines } = setUp(async () => {
      throw new Throttled('ec2:DescribeImages: Rate exceeded');
    });
    await assert.rejects(handler(EVENT), { name: 'Throttled' });
    assert.deepEqual(lines[0]?.error, { name: 'Throttled', message: 'ec2:DescribeImages: Rate exceeded' });
    assert.equal(lines[0]?.status, 'failed');
  });

  for (const [title, event] of [
    ['an unknown key', { ...EVENT, dryrun: true }],
    ['nothing', undefined],
    ['a text', 'hello'],
  ] as const) {
    it(`throws InvalidInput for ${title}`, async () => {
      const { handler, lines } = setUp(async () => ({}));
      await assert.rejects(handler(event), { name: 'InvalidInput' });
      assert.equal(lines.length, 1);
    });
  }
});
