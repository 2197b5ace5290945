import * as z from 'zod';
import { groupSchema } from './group.ts';
import { otherNodesSchema } from './other-nodes.ts';
import { labels } from './values.ts';
import { workloadSchema } from './workload.ts';

/** One EKS cluster. */
export const clusterSchema = z.strictObject({
  name: z.string(),
  version: z.string().default('1.33'),
  status: z.enum(['CREATING', 'ACTIVE', 'DELETING', 'FAILED', 'UPDATING']).default('ACTIVE'),
  authenticationMode: z.enum(['API', 'API_AND_CONFIG_MAP', 'CONFIG_MAP']).default('API'),
  groups: z.array(groupSchema),
  otherNodes: z.array(otherNodesSchema).default([]),
  autoMode: z.boolean().default(false).describe('EKS Auto Mode is on'),
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
