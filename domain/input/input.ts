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
    maxUnavailable: z.int().min(1).max(100).optional().describe('number of nodes upgraded in parallel'),
    maxUnavailablePercentage: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('the same in percent of the outdated nodes, rounded down, at least 1'),
    updateStrategy: z
      .enum(['DEFAULT', 'MINIMAL'])
      .optional()
      .describe('`MINIMAL` adds no capacity: a node is replaced after it is drained'),
    surge: z.int().min(1).max(1000).optional().describe('number of extra nodes during the upgrade'),
  })
  .refine((config) => config.maxUnavailable === undefined || config.maxUnavailablePercentage === undefined, {
    error: 'either maxUnavailable or maxUnavailablePercentage',
  });

const podPolicy = z.enum(['evict', 'refuse']).default('evict');

/** Name of an EKS cluster. */
export const clusterNameSchema = z.string().regex(/^[0-9A-Za-z][\w-]{0,99}$/, 'the name of an EKS cluster');

/** Settings that mean the same whichever group is upgraded: those that the input of a whole cluster has as well. */
export const sharedSettings = {
  updateConfig: updateConfigSchema.default({}).meta({
    description: 'how many nodes are upgraded in parallel, and with how many extra nodes',
    whenAbsent:
      "the managed node group's own; else 1 in parallel, `DEFAULT`, a surge of max(2 × zones, 2 × parallelism)",
  }),
  force: z
    .boolean()
    .default(false)
    .describe('when a drain has used its time, delete the pods that are left, whatever their budgets allow'),
  allowDowngrade: z.boolean().default(false).describe('allow a release older than the one in use'),
  drainTimeoutSeconds: seconds(86_400).min(1).default(900).describe('longest drain of one node'),
  cordonWaitSeconds: seconds(3_600).default(60).describe('wait between the cordon of a node and its termination'),
  nodeReadyTimeoutSeconds: seconds(14_400)
    .min(1)
    .default(900)
    .describe('longest wait for a new node to become Ready before the run fails'),
  alarms: z.array(z.string().min(1).max(255)).max(100).default([]).meta({
    description:
      'names of CloudWatch alarms: the run stops before the next node when one is in ALARM; with engine `eks` the run ends, but the update of EKS goes on',
    whenAbsent: 'none',
  }),
  failurePolicy: z.enum(['finish', 'halt']).optional().meta({
    description: '`finish`: set a blocked node aside and go on with the others; `halt`: stop at the first blocked node',
    whenAbsent: '`finish`; with engine `eks` always `halt`',
  }),
  pods: z
    .strictObject({
      unmanaged: podPolicy.describe('pods without a controller: nothing creates them again'),
      localStorage: podPolicy.describe('pods with an emptyDir volume: its data is lost'),
    })
    .prefault({})
    .describe('pods that `kubectl drain` refuses to evict'),
  dryRun: z.boolean().default(false).describe('make the plan and change nothing'),
};

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
      .meta({ description: 'an EKS managed node group', whenAbsent: '`autoScalingGroupName` is required' }),
    autoScalingGroupName: z.string().min(1).max(255).optional().meta({
      description: 'the Auto Scaling group of self-managed nodes',
      whenAbsent: '`nodegroupName` is required',
    }),
    engine: z.enum(['workflow', 'eks']).optional().meta({
      description:
        '`workflow` runs the four phases; `eks` asks EKS to update the group and reports what EKS does. `eks` rejects `canary`, `updateConfig` and custom timeouts',
      whenAbsent: '`eks` for `nodegroupName`, `workflow` for `autoScalingGroupName`',
    }),
    target: targetSchema.optional().meta({
      description: 'the AMI to go to: exactly one of its keys',
      whenAbsent: "the AMI that AWS recommends for the cluster's Kubernetes version and the group's AMI type",
    }),
    amiType: z.enum(AMI_TYPES).optional().meta({
      description: 'an EKS AMI type, needed only when it cannot be derived from the AMI in use',
      whenAbsent: 'derived from the AMI in use',
    }),
    ...sharedSettings,
    canary: z
      .strictObject({
        nodes: z.int().min(1).describe('number of nodes to upgrade first'),
        bakeSeconds: seconds(172_800).describe('wait after them, before the alarms are checked and the others follow'),
      })
      .optional()
      .meta({ description: 'upgrade some nodes first, wait, check the alarms, then go on', whenAbsent: 'none' }),
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z
      .string()
      .optional()
      .describe('written by Step Functions when another execution starts this one, so that the console links the two'),
  })
  .refine((input) => (input.nodegroupName === undefined) !== (input.autoScalingGroupName === undefined), {
    error: 'exactly one of nodegroupName (EKS managed node group) and autoScalingGroupName (self-managed nodes)',
    // Without it the sentence would only come once everything else is right.
    when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  });

export type UpgradeInput = z.infer<typeof inputSchema>;

/**
 * Check an execution input and fill in the defaults.
 *
 * @throws {InvalidInput} naming every wrong key, what was expected and what was given
 */
export const parseInput = (value: unknown): UpgradeInput => parseStrictly(inputSchema, value);
