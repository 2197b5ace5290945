import * as z from 'zod';
import { endsAfterItBegins, spell } from './spell.ts';
import { seconds } from './values.ts';

const cluster = z.string().optional().describe('default: every cluster');
const resource = z
  .string()
  .regex(/^[a-z]+(\/[a-z]+)?$/, { error: 'expected a plural name, e.g. pods or pods/eviction' });

/** Lists from the API server's cache, which lags behind. */
export const staleLists = z
  .strictObject({
    kind: z.literal('staleLists'),
    cluster,
    resources: z.array(resource).min(1).optional().describe('plural names; default: all'),
    secondsAgo: z.number().positive().describe('how old the lists are that are asked for with resourceVersion=0'),
    ...spell,
  })
  .refine(...endsAfterItBegins);

/** A spell in which the API server accepts no token, or grants no right. */
export const denied = z
  .strictObject({
    kind: z.literal('denied'),
    cluster,
    status: z
      .union([z.literal(401), z.literal(403)])
      .describe('401: for whoever asks; 403: as RBAC refuses, so administrators are not concerned'),
    verbs: z
      .array(z.enum(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']))
      .min(1)
      .optional()
      .describe('default: all'),
    resources: z.array(resource).min(1).optional().describe('plural names, with subresource; default: all'),
    ...spell,
  })
  .refine(...endsAfterItBegins);

/** Watches that end as soon as they have begun. */
export const watchEnds = z
  .strictObject({
    kind: z.literal('watchEnds'),
    cluster,
    resource: resource.describe('plural name'),
    sends: z
      .enum(['nothing', 'news', 'bookmark'])
      .default('nothing')
      .describe('before it ends; news: what has happened since the version asked for; bookmark: that, and a bookmark'),
    afterSeconds: z.number().positive().default(0.02).describe('how long it lasts: a round trip, so that time passes'),
    ...spell,
  })
  .refine(...endsAfterItBegins);

const evictedPods = {
  cluster,
  name: z.string().min(1),
  matchLabels: z.record(z.string(), z.string()).default({}).describe('of the pods concerned; none: every pod'),
  namespace: z.string().optional().describe('default: every namespace'),
};

/** A webhook that evictions are sent to. */
export const evictionWebhook = z
  .strictObject({
    kind: z.literal('evictionWebhook'),
    ...evictedPods,
    answer: z
      .enum(['denies', 'fails', 'hangs'])
      .default('denies')
      .describe('fails: nobody listens, and its failurePolicy is Fail; hangs: no answer within `timeoutSeconds`'),
    code: z.int().min(400).max(599).optional().describe('denies: HTTP status that it gives; without one it is 400'),
    message: z.string().default('').describe('denies: why'),
    reason: z.string().optional().describe('denies: the reason that it gives'),
    timeoutSeconds: z.int().min(1).max(30).default(10),
    onDryRun: z
      .enum(['same', 'admits'])
      .default('same')
      .describe('admits: it lets every dry run through, and only the real eviction meets its answer'),
    ...spell,
  })
  .refine(...endsAfterItBegins)
  .refine(({ answer, code, reason }) => answer === 'denies' || (code === undefined && reason === undefined), {
    path: ['answer'],
    error: 'only a webhook that denies gives a code and a reason',
  });

/** A ValidatingAdmissionPolicy that refuses evictions. */
export const evictionPolicy = z
  .strictObject({
    kind: z.literal('evictionPolicy'),
    ...evictedPods,
    binding: z.string().optional().describe('name of its binding; default: its own name'),
    message: z.string().min(1).describe('why'),
    reason: z
      .enum(['Invalid', 'Forbidden', 'Unauthorized', 'RequestEntityTooLarge'])
      .default('Invalid')
      .describe('which decides the HTTP status: 422, 403, 401 or 413'),
    ...spell,
  })
  .refine(...endsAfterItBegins);

/** An API server that is restarted. */
export const apiServerAway = z.strictObject({
  kind: z.literal('apiServerAway'),
  cluster,
  fromSeconds: seconds,
  forSeconds: z.number().positive().describe('connections break meanwhile, those of watches too'),
  forbiddenAnswers: z
    .int()
    .min(0)
    .default(0)
    .describe('that many first requests afterwards are 403, until the server has read its RBAC rules'),
});
