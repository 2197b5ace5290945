import * as z from 'zod';
import { capacitySchema } from './capacity.ts';

/** Nodes that belong to no Auto Scaling group: present from the start, and nothing ever happens to them. */
export const otherNodesSchema = z.strictObject({
  kind: z.enum(['karpenter', 'autoMode', 'fargate', 'hybrid', 'plain']).describe('plain: nobody says whose they are'),
  name: z.string().default('default').describe('of the node pool'),
  nodes: z.int().min(1).default(1),
  zone: z.string(),
  instanceType: z.string().default('m6i.xlarge'),
  kubeletVersion: z.string().optional().describe('e.g. v1.33.5; default: of the cluster'),
  capacity: capacitySchema.prefault({}),
});

export type OtherNodes = z.infer<typeof otherNodesSchema>;
