import * as z from 'zod';

import { decrementOutcomeSchema } from './drain/in-hand.ts';

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
  nodes: z.array(z.string()).optional().describe('instance ids: only these are upgraded; absent: all'),
  roundSeconds: count
    .optional()
    .describe(
      'what one set of nodes is assumed to take, which the surge follows from; absent: the input sets the surge',
    ),
  blockedNodes: z.enum(['reopen', 'leaveCordoned']),
  goneOwners: z
    .array(z.string())
    .optional()
    .describe('uids of DaemonSets that are gone and have pods: those pods count as unmanaged'),
});
export type WorkflowRun = z.infer<typeof workflowRunSchema>;

/** What a surge is predicted to cost. */
const surgeCostSchema = z.strictObject({ nodes: count, durationSeconds: count, extraInstanceHours: z.number() });
export type SurgeCost = z.infer<typeof surgeCostSchema>;

/** More surge because nodes boot more slowly than the plan assumed. */
export const slowBootsSchema = z.strictObject({
  bootSeconds: count.describe('from launch to Ready, as measured'),
  rule: z.string(),
  planned: surgeCostSchema.describe('what the surge of the plan would cost'),
  raised: surgeCostSchema,
});
export type SlowBoots = z.infer<typeof slowBootsSchema>;

/** Output of ScaleUp, RaiseSurge and RaiseSurgeForSlowBoots. */
export const scaleUpSchema = z.strictObject({
  status: z.enum(['raised', 'notNeeded']),
  sizes: sizesSchema,
  requestedAt: z.string(),
  deadlineAt: z.string().describe('when the new nodes must be Ready'),
  surge: count.describe('extra nodes that were asked for in all'),
  added: count.optional().describe('those of them that slow boots ask for, which nobody waits for'),
});
export type ScaleUp = z.infer<typeof scaleUpSchema>;

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

/** How a node execution ended, as the conductor saw it. */
export const nodeEndSchema = z.strictObject({
  execution: z.string().describe('name of the node execution'),
  outcome: z.enum(['upgraded', 'blocked', 'gone', 'skipped', 'died']).describe('`died`: it ended without a word'),
  error: z.string().optional(),
});
export type NodeEnd = z.infer<typeof nodeEndSchema>;

/** How the execution of a node ended: its output. */
export const nodeResultSchema = z.strictObject({
  instanceId: z.string(),
  nodeName: z.string().optional(),
  outcome: z
    .enum(['upgraded', 'blocked', 'gone', 'skipped'])
    .describe(
      '`gone`: instance or Node left by itself; `skipped`: the record has no entry for this execution, or is halted',
    ),
  reason: z.string().optional(),
  error: z.string().optional().describe('error name, for `blocked`'),
  decrement: decrementOutcomeSchema.optional().describe('what became of the decrement that was asked for'),
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
    'returned',
    'gracePeriod',
    'retry',
    'admission',
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
  admission: z.string().optional().describe('whether webhooks and policies were asked about the evictions'),
  blockingPods: z.array(blockingPodSchema).describe('pods that would block a drain; at most 50'),
  blockingPodCount: count,
});
export type Plan = z.infer<typeof planSchema>;

/** The Node that a drain works on, as it was after the last patch of its execution. */
export const drainedNodeSchema = z.strictObject({
  name: z.string(),
  uid: z.string(),
  providerId: z.string(),
  resourceVersion: z.string(),
  isUnschedulable: z.boolean(),
});
export type DrainedNode = z.infer<typeof drainedNodeSchema>;

/** Output of CordonNode. */
export const cordonSchema = z.strictObject({
  status: z.enum(['cordoned', 'alreadyCordoned', 'absent']).describe('`alreadyCordoned`: by somebody else'),
  cordonedAt: z.iso.datetime(),
  resourceVersion: z.string().optional().describe('of the Node after it; absent when there is no Node'),
});
export type Cordon = z.infer<typeof cordonSchema>;

/** What every output of DrainNode tells. Lists of names are capped at 20; counts are not. */
const drainFields = {
  node: drainedNodeSchema,
  firstPods: z.array(z.string()).describe('uids of pods of the first list, and late ones, that are still on the node'),
  evictedOwners: z
    .record(z.string(), count)
    .describe(
      'by owner of a pod that was evicted here (uid; `bare-` and a checksum for none): evictions beyond its first pods',
    ),
  taintsRestored: count.describe('how often somebody had removed the taint'),
  refills: count.describe('how often pods were on the node again after it had been drained'),
  evicted: z.array(z.string()).describe('namespace/name of pods whose eviction was accepted in this step'),
  evictedCount: count,
  deletedCount: count.describe('pods deleted by force in this step'),
  remainingCount: count.describe('pods still to leave'),
  blockingPods: z.array(blockingPodSchema),
  blockingPodCount: count,
  volumeClaims: z
    .record(z.string(), z.string())
    .default({})
    .describe('by claim of a persistent volume: the pod that had it; both namespace/name'),
  ignored: z
    .array(z.string())
    .describe('namespace/name of pods that came back, again and again, because they tolerate every taint'),
  presumedGone: z
    .array(z.string())
    .default([])
    .describe('namespace/name of pods that outlasted their grace period on a node that is not Ready: counted as gone'),
  waitSeconds: count.describe('how long to wait before the next step'),
};
/** Output of TerminateInstance. `occupied`: pods are on the node again; `kept`: a surplus node that MinSize keeps. */
export const terminationSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('terminating'), decrement: decrementOutcomeSchema, terminatedAt: z.string() }),
  z.strictObject({ status: z.literal('gone'), decrement: decrementOutcomeSchema, reason: z.string() }),
  z.strictObject({ status: z.literal('kept'), decrement: z.literal('atMinimum'), reason: z.string() }),
  z.strictObject({ status: z.literal('skipped'), reason: z.string() }),
  z.strictObject({ status: z.literal('occupied'), pods: count }),
]);
export type Termination = z.infer<typeof terminationSchema>;

const deadlineAt = z.iso.datetime({ offset: true }).describe('when the drain is over, however often it is retried');

/**
 * Output of DrainNode. `pending` is what its first step finds; `draining` asks for another step; `unregistered`: the
 * instance has no Node; `absent`: its Node is gone or another one; `skipped`: the record has no entry for this execution, or is halted.
 */
export const drainSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('pending') }),
  z.strictObject({ status: z.literal('unregistered') }),
  z.strictObject({ status: z.literal('absent'), reason: z.string() }),
  z.strictObject({ status: z.literal('skipped'), reason: z.string() }),
  z.strictObject({ status: z.literal('draining'), deadlineAt, ...drainFields }),
  z.strictObject({
    status: z.literal('drained'),
    deadlineAt,
    ...drainFields,
    cordon: cordonSchema.optional().describe('output of CordonNode, which follows'),
  }),
  z.strictObject({
    status: z.literal('blocked'),
    deadlineAt,
    ...drainFields,
    error: z.literal('PodEvictionFailure'),
    cause: z.string().describe('the sentence that goes into the report'),
  }),
]);
export type Drain = z.infer<typeof drainSchema>;

/** Output of UpgradeNodes, the conductor. Names of executions are those of this step only. */
export const upgradeSchema = z.strictObject({
  status: z.enum(['pending', 'upgrading', 'moreSurge', 'continue', 'done']),
  waitSeconds: count.describe('how long to wait before the next step'),
  waitsFor: z.string().optional().describe('why no node is taken now, for people'),
  isPaused: z.boolean().optional().describe('an operator wants no further node to be taken'),
  untilAt: z.iso.datetime({ offset: true }).optional().describe('when that ends, where it is known'),
  started: z.array(z.string()).describe('names of the node executions started'),
  adopted: z.array(z.string()).describe('names of node executions of an earlier run that are followed'),
  ended: z.array(nodeEndSchema),
  outdatedNodes: count,
  readyNodes: count,
  lowestReadyNodes: count.optional().describe('fewest Ready nodes seen during the step'),
  freeNodes: count.default(0).describe('Ready nodes that nobody has taken'),
  requiredNodes: count.describe('free nodes that must be left for another one to be taken'),
  inHand: count,
  leaving: count,
  parked: count,
  accounts: z
    .strictObject({ at: z.iso.datetime({ offset: true }), wish: count, surge: count, readyAtStart: count.optional() })
    .optional()
    .describe('for a record that was lost'),
  returns: count.describe('how often the scale-down has found something left to upgrade'),
  eventCount: count.describe('events of this execution so far, at least'),
  continuationName: z.string().optional().describe('name of the execution that continues, with status `continue`'),
  extraNodes: count.describe('surge to add, with status `moreSurge`'),
  warnings: z.array(z.string()),
});
export type Upgrade = z.infer<typeof upgradeSchema>;
