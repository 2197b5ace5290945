import * as z from 'zod';
import { secondsOfRate } from '../rate.ts';

const plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Values that a field of an event may have, by the path to the field; content filters are not simulated. */
export interface EventPattern {
  readonly [field: string]: readonly z.infer<typeof plain>[] | EventPattern;
}

const eventPattern: z.ZodType<EventPattern, EventPattern> = z.lazy(() =>
  z.record(
    z.string(),
    z.union([z.array(plain).min(1), eventPattern], {
      error: 'expected a list of exact values, or an object of such lists: content filters are not simulated',
    }),
  ),
);

/** A rule of EventBridge that calls one of the workflow's functions: on events, or at a rate. */
export const eventRuleSchema = z
  .strictObject({
    name: z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/),
    function: z
      .string()
      .regex(/^[a-z][A-Za-z0-9]*$/, 'expected the key of a function in serverless.yml, e.g. drainNode')
      .describe('key of the function, as in serverless.yml'),
    pattern: eventPattern
      .optional()
      .describe('e.g. {source: [aws.states], detail: {status: [FAILED, TIMED_OUT, ABORTED]}}'),
    rate: z
      .string()
      .refine((rate) => secondsOfRate(rate) !== undefined, 'expected a rate, e.g. rate(5 minutes) or rate(1 hour)')
      .optional()
      .describe('e.g. rate(5 minutes); the first call comes after the first five'),
  })
  .refine(({ pattern, rate }) => (pattern === undefined) !== (rate === undefined), {
    error: 'a rule has either a pattern or a rate',
  });

export type EventRule = z.infer<typeof eventRuleSchema>;
