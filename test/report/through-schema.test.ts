import assert from 'node:assert/strict';
import * as z from 'zod';
import { readThrough } from '../../report/read/through-schema.ts';

const pod = z.strictObject({ name: z.string(), reason: z.enum(['budget', 'retry']) });
const output = z.strictObject({
  status: z.enum(['waiting', 'done']),
  count: z.int().min(0),
  run: z.strictObject({ cluster: z.string(), canary: z.strictObject({ nodes: z.int() }).optional() }),
  pods: z.array(pod),
  awaitsVolumes: z.boolean().default(false),
});
const byStatus = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('blocked'), error: z.string(), count: z.int() }),
  z.strictObject({ status: z.literal('drained'), count: z.int() }),
]);
const whole = { status: 'done', count: 1, run: { cluster: 'shop' }, pods: [{ name: 'a', reason: 'budget' }] };

describe('reading through a schema', () => {
  const cases: [title: string, schema: z.ZodType, value: unknown, expected: unknown][] = [
    ['a whole value, with defaults', output, whole, { ...whole, awaitsVolumes: false }],
    ['a value with a member of a later version', output, { ...whole, more: 1 }, { ...whole, awaitsVolumes: false }],
    ['a value without a member', output, { count: 2 }, { count: 2, awaitsVolumes: false }],
    [
      'a value with a member that cannot be read',
      output,
      { count: 'two', status: 'done' },
      { status: 'done', awaitsVolumes: false },
    ],
    [
      'members of members',
      output,
      { run: { canary: { nodes: 1, more: 2 } } },
      { run: { canary: { nodes: 1 } }, awaitsVolumes: false },
    ],
    [
      'the entries of a list that are whole',
      output,
      { pods: [{ name: 'a', reason: 'retry', more: 1 }, { name: 'b' }, 'c', null] },
      { pods: [{ name: 'a', reason: 'retry' }], awaitsVolumes: false },
    ],
    [
      'the member of a union that the status names',
      byStatus,
      { status: 'blocked', count: 1, more: 2 },
      { status: 'blocked', count: 1 },
    ],
    ['nothing of a union whose status is not known', byStatus, { status: 'lost', count: 1 }, undefined],
    ['nothing of a text', output, 'text', undefined],
    ['nothing of a list', output, [], undefined],
    ['nothing of nothing', output, undefined, undefined],
  ];
  for (const [title, schema, value, expected] of cases) {
    it(`gives ${title}`, () => assert.deepEqual(readThrough(schema, value), expected));
  }
});
