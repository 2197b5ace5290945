import * as z from 'zod';
import { AMI_TYPES } from '../ami/ami.ts';
import { parseStrictly } from './strict-input.ts';

const seconds = (limit: number) => z.int().min(0).max(limit);

export const releaseVersionSchema = z.string().min(1).describe('e.g. 1.33.5-20260101');

const targetSchema = z
  .strictObject({
    amiId: z
      .string()
      .regex(/^ami-[0-9a-f]{8,17}$/, 'an AMI id such as ami-0123456789abcdef0')
      .optional(),
    releaseVersion: releaseVersionSchema.optional(),
    launchTemplateVersion: z
      .string()
      .regex(/^[1-9]\d*$/, 'the number of a template version, as a string, such as "7"')
      .optional()
      .describe('an existing version of the template in use; a rollback names the previous one'),
    ssmParameter: z
      .string()
      .regex(/^\/[\w./-]+$/, 'the full name of an SSM parameter, starting with /')
      .optional()
      .describe('a parameter whose value is an AMI id'),
  })
  .refine((target) => Object.values(target).filter((value) => value !== undefined).length === 1, {
    error: 'exactly one of amiId, releaseVersion, launchTemplateVersion, ssmParameter',
  });

const updateConfigSchema = z
  .strictObject({
    maxUnavailable: z.int().min(1).max(100).optional().describe('nodes upgraded in parallel'),
    maxUnavailablePercentage: z.int().min(1).max(100).optional().describe('the same, in percent of the outdated nodes'),
    updateStrategy: z.enum(['DEFAULT', 'MINIMAL']).optional().describe('MINIMAL adds no capacity'),
    surge: z.int().min(1).max(1000).optional().describe('number of extra nodes, instead of the computed one'),
  })
  .refine((config) => config.maxUnavailable === undefined || config.maxUnavailablePercentage === undefined, {
    error: 'either maxUnavailable or maxUnavailablePercentage',
  });

const podPolicy = z.enum(['evict', 'refuse']).default('evict');

/** Name of an EKS cluster. */
export const clusterNameSchema = z.string().regex(/^[0-9A-Za-z][\w-]{0,99}$/, 'the name of an EKS cluster');

/** Settings that mean the same whichever group is upgraded: those that the input of a whole cluster has as well. */
export const sharedSettings = {
  updateConfig: updateConfigSchema.default({}),
  force: z.boolean().default(false),
  allowDowngrade: z.boolean().default(false).describe('go to a release older than the one in use'),
  drainTimeoutSeconds: seconds(86_400).min(1).default(900),
  cordonWaitSeconds: seconds(3_600).default(60),
  nodeReadyTimeoutSeconds: seconds(14_400).min(1).default(900),
  alarms: z.array(z.string().min(1).max(255)).max(100).default([]),
  failurePolicy: z.enum(['finish', 'halt']).optional().describe('finish when absent; EKS itself always halts'),
  pods: z
    .strictObject({
      unmanaged: podPolicy.describe('pods without a controller'),
      localStorage: podPolicy.describe('pods with an emptyDir volume'),
    })
    .prefault({}),
  dryRun: z.boolean().default(false),
};

/**
 * The execution input: the same from the console, the CLI, the API and a schedule. Strict; every limit is checked before
 * anything is touched.
 */
export const inputSchema = z
  .strictObject({
    clusterName: clusterNameSchema,
    nodegroupName: z.string().min(1).max(63).optional().describe('an EKS managed node group'),
    autoScalingGroupName: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('the Auto Scaling group of self-managed nodes'),
    engine: z.enum(['workflow', 'eks']).optional(),
    target: targetSchema.optional(),
    amiType: z.enum(AMI_TYPES).optional().describe('only when it cannot be derived from the AMI in use'),
    ...sharedSettings,
    canary: z.strictObject({ nodes: z.int().min(1), bakeSeconds: seconds(172_800) }).optional(),
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z
      .string()
      .optional()
      .describe('what AWS asks a workflow to say when it starts another: the console then links the two'),
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
