import * as z from 'zod';
import { oddAnswer, rateLimit, staleAnswers } from './aws-answers.ts';
import { executionFaults } from './execution-faults.ts';
import { functionFaults } from './function-faults.ts';
import { apiServerAway, denied, evictionPolicy, evictionWebhook, staleLists, watchEnds } from './kubernetes-answers.ts';
import { endsAfterItBegins, spell } from './spell.ts';
import { seconds } from './values.ts';

/** What goes wrong, and when; instants are seconds since the sandbox started. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('insufficientCapacity'), zone: z.string(), ...spell }).refine(...endsAfterItBegins),
  z.strictObject({
    kind: z.literal('throttle'),
    action: z.string().describe('AWS action, or "kubernetes" for 429 by priority and fairness'),
    everyNth: z.int().min(2).describe('every n-th such request is throttled'),
  }),
  z.strictObject({
    kind: z.literal('fail'),
    action: z
      .string()
      .describe(
        'AWS action, e.g. TerminateInstanceInAutoScalingGroup, or "METHOD resource" for Kubernetes, e.g. "PATCH nodes"',
      ),
    error: z
      .string()
      .describe('AWS error code, or the Kubernetes reason (Conflict, Unauthorized, Forbidden, InternalError)'),
    message: z.string().optional(),
    times: z.int().min(1).default(1),
    fromSeconds: seconds.default(0),
  }),
  z.strictObject({
    kind: z.literal('lostResponse'),
    action: z.string().describe('the request takes effect but the client sees the connection break'),
    times: z.int().min(1).default(1),
  }),
  z.strictObject({
    kind: z.literal('spotInterruption'),
    group: z.string(),
    atSeconds: seconds,
    nodes: z.int().min(1).default(1),
  }),
  z.strictObject({
    kind: z.literal('setDesiredCapacity'),
    group: z.string(),
    atSeconds: seconds,
    change: z.int().describe('somebody else resizes the group by this many (an autoscaler, say)'),
  }),
  z.strictObject({
    kind: z.literal('nodeNotReady'),
    atSeconds: seconds,
    group: z.string(),
    nodes: z.int().min(1).default(1),
  }),
  staleAnswers,
  rateLimit,
  oddAnswer,
  staleLists,
  denied,
  watchEnds,
  evictionWebhook,
  evictionPolicy,
  apiServerAway,
  ...functionFaults,
  ...executionFaults,
]);

export type Fault = z.infer<typeof faultSchema>;
