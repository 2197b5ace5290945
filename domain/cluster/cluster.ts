/*
 * Words of this folder:
 *
 * group          a managed node group of the cluster, or an Auto Scaling group of self-managed nodes
 * kind           of a group: managed or self-managed
 * outdated       (a group) with nodes that a run would replace; otherwise it is on target
 * refused        (a group) that cannot be upgraded as asked, with the error and the reason
 * out of scope   nodes that no run replaces, such as those of Karpenter, Auto Mode or Fargate
 * settings       what the input says for all groups; each group's execution gets those that its engine accepts
 * selection      the groups that are upgraded next, side by side
 * result         how the execution of one group ended
 * end            how one group of the plan stands when the run of the cluster is over
 * standing       how far a group, or all groups of a cluster, are behind the newest release; changes nothing
 */

import * as z from 'zod';
import { blockingPodSchema } from '../state.ts';

const count = z.int().min(0);

/** What the plan settled for the whole run of a cluster. */
export const clusterRunSchema = z.strictObject({
  executionArn: z.string(),
  executionName: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  clusterName: z.string(),
  maxParallelNodegroups: z.int().min(1),
  onNodegroupFailure: z.enum(['stop', 'continue']),
  settings: z
    .record(z.string(), z.unknown())
    .describe('of the input, as given: passed on to the execution of each group'),
});
export type ClusterRun = z.infer<typeof clusterRunSchema>;

/** One group of the plan. Lists are capped; counts are not. */
export const nodegroupPlanSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['managed', 'self-managed']),
  engine: z.enum(['workflow', 'eks']),
  status: z
    .enum(['outdated', 'onTarget', 'refused'])
    .describe('refused: it cannot be upgraded as asked; error and reason say why'),
  executionName: z.string().describe('of the upgrade-nodegroup execution that upgrades it'),
  nodes: z.strictObject({ total: count, outdated: count }),
  currentAmiId: z.string().optional().describe('the one that most nodes run'),
  target: z.strictObject({ amiId: z.string(), releaseVersion: z.string().optional() }).optional(),
  durationSeconds: count.describe('predicted'),
  blockingPodCount: count.describe('pods that would block a drain'),
  blockingPods: z.array(blockingPodSchema),
  settingsNotPassedOn: z.array(z.string()).describe('settings of the input that its engine does not accept'),
  warnings: z.array(z.string()),
  error: z.string().optional(),
  reason: z.string().optional(),
});
export type NodegroupPlan = z.infer<typeof nodegroupPlanSchema>;

/** Nodes of the cluster that no run of ours replaces, and why. */
export const outOfScopeSchema = z.strictObject({
  kind: z.enum(['autoMode', 'karpenter', 'fargate', 'hybrid', 'unsupported', 'unknown']),
  name: z.string().describe('of the group or node pool'),
  nodes: count,
  reason: z.string(),
});
export type OutOfScope = z.infer<typeof outOfScopeSchema>;

/** Output of PlanCluster, and of a dry run of a cluster. */
export const clusterPlanSchema = z.strictObject({
  status: z.enum(['planned', 'nothingToDo']),
  isDryRun: z.boolean(),
  summary: z.string().describe('one sentence for people'),
  run: clusterRunSchema,
  kubernetesVersion: z.string(),
  groups: z.array(nodegroupPlanSchema).describe('in the order in which they are upgraded'),
  outOfScope: z.array(outOfScopeSchema),
  durationSeconds: count.describe('predicted, all groups together'),
  warnings: z.array(z.string()),
});
export type ClusterPlan = z.infer<typeof clusterPlanSchema>;

/** How the execution of one group ended: output of an iteration of UpgradeNodegroups. */
export const nodegroupResultSchema = z.strictObject({
  name: z.string(),
  outcome: z.enum(['succeeded', 'failed']),
  executionArn: z.string().optional(),
  planStatus: z
    .string()
    .optional()
    .describe('of the group’s own plan: nothingToDo when another run has upgraded it meanwhile'),
  summary: z.string().optional().describe('of the group’s own plan'),
  error: z.string().optional(),
  reason: z.string().optional(),
});
export type NodegroupResult = z.infer<typeof nodegroupResultSchema>;

/** Output of SelectNodegroups: the groups that are upgraded next, and how those before them ended. */
export const nodegroupSelectionSchema = z.strictObject({
  status: z.enum(['pending', 'selected', 'done']),
  number: count.describe('of this selection'),
  nodegroups: z.array(
    z.strictObject({ name: z.string(), executionName: z.string(), input: z.record(z.string(), z.unknown()) }),
  ),
  ends: z.array(nodegroupResultSchema).describe('of all selections before'),
  results: z.array(nodegroupResultSchema).describe('of this one, once UpgradeNodegroups has run'),
});
export type NodegroupSelection = z.infer<typeof nodegroupSelectionSchema>;

/** How one group of the plan stands when the run of its cluster is over. */
export const nodegroupEndSchema = z.strictObject({
  name: z.string(),
  outcome: z.enum(['upgraded', 'onTarget', 'failed', 'refused', 'notStarted']),
  executionArn: z.string().optional(),
  error: z.string().optional(),
  reason: z.string().optional(),
});
export type NodegroupEnd = z.infer<typeof nodegroupEndSchema>;

/** Output of CompleteCluster. */
export const clusterCompletionSchema = z.strictObject({
  status: z.enum(['succeeded', 'failed']),
  summary: z.string(),
  nodegroups: z.array(nodegroupEndSchema),
  error: z.string().optional().describe('of the first group that failed'),
  cause: z.string().optional(),
});
export type ClusterCompletion = z.infer<typeof clusterCompletionSchema>;
