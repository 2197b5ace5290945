import * as z from 'zod';
import { blockingPodSchema } from '../state.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });

/** What can be told of an outdated node from outside while EKS replaces it. */
export const updateNodeSchema = z.strictObject({
  instanceId: z.string(),
  nodeName: z.string().optional(),
  zone: z.string(),
  state: z.enum(['draining', 'cordonWait', 'terminating', 'replaced']).describe('replaced: the instance has left'),
  sinceAt: instant.describe('first seen in that state'),
  evidence: z
    .string()
    .describe('what tells that EKS works on it, e.g. "its pods are being evicted"; EKS itself never says'),
  podsLeft: count,
  evictedCount: count.describe('pods seen to leave it since its drain began'),
});
export type UpdateNode = z.infer<typeof updateNodeSchema>;

/** A pod that holds up a node which EKS drains. */
export const blockedNodePodsSchema = blockingPodSchema.extend({ instanceId: z.string(), nodeName: z.string() });
export type BlockedNodePods = z.infer<typeof blockedNodePodsSchema>;

/**
 * Output of StartNodegroupUpdate and of CheckNodegroupUpdate: one look at an update that EKS carries out. Lists are capped;
 * counts are not. Each look reports what is new since the last one, so that the history holds every step of every node and
 * the state stays small.
 */
export const nodegroupUpdateSchema = z.strictObject({
  status: z.enum(['inProgress', 'successful']),
  updateId: z.string(),
  isAdopted: z.boolean().describe('started by somebody else, with the same target'),
  requestedAt: instant,
  phase: z.enum(['scaleUp', 'upgrade', 'scaleDown']).describe('as far as it can be told from outside'),
  checks: count.describe('looks so far'),
  waitSeconds: count.describe('until the next look'),
  outdatedCount: count,
  readyNodes: count.optional().describe('Ready nodes of the group, draining ones included'),
  desiredCapacity: count.optional(),
  nodes: z.array(updateNodeSchema).describe('in hand now; at most 100'),
  changes: z
    .array(updateNodeSchema)
    .describe('each change of the state of a node since the last look, oldest first; at most 200'),
  evicted: z.array(z.string()).describe('namespace/name of pods seen to leave since the last look; at most 20'),
  evictedCount: count.describe('the same, all of them'),
  blockingPods: z.array(blockedNodePodsSchema).describe('at most 100'),
  blockingPodCount: count,
  warnings: z.array(z.string()),
  podsVersion: z.string().optional().describe('of the list of pods from which the next look watches on'),
});
export type NodegroupUpdate = z.infer<typeof nodegroupUpdateSchema>;
