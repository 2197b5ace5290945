import * as z from 'zod';
import { annotationChanges, awsTags, effect, labelValue, objectName, qualifiedName, seconds } from './values.ts';

const atInstant = { atSeconds: seconds.describe('since the sandbox started') };
const ofGroup = { ...atInstant, group: z.string().describe('name of the Auto Scaling group') };

/** Which instances of a group, or their nodes. */
const chosen = {
  ...ofGroup,
  nodes: z.int().min(1).optional().describe('how many of those that are InService then; default 1'),
  pick: z.enum(['chance', 'oldest', 'newest']).optional().describe('which of them; default: chance'),
  number: z.int().min(1).optional().describe('instead: the n-th with which the group started, from 1'),
};

const sizes = {
  minSize: z.int().min(0).optional(),
  maxSize: z.int().min(0).optional(),
  desiredCapacity: z.int().min(0).optional(),
};

const percentage = z.int().min(0).max(100);

const groupActors = [
  z.strictObject({ kind: z.literal('setSizes'), ...ofGroup, ...sizes }).describe('as UpdateAutoScalingGroup'),
  z.strictObject({ kind: z.literal('setTags'), ...ofGroup, tags: awsTags }).describe('as CreateOrUpdateTags'),
  z
    .strictObject({ kind: z.literal('removeTags'), ...ofGroup, keys: z.array(z.string()).min(1) })
    .describe('as DeleteTags'),
  z
    .strictObject({
      kind: z.literal('setTemplateVersion'),
      ...ofGroup,
      version: z.string().regex(/^(\d+|\$Latest|\$Default)$/, { error: 'a number, $Latest or $Default' }),
    })
    .describe('as UpdateAutoScalingGroup with the template of the group'),
  z
    .strictObject({
      kind: z.literal('scheduleSizes'),
      ...ofGroup,
      name: z.string().min(1).max(255),
      afterSeconds: seconds.optional().describe('from being scheduled until it happens, once'),
      recurrence: z.string().optional().describe('instead: cron expression of five fields, UTC'),
      ...sizes,
    })
    .describe('as PutScheduledUpdateGroupAction'),
  z
    .strictObject({
      kind: z.literal('startInstanceRefresh'),
      ...ofGroup,
      minHealthyPercentage: percentage.optional().describe('default 90'),
      warmupSeconds: z.int().min(0).optional(),
      skipMatching: z.boolean().optional(),
    })
    .describe('as StartInstanceRefresh'),
  z.strictObject({ kind: z.literal('cancelInstanceRefresh'), ...ofGroup }).describe('as CancelInstanceRefresh'),
  z
    .strictObject({
      kind: z.literal('enterStandby'),
      ...chosen,
      decrementDesired: z.boolean().default(true).describe('false: the group launches replacements'),
    })
    .describe('as EnterStandby'),
  z.strictObject({ kind: z.literal('exitStandby'), ...ofGroup }).describe('as ExitStandby, of all that are in Standby'),
] as const;

const taint = z.strictObject({ key: qualifiedName, value: labelValue.optional(), effect });

const nodeActors = [
  z.strictObject({ kind: z.literal('taintNodes'), ...chosen, taint }).describe('as kubectl taint'),
  z
    .strictObject({ kind: z.literal('untaintNodes'), ...chosen, key: qualifiedName, effect: effect.optional() })
    .describe('as kubectl taint with a minus sign; without effect every taint with the key'),
  z.strictObject({ kind: z.literal('cordonNodes'), ...chosen }),
  z.strictObject({ kind: z.literal('uncordonNodes'), ...chosen }),
  z.strictObject({ kind: z.literal('deleteNodes'), ...chosen }).describe('the Node objects; the machines live on'),
] as const;

const lease = { ...atInstant, cluster: z.string(), namespace: objectName, name: objectName };

const leaseActors = [
  z.strictObject({ kind: z.literal('deleteLease'), ...lease }),
  z.strictObject({ kind: z.literal('annotateLease'), ...lease, annotations: annotationChanges }),
] as const;

const executionActors = [
  z.strictObject({
    kind: z.literal('startExecution'),
    ...atInstant,
    stateMachine: z.string().describe('its name'),
    name: z
      .string()
      .regex(/^[\w-]{1,80}$/, { error: 'up to 80 letters, digits, - and _' })
      .optional(),
    input: z.record(z.string(), z.unknown()).default({}),
  }),
] as const;

/** What somebody else does at an instant: the same request that they would send to AWS or Kubernetes. */
export const actorSchema = z.discriminatedUnion('kind', [
  ...groupActors,
  ...nodeActors,
  ...leaseActors,
  ...executionActors,
]);

export type Actor = z.infer<typeof actorSchema>;
/** An actor of some kinds. */
export type ActorOf<Kind extends Actor['kind']> = Extract<Actor, { kind: Kind }>;
