import * as z from 'zod';
import { MOST_IMAGES } from '../../kubernetes/nodes/node-images.ts';
import { groupSchema } from './group.ts';
import { otherNodesSchema } from './other-nodes.ts';
import { labels } from './values.ts';
import { workloadSchema } from './workload.ts';

/** How large Node objects are, and how often they change; a Node is small and rests unless it is said here. */
const nodeStatusSchema = z.strictObject({
  images: z
    .int()
    .min(0)
    .max(MOST_IMAGES)
    .default(0)
    .describe('how many images each Node lists; kubelet lists up to 50, which are 12 KB'),
  updateSeconds: z
    .number()
    .min(1)
    .optional()
    .describe('how often kubelets write the status although nothing changed; kubelet: 300'),
});

/** One EKS cluster. */
export const clusterSchema = z.strictObject({
  name: z.string(),
  version: z.string().default('1.33'),
  status: z.enum(['CREATING', 'ACTIVE', 'DELETING', 'FAILED', 'UPDATING']).default('ACTIVE'),
  authenticationMode: z.enum(['API', 'API_AND_CONFIG_MAP', 'CONFIG_MAP']).default('API'),
  groups: z.array(groupSchema),
  otherNodes: z.array(otherNodesSchema).default([]),
  autoMode: z.boolean().default(false).describe('EKS Auto Mode is on'),
  nodeStatus: nodeStatusSchema.prefault({}),
  workloads: z.array(workloadSchema).default([]),
  deniedRules: z
    .array(z.strictObject({ verb: z.string(), resource: z.string() }))
    .default([])
    .describe('what the workflow may not do, as if its RBAC lacked it; e.g. {verb: patch, resource: nodes}'),
  fargateProfiles: z
    .array(z.strictObject({ name: z.string(), namespace: z.string(), labels: labels.default({}) }))
    .default([]),
  addons: z
    .array(
      z.strictObject({
        name: z.string(),
        version: z.string().describe('e.g. v1.20.4-eksbuild.2'),
        status: z
          .enum([
            'CREATING',
            'ACTIVE',
            'CREATE_FAILED',
            'UPDATING',
            'DELETING',
            'DELETE_FAILED',
            'DEGRADED',
            'UPDATE_FAILED',
          ])
          .default('ACTIVE'),
      }),
    )
    .default([]),
  hasNodeManagerRole: z
    .boolean()
    .default(true)
    .describe('false: somebody deleted the ClusterRole eks:node-manager, so that EKS cannot drain managed nodes'),
});

export type ScenarioCluster = z.infer<typeof clusterSchema>;
