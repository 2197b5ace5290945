import * as z from 'zod';
import { clusterNameSchema, releaseVersionSchema, sharedSettings } from '../input/input.ts';
import { parseStrictly } from '../input/strict-input.ts';

/** Iterations of an inline Map that run at one time (Step Functions quota). */
const MOST_PARALLEL_NODEGROUPS = 40;
/** Their plan must stay far below 256 KiB. */
export const MOST_NODEGROUPS = 100;

const namesSchema = z
  .union([z.literal('all'), z.array(z.string().min(1).max(255)).min(1).max(MOST_NODEGROUPS)], {
    error: `"all", or a list of 1 to ${MOST_NODEGROUPS} names of managed node groups and Auto Scaling groups`,
  })
  .refine((names) => names === 'all' || new Set(names).size === names.length, { error: 'each name once' });

/**
 * The execution input of a whole cluster: which groups, how many at a time, and the settings that are handed to the
 * execution of each. Strict.
 *
 * What belongs to one group is left out on purpose: an AMI, a template version, a canary, an AMI type.
 */
export const clusterInputSchema = z.strictObject({
  clusterName: clusterNameSchema.describe('name of the EKS cluster'),
  nodegroups: namesSchema.describe(
    '`"all"` for every outdated group, or a list of managed node groups and Auto Scaling groups in the order of the upgrade',
  ),
  maxParallelNodegroups: z
    .int()
    .min(1)
    .max(MOST_PARALLEL_NODEGROUPS)
    .default(1)
    .describe('number of node groups upgraded in parallel'),
  onNodegroupFailure: z
    .enum(['stop', 'continue'])
    .default('stop')
    .describe(
      'after a node group fails: `stop` starts no other one and lets those that run finish; `continue` upgrades the rest as well',
    ),
  engine: z.enum(['workflow']).optional().meta({
    description: 'run the four phases on managed node groups as well',
    whenAbsent: '`eks` for managed node groups, `workflow` for the others',
  }),
  target: z.strictObject({ releaseVersion: releaseVersionSchema }).optional().meta({
    description: 'the release to go to, the same for every node group',
    whenAbsent: 'the AMI that AWS recommends for each',
  }),
  ...sharedSettings,
});

export type ClusterInput = z.infer<typeof clusterInputSchema>;

/**
 * Check the execution input of a whole cluster and fill in the defaults.
 *
 * @throws {InvalidInput} naming every wrong key, what was expected and what was given
 */
export const parseClusterInput = (value: unknown): ClusterInput => parseStrictly(clusterInputSchema, value);
