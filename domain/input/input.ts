/*
 * Words of this folder:
 *
 * input      the JSON object that an execution starts with, the same from the console, the CLI, the API and a schedule
 * setting    a key of the input that means the same for every group, so that a cluster's input has it as well
 * target     the AMI to go to, named in one of four ways, or the recommended one
 * engine     who replaces the nodes: `workflow`, our own steps, or `eks`, the update that EKS carries out itself
 * strict     an unknown key is refused, with the known key that is nearest to it
 */

import * as z from 'zod';
import { AMI_TYPES } from '../ami/ami.ts';
import { InvalidInput } from '../errors.ts';
import { parseStrictly } from './strict-input.ts';

const seconds = (limit: number) => z.int().min(0).max(limit);

export const releaseVersionSchema = z.string().min(1).describe('a release of the EKS AMI, such as 1.33.5-20260101');

const targetSchema = z
  .strictObject({
    amiId: z
      .string()
      .regex(/^ami-[0-9a-f]{8,17}$/, 'an AMI id such as ami-0123456789abcdef0')
      .optional()
      .describe('an AMI by its id'),
    releaseVersion: releaseVersionSchema.optional(),
    launchTemplateVersion: z
      .string()
      .regex(/^[1-9]\d*$/, 'the number of a template version, as a string, such as "7"')
      .optional()
      .describe('an existing version of the launch template in use; to go back, name the previous one'),
    ssmParameter: z
      .string()
      .regex(/^\/[\w./-]+$/, 'the full name of an SSM parameter, starting with /')
      .optional()
      .describe('an SSM parameter whose value is an AMI id'),
  })
  .refine((target) => Object.values(target).filter((value) => value !== undefined).length === 1, {
    error: 'exactly one of amiId, releaseVersion, launchTemplateVersion, ssmParameter',
  });

const updateConfigSchema = z
  .strictObject({
    maxUnavailable: z.int().min(1).optional().meta({
      description: 'number of nodes upgraded in parallel',
      whenAbsent: "the managed node group's own, else 1",
    }),
    maxUnavailablePercentage: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('the same in percent of the outdated nodes, rounded down, at least 1'),
    updateStrategy: z.enum(['DEFAULT', 'MINIMAL']).optional().meta({
      description: '`MINIMAL` adds no capacity: a node is replaced after it is drained',
      whenAbsent: "the managed node group's own, else `DEFAULT`",
    }),
    surge: z.int().min(1).max(1000).optional().meta({
      description: 'number of extra nodes during the upgrade',
      whenAbsent:
        'parallelism × (1 + ⌈boot / round⌉), at least 2 × zones; no more than the outdated nodes, unless a zone would have none',
    }),
  })
  .refine((config) => config.maxUnavailable === undefined || config.maxUnavailablePercentage === undefined, {
    error: 'either maxUnavailable or maxUnavailablePercentage',
  });

/** Their instance ids are in the input of every node's execution, and so in the record. */
const MOST_NAMED_NODES = 500;

const nodesSchema = z
  .array(z.string().min(1).max(253))
  .min(1)
  .max(MOST_NAMED_NODES)
  .refine((names) => new Set(names).size === names.length, { error: 'each node once' });

const podPolicy = z.enum(['evict', 'refuse']).default('evict');

/** Name of an EKS cluster. */
export const clusterNameSchema = z.string().regex(/^[0-9A-Za-z][\w-]{0,99}$/, 'the name of an EKS cluster');

/** Settings that mean the same whichever group is upgraded: those that the input of a whole cluster has as well. */
export const sharedSettings = {
  updateConfig: updateConfigSchema
    .default({})
    .describe('how many nodes are upgraded in parallel, and with how many extra nodes'),
  force: z
    .boolean()
    .default(false)
    .describe('after the drain timeout, delete the pods that are left on a node, whatever their budgets allow'),
  allowDowngrade: z.boolean().default(false).describe('allow a release older than the one in use'),
  drainTimeoutSeconds: seconds(86_400)
    .min(1)
    .default(900)
    .describe('longest time that the pods of a node may take to leave it'),
  cordonWaitSeconds: seconds(3_600).default(60).describe('time between the cordon of a node and its termination'),
  nodeReadyTimeoutSeconds: seconds(14_400)
    .min(1)
    .default(900)
    .describe('longest time without a new node becoming Ready before the run fails'),
  alarms: z.array(z.string().min(1).max(255)).max(100).default([]).meta({
    description:
      'CloudWatch alarms: the run stops before the next node when one is in ALARM; with engine `eks` the run ends, but EKS continues the update',
    whenAbsent: 'none',
  }),
  failurePolicy: z.enum(['finish', 'halt']).optional().meta({
    description:
      '`finish`: set a blocked node aside and continue with the others; `halt`: stop at the first blocked node',
    whenAbsent: '`finish`; with engine `eks` always `halt`',
  }),
  blockedNodes: z
    .enum(['reopen', 'leaveCordoned'])
    .default('reopen')
    .describe(
      'after a run that fails, blocked nodes take pods again (`reopen`), or stay cordoned until the next run or `cleanup` (`leaveCordoned`)',
    ),
  pods: z
    .strictObject({
      unmanaged: podPolicy.describe('what to do with pods without a controller, which nothing creates again'),
      localStorage: podPolicy.describe('what to do with pods that have an emptyDir volume, whose data is lost'),
    })
    .prefault({})
    .describe('pods that `kubectl drain` refuses to evict'),
  dryRun: z.boolean().default(false).describe('make the plan and change nothing'),
};

interface GroupNames {
  readonly nodegroupName?: string | undefined;
  readonly autoScalingGroupName?: string | undefined;
}

type OneGroupName =
  | { readonly nodegroupName: string; readonly autoScalingGroupName?: undefined }
  | { readonly nodegroupName?: undefined; readonly autoScalingGroupName: string };

const ONE_GROUP = 'exactly one of nodegroupName (EKS managed node group) and autoScalingGroupName (self-managed nodes)';

const namesOneGroup = <Names extends GroupNames>(input: Names): input is Names & OneGroupName =>
  (input.nodegroupName === undefined) !== (input.autoScalingGroupName === undefined);

/**
 * The execution input: the same from the console, the CLI, the API and a schedule. Strict; every limit is checked before
 * anything is touched.
 */
export const inputSchema = z
  .strictObject({
    clusterName: clusterNameSchema.describe('name of the EKS cluster'),
    nodegroupName: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .meta({ description: 'name of the EKS managed node group', whenAbsent: '`autoScalingGroupName` is required' }),
    autoScalingGroupName: z.string().min(1).max(255).optional().meta({
      description: 'name of the Auto Scaling group of self-managed nodes',
      whenAbsent: '`nodegroupName` is required',
    }),
    engine: z.enum(['workflow', 'eks']).optional().meta({
      description:
        '`workflow` runs the four phases; `eks` asks EKS to update the group and reports what EKS does. `eks` rejects `nodes`, `canary`, `updateConfig` and custom timeouts',
      whenAbsent: '`eks` for a managed node group, else `workflow`',
    }),
    target: targetSchema.optional().meta({
      description: 'the AMI to go to: exactly one of its keys',
      whenAbsent: "the AMI that AWS recommends for the cluster's Kubernetes version and the group's AMI type",
    }),
    amiType: z.enum(AMI_TYPES).optional().meta({
      description: 'EKS AMI type of the nodes; needed only when it cannot be derived from the AMI in use',
      whenAbsent: 'that of the AMI in use',
    }),
    ...sharedSettings,
    nodes: nodesSchema.optional().meta({
      description:
        'only these nodes, by instance id or node name; the others stay as they are. One that is gone or renewed counts as done',
      whenAbsent: 'all nodes of the group',
    }),
    canary: z
      .strictObject({
        nodes: z.int().min(1).describe('number of nodes that are upgraded before the others'),
        bakeSeconds: seconds(172_800).describe(
          'time after the canary nodes, before the alarms are checked and the other nodes follow',
        ),
      })
      .optional()
      .meta({ description: 'upgrade some nodes first, wait, check the alarms, then continue', whenAbsent: 'none' }),
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z
      .string()
      .optional()
      .describe('written by Step Functions when another execution starts this one, so that the console links the two'),
  })
  .refine((input) => namesOneGroup(input), {
    error: ONE_GROUP,
    // Without it the sentence would only come once everything else is right.
    when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  });

/** A checked input: it names a managed node group or an Auto Scaling group. */
export type UpgradeInput = z.infer<typeof inputSchema> & OneGroupName;

/**
 * Check an execution input and fill in the defaults.
 *
 * @throws {InvalidInput} naming every wrong key, what was expected and what was given
 */
export function parseInput(value: unknown): UpgradeInput {
  const input = parseStrictly(inputSchema, value);
  if (!namesOneGroup(input)) throw new InvalidInput(ONE_GROUP);
  return input;
}
