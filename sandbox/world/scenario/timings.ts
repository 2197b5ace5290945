import * as z from 'zod';

/** How long things take; all in seconds. */
export const timingsSchema = z.strictObject({
  pendingSeconds: z.number().min(0).default(15).describe('instance: launch until InService'),
  joinSeconds: z.number().min(0).default(30).describe('InService until the Node object appears'),
  readySeconds: z.number().min(0).default(15).describe('Node object until Ready and start-up taints gone'),
  terminatingSeconds: z.number().min(0).default(30).describe('terminate request until the instance is gone'),
  nodeMonitorGraceSeconds: z.number().min(0).default(50).describe('last heartbeat until Ready turns Unknown'),
  nodeDeletionSeconds: z
    .number()
    .min(0)
    .default(5)
    .describe('Unknown and instance gone until the Node object is deleted'),
  podGarbageCollectionSeconds: z.number().min(0).default(20).describe('period of the pod garbage collector'),
  volumeAttachSeconds: z.number().min(0).default(3),
  volumeDetachSeconds: z.number().min(0).default(6).describe('pod gone until its VolumeAttachment is deleted'),
  rebalanceSeconds: z.number().min(0).default(60).describe('how often AZRebalance looks'),
});

export type Timings = z.infer<typeof timingsSchema>;
