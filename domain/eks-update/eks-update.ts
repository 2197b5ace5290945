/*
 * Words of this folder:
 *
 * update         what EKS does to a managed node group after UpdateNodegroupVersion; DescribeUpdate gives its status
 * adopted        (an update) started by somebody else with our target: the run follows it
 * observation    what a step has seen of nodes, pods and budgets while EKS works
 * member         an instance of the group with its Node
 * outdated       (a member) whose Node lacks a label of the target
 * closed         (a node) to new pods: by a cordon, a taint, or an exclusion from load balancers
 * departure      a pod seen to go
 * active         (a node) that EKS works on now, as far as evidence shows; EKS itself never says which node that is
 * evidence       what shows that a node is active
 * candidate      an outdated node without evidence, whose pods are listed while no pod goes anywhere
 * inferred       (a node) taken to be active because no pod goes anywhere and every pod left on it is blocked
 * blocking pod   a pod that EKS cannot evict, with the reason and what to do about it
 */

import * as z from 'zod';
import { blockingPodSchema } from '../state.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });

/** What shows that a node is active. `inferred` is the only one that a later observation can take back. */
export const evidenceSchema = z.enum(['evictions', 'cordon', 'termination', 'inferred']);
export type Evidence = z.infer<typeof evidenceSchema>;

/** An outdated node that EKS works on, as far as that can be seen from outside. */
export const updateNodeSchema = z.strictObject({
  instanceId: z.string(),
  nodeName: z.string().optional(),
  zone: z.string(),
  state: z.enum(['draining', 'cordonWait', 'terminating', 'replaced']).describe('replaced: the instance has left'),
  sinceAt: instant.describe('first seen in that state'),
  evidence: evidenceSchema.describe('what shows that EKS works on it; EKS itself never says'),
  podsLeft: count,
  evictedCount: count.describe('pods seen to leave it by an eviction since its drain began'),
  deletedCount: count.optional().describe('pods seen to be deleted by force on it'),
});
export type UpdateNode = z.infer<typeof updateNodeSchema>;

/** A blocking pod on a node that EKS drains. */
export const updateBlockingPodSchema = blockingPodSchema.extend({ instanceId: z.string(), nodeName: z.string() });
export type UpdateBlockingPod = z.infer<typeof updateBlockingPodSchema>;

/**
 * Output of StartNodegroupUpdate and of CheckNodegroupUpdate: an observation of an update that EKS carries out. Lists are
 * capped; counts are not. Each observation reports what is new since the last one, so that the history holds every step of
 * every node and the state stays small.
 */
export const nodegroupUpdateSchema = z.strictObject({
  status: z.enum(['inProgress', 'successful']),
  updateId: z.string(),
  isAdopted: z.boolean().describe('started by somebody else, with the same target'),
  requestedAt: instant,
  phase: z.enum(['scaleUp', 'upgrade', 'scaleDown']).describe('as far as it can be seen from outside'),
  checks: count.describe('observations so far'),
  waitSeconds: count.describe('until the next observation'),
  outdatedCount: count,
  cordonedBefore: z
    .array(z.string())
    .optional()
    .describe('ids of outdated instances whose nodes were cordoned before the update began, and still are: not by EKS'),
  unknownSince: instant.optional().describe('EKS does not know the update since then'),
  contradictedAt: instant
    .optional()
    .describe('EKS calls the update Successful since then, although as many nodes as now were outdated'),
  readyNodes: count.optional().describe('Ready nodes of the group, draining ones included'),
  desiredCapacity: count.optional(),
  nodes: z.array(updateNodeSchema).describe('active now; at most 100'),
  changes: z
    .array(updateNodeSchema)
    .describe('each change of the state of a node since the last observation, oldest first; at most 200'),
  evicted: z
    .array(z.string())
    .describe('namespace/name of pods seen to leave by an eviction since the last observation; at most 20'),
  evictedCount: count.describe('the same, all of them'),
  deletedCount: count.optional().describe('pods seen to be deleted by force since the last observation'),
  blockingPods: z.array(updateBlockingPodSchema).describe('at most 100'),
  blockingPodCount: count,
  warnings: z.array(z.string()),
  podsVersion: z.string().optional().describe('of the list of pods from which the next observation watches on'),
});
export type NodegroupUpdate = z.infer<typeof nodegroupUpdateSchema>;
