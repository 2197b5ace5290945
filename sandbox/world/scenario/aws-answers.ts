import * as z from 'zod';
import { endsAfterItBegins, spell } from './spell.ts';
import { seconds } from './values.ts';

/** Services whose describe answers can lag behind, with the actions that do. */
export const LAGGING_ACTIONS = {
  autoscaling: [
    'DescribeAutoScalingGroups',
    'DescribeAutoScalingInstances',
    'DescribeScalingActivities',
    'DescribeInstanceRefreshes',
    'DescribeScheduledActions',
    'DescribeTags',
    'DescribeLifecycleHooks',
  ],
  ec2: [
    'DescribeInstances',
    'DescribeLaunchTemplates',
    'DescribeLaunchTemplateVersions',
    'DescribeTags',
    'DescribeVolumes',
  ],
  eks: ['ListNodegroups', 'DescribeNodegroup', 'ListUpdates', 'DescribeUpdate'],
} as const;

type LaggingService = keyof typeof LAGGING_ACTIONS;

const staleAnswersOf = <Service extends LaggingService>(service: Service) =>
  z
    .strictObject({
      kind: z.literal('staleAnswers'),
      service: z.literal(service),
      actions: z.array(z.enum(LAGGING_ACTIONS[service])).min(1).optional().describe('default: all that can lag'),
      secondsAgo: z.number().positive().describe('how old the world is that the answers show'),
      when: z
        .enum(['afterWrites', 'always'])
        .default('afterWrites')
        .describe(
          'afterWrites: an answer leaves out the writes of the last `secondsAgo`; always: it is always that old',
        ),
      ...spell,
    })
    .refine(...endsAfterItBegins);

/** Describe answers that show the world of some seconds ago. */
export const staleAnswers = z.discriminatedUnion('service', [
  staleAnswersOf('autoscaling'),
  staleAnswersOf('ec2'),
  staleAnswersOf('eks'),
]);

/** A token bucket: calls take a token each, and are throttled while there is none. */
export const rateLimit = z
  .strictObject({
    kind: z.literal('rateLimit'),
    service: z.enum(['autoscaling', 'ec2', 'eks', 'ssm', 'sts', 'cloudwatch', 'states']),
    actions: z
      .array(z.string().regex(/^[A-Z][A-Za-z0-9]+$/))
      .min(1)
      .optional()
      .describe('share this bucket; default: all calls of the service share it'),
    perSecond: z.number().positive().describe('tokens that come back each second'),
    burst: z.number().min(1).describe('tokens that the bucket holds; it is full at first'),
    ...spell,
  })
  .refine(...endsAfterItBegins);

/** One answer that is not what was asked for, of AWS or of Kubernetes. */
export const oddAnswer = z
  .strictObject({
    kind: z.literal('oddAnswer'),
    action: z
      .string()
      .regex(/^(([a-z]+:)?[A-Z][A-Za-z0-9]+|(GET|POST|PUT|PATCH|DELETE) [a-z]+(\/[a-z]+)?)$/, {
        error: 'expected an AWS action such as DescribeInstances, or "METHOD resource" such as "GET pods"',
      })
      .describe('AWS action, or "METHOD resource" for Kubernetes; watches are left alone'),
    form: z
      .enum(['truncated', 'brokenOff', 'html', 'otherKind', 'empty'])
      .describe(
        'truncated: half of the body, with a matching length; brokenOff: the connection breaks in the middle; html: 200 with the page of a proxy; otherKind: a sound answer to another question; empty: 200 without a body',
      ),
    isCarriedOut: z.boolean().default(true).describe('false: something before the server answers, and it sees nothing'),
    times: z.int().min(1).default(1),
    fromSeconds: seconds.default(0),
  })
  .refine(({ form, isCarriedOut }) => isCarriedOut || (form !== 'truncated' && form !== 'brokenOff'), {
    path: ['isCarriedOut'],
    error: 'only an answer of the server itself can be truncated or brokenOff: leave isCarriedOut out',
  });
