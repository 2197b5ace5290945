import * as z from 'zod';

const count = z.int().min(0);

/** Sizes of an Auto Scaling group. */
export const sizesSchema = z.strictObject({ minSize: count, maxSize: count, desiredCapacity: count });
export type Sizes = z.infer<typeof sizesSchema>;

/** What the plan settles for a run of either engine. */
const settled = {
  executionArn: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  clusterName: z.string(),
  autoScalingGroupName: z.string(),
  updateStrategy: z.enum(['DEFAULT', 'MINIMAL']),
  parallelism: z.int().min(1),
  surge: count,
  coversZones: z
    .boolean()
    .describe(
      'every zone with outdated nodes must have a new one before anything is tainted: the surge suffices for it',
    ),
  originalSizes: sizesSchema,
  force: z.boolean(),
  drainTimeoutSeconds: count,
  cordonWaitSeconds: count,
  nodeReadyTimeoutSeconds: count,
  alarms: z.array(z.string()),
  failurePolicy: z.enum(['finish', 'halt']),
  pods: z.strictObject({ unmanaged: z.enum(['evict', 'refuse']), localStorage: z.enum(['evict', 'refuse']) }),
};

const target = {
  amiId: z.string(),
  releaseVersion: z.string().optional(),
  launchTemplateId: z.string(),
  sourceVersion: z
    .string()
    .describe('number of the template version in use; engine workflow derives the new one from it'),
};

/** A run of engine `workflow`: our own steps replace the nodes. */
export const workflowRunSchema = z.strictObject({
  ...settled,
  engine: z.literal('workflow'),
  nodegroupName: z.string().optional().describe('managed node groups only'),
  target: z.strictObject({
    ...target,
    launchTemplateVersion: z
      .string()
      .optional()
      .describe('number of an existing version to use; absent: a new one is created'),
    comparesVersion: z
      .boolean()
      .describe('true: nodes of another template version are outdated; false: nodes with another AMI are'),
  }),
  requiredLabels: z
    .record(z.string(), z.string())
    .optional()
    .describe('managed groups: labels of the group, without which a new node is not Ready'),
  canary: z.strictObject({ nodes: z.int().min(1), bakeSeconds: count }).optional(),
});
export type WorkflowRun = z.infer<typeof workflowRunSchema>;

/** What UpdateNodegroupVersion is asked for. */
export const updateRequestSchema = z.strictObject({
  version: z.string().optional().describe('Kubernetes minor; absent for a custom AMI only'),
  releaseVersion: z.string().optional(),
  launchTemplate: z.strictObject({ id: z.string(), version: z.string() }).optional(),
  runningUpdateId: z
    .string()
    .optional()
    .describe('an update with the same target that was under way when the plan was made: it is followed'),
  previous: z
    .strictObject({
      version: z.string().optional(),
      releaseVersion: z.string().optional(),
      launchTemplateVersion: z.string().optional(),
    })
    .optional()
    .describe('what EKS recorded before; absent for an update that was under way already'),
});
export type UpdateRequest = z.infer<typeof updateRequestSchema>;

/** A run of engine `eks`: EKS replaces the nodes of a managed node group, and our steps observe it. */
export const eksRunSchema = z.strictObject({
  ...settled,
  engine: z.literal('eks'),
  nodegroupName: z.string(),
  target: z.strictObject({
    ...target,
    renewedLabels: z.record(z.string(), z.string()).describe('the labels by which EKS recognises a renewed node'),
  }),
  update: updateRequestSchema,
});
export type EksRun = z.infer<typeof eksRunSchema>;

/**
 * What the plan settled, once, for the whole run: the contract of every step after PlanUpgrade. About 1 KB; no lists of
 * nodes.
 */
export const runSchema = z.discriminatedUnion('engine', [workflowRunSchema, eksRunSchema]);
export type Run = z.infer<typeof runSchema>;

/** One node of a wave: ids only. */
export const waveNodeSchema = z.strictObject({
  instanceId: z.string(),
  nodeName: z.string().optional().describe('absent when the instance never registered a Node'),
  zone: z.string(),
  absorb: z.boolean().describe('true: terminated with ShouldDecrementDesiredCapacity, which takes back one surge node'),
  attempt: z.int().min(1).describe('2: it was parked before'),
});
export type WaveNode = z.infer<typeof waveNodeSchema>;

/** How one child execution ended: its output, and an element of the wave's results. */
export const nodeResultSchema = z.strictObject({
  instanceId: z.string(),
  nodeName: z.string().optional(),
  outcome: z.enum(['upgraded', 'blocked', 'skipped']),
  reason: z.string().optional(),
  error: z.string().optional().describe('error name, for `blocked`'),
});
export type NodeResult = z.infer<typeof nodeResultSchema>;

/** A pod that blocks a drain, with the reason and what to do about it. */
export const blockingPodSchema = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  owner: z.string().optional().describe('e.g. Deployment checkout'),
  reason: z.enum([
    'budget',
    'moreThanOneBudget',
    'unmanaged',
    'localStorage',
    'terminating',
    'toleratesEveryTaint',
    'gracePeriod',
    'retry',
    'volume',
  ]),
  detail: z.string().describe('one sentence: what blocks it'),
  advice: z.string().describe('one sentence: what to do'),
  budget: z.string().optional().describe('namespace/name of the budget'),
  sinceAt: z.string().optional().describe('first seen blocking, ISO-8601 UTC'),
});
export type BlockingPod = z.infer<typeof blockingPodSchema>;

/** Output of PlanUpgrade, and of a dry run. Lists are capped; counts are not. */
export const planSchema = z.strictObject({
  status: z.enum(['planned', 'nothingToDo']),
  isDryRun: z.boolean(),
  summary: z.string().describe('one sentence for people'),
  run: runSchema,
  kubernetesVersion: z.string(),
  group: z.strictObject({
    kind: z.enum(['self-managed', 'managed']),
    zones: z.array(z.string()),
    instanceTypes: z.array(z.string()),
    launchTemplateVersion: z.string().describe('as the group states it: a number, $Latest or $Default'),
    sizes: sizesSchema.describe('as they are now; after a failed run they may still be raised'),
  }),
  current: z.array(z.strictObject({ amiId: z.string(), nodes: count })).describe('AMIs of the running nodes'),
  target: z.strictObject({
    amiId: z.string(),
    amiName: z.string(),
    amiType: z.string().optional(),
    releaseVersion: z.string().optional(),
    source: z.string().describe('where the AMI came from, e.g. the SSM parameter'),
  }),
  nodes: z.strictObject({
    total: count,
    outdated: count,
    outdatedNodes: z.array(
      z.strictObject({ instanceId: z.string(), nodeName: z.string().optional(), zone: z.string() }),
    ),
    isListComplete: z.boolean(),
  }),
  parallelism: z.strictObject({ nodes: count, rule: z.string() }),
  surge: z.strictObject({ nodes: count, rule: z.string() }),
  estimate: z.strictObject({
    durationSeconds: count,
    extraInstanceHours: z.number(),
    stateTransitions: count,
    stepFunctionsUsd: z.number().describe('at the list price of us-east-1, without the free tier'),
    assumptions: z.string(),
  }),
  warnings: z.array(z.string()),
  blockingPods: z.array(blockingPodSchema).describe('pods that would block a drain; at most 50'),
  blockingPodCount: count,
});
export type Plan = z.infer<typeof planSchema>;

/** Output of AwaitTurn. */
export const turnSchema = z.strictObject({
  status: z.enum(['pending', 'proceed', 'wait', 'stop', 'gone']),
  reason: z.string().optional().describe('why it waits or stops, for people'),
  isPaused: z.boolean().optional().describe('it waits because an operator wants no further node started'),
  admittedAt: z.iso.datetime({ offset: true }).optional(),
  facts: z
    .strictObject({ isExcluded: z.boolean(), isUnschedulable: z.boolean() })
    .optional()
    .describe('state of the node before this run changed it'),
  readyNodes: count.optional().describe('Ready nodes of the group, draining ones included'),
  requiredNodes: count.optional().describe('what readyNodes must reach before another node may drain'),
});
export type Turn = z.infer<typeof turnSchema>;

/** What every output of DrainNode tells. Lists are capped at 20; counts are not. */
const drainFields = {
  evicted: z.array(z.string()).describe('namespace/name of pods whose eviction was accepted in this step'),
  evictedCount: count,
  deletedCount: count.describe('pods deleted by force in this step'),
  remainingCount: count.describe('pods still to leave'),
  blockingPods: z.array(blockingPodSchema),
  blockingPodCount: count,
  awaitsVolumes: z.boolean().default(false).describe('a pod with a persistent volume was on the node'),
  ignored: z.array(z.string()).describe('namespace/name of pods that came back because they tolerate every taint'),
  waitSeconds: count.describe('how long to wait before the next step'),
};
const deadlineAt = z.iso.datetime({ offset: true }).describe('when the drain is over, however often it is retried');

/** Output of DrainNode. `pending` is what its first step finds; `draining` asks for another step. */
export const drainSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('pending'), ...drainFields }),
  z.strictObject({ status: z.literal('absent'), ...drainFields }),
  z.strictObject({ status: z.literal('draining'), deadlineAt, ...drainFields }),
  z.strictObject({ status: z.literal('drained'), deadlineAt, ...drainFields }),
  z.strictObject({
    status: z.literal('blocked'),
    deadlineAt,
    ...drainFields,
    error: z.literal('PodEvictionFailure'),
    cause: z.string().describe('the sentence that goes into the report'),
  }),
]);
export type Drain = z.infer<typeof drainSchema>;

/** Output of SelectNodes. */
export const waveSchema = z.strictObject({
  status: z.enum(['pending', 'selected', 'baking', 'done']),
  number: count,
  nodes: z.array(waveNodeSchema),
  outdatedCount: count,
  readyNodes: count.optional(),
  parked: z.array(z.string()).describe('instance ids that were blocked once'),
  stalledWaves: count.default(0).describe('waves in a row after which no fewer nodes were outdated'),
  canary: z.enum(['pending', 'upgrading', 'baking', 'passed']),
  bakeUntilAt: z.iso.datetime({ offset: true }).optional(),
  results: z.array(nodeResultSchema).default([]),
});
export type Wave = z.infer<typeof waveSchema>;
