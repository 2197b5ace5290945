import * as z from 'zod';
import { seconds } from './values.ts';

const calls = {
  function: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]*$/, 'the key of a function in serverless.yml, e.g. drainNode')
    .describe('key of the function, as in serverless.yml, e.g. drainNode'),
  fromSeconds: seconds.default(0),
  fromCall: z.int().min(1).default(1).describe('the first of its calls, from that instant on, that is concerned'),
  times: z.int().min(1).default(1).describe('how many calls in a row are concerned'),
};

const afterRequests = z
  .int()
  .min(0)
  .default(0)
  .describe('the function does its work until so many of its requests are answered, or until it is done');

/** What Lambda says of a function in a VPC that was idle for so long that its network interface is gone. */
const ASLEEP = [
  'Lambda.ResourceNotReadyException',
  'Lambda.ENINotReadyException',
  'Lambda.ResourceConflictException',
  'Lambda.EC2ThrottledException',
] as const;

/** How calls of the workflow's Lambda functions go wrong. */
export const functionFaults = [
  z.strictObject({
    kind: z.literal('functionTimesOut').describe('Lambda ends it: Sandbox.Timedout'),
    ...calls,
    afterRequests,
    afterSeconds: z.number().positive().default(60).describe('timeout of the function, from the beginning of the call'),
  }),
  z.strictObject({
    kind: z.literal('functionCrashes').describe('its process ends, for want of memory say: Runtime.ExitError'),
    ...calls,
    afterRequests,
  }),
  z.strictObject({
    kind: z
      .literal('functionFreezes')
      .describe('it stands still and then goes on, whatever became of its state and its execution meanwhile'),
    ...calls,
    afterRequests,
    forSeconds: z.number().positive(),
  }),
  z.strictObject({
    kind: z.literal('functionAsleep').describe('a function in a VPC that nobody called for 14 days'),
    function: calls.function.optional().describe('absent: every function, each by itself'),
    fromSeconds: seconds.default(0),
    error: z.enum(ASLEEP).default('Lambda.ResourceNotReadyException'),
    wakesAfterSeconds: z.number().positive().default(60).describe('its first call and all others until then fail'),
  }),
] as const;
