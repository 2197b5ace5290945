import * as z from 'zod';
import { capacitySchema } from './capacity.ts';
import { awsTags, effect, labels, labelValue, qualifiedName, seconds } from './values.ts';

const mixedInstances = z.strictObject({
  overrides: z.array(
    z.strictObject({
      instanceType: z.string(),
      launchTemplateName: z.string().optional().describe('an override with a template of its own'),
      weightedCapacity: z.string().optional(),
    }),
  ),
});

/** One node group: an Auto Scaling group, and when `managed` is given the EKS managed node group over it. */
export const groupSchema = z.strictObject({
  name: z.string().describe('name of the Auto Scaling group'),
  managed: z
    .strictObject({
      nodegroupName: z.string(),
      status: z
        .enum(['CREATING', 'ACTIVE', 'UPDATING', 'DELETING', 'CREATE_FAILED', 'DELETE_FAILED', 'DEGRADED'])
        .default('ACTIVE'),
      maxUnavailable: z.int().optional(),
      maxUnavailablePercentage: z.int().optional(),
      updateStrategy: z.enum(['DEFAULT', 'MINIMAL']).optional(),
      healthIssues: z.array(z.strictObject({ code: z.string(), message: z.string() })).default([]),
    })
    .optional(),
  zones: z.array(z.string()).min(1),
  minSize: z.int().min(0),
  maxSize: z.int().min(0),
  desiredCapacity: z.int().min(0),
  instanceType: z.string().default('m6i.xlarge'),
  amiType: z.string().default('AL2023_x86_64_STANDARD'),
  amiId: z.string().describe('AMI of the template version in use and of the running instances'),
  nodeVersion: z.string().optional().describe('kubelet version; default from the AMI'),
  launchTemplateName: z.string().optional().describe('default: the name of the group; groups may share one'),
  launchTemplateVersion: z.string().default('1').describe('what the group points at: a number, $Latest or $Default'),
  launchConfigurationName: z.string().optional().describe('instead of a template'),
  userData: z.string().optional().describe('plain text; stored base64 as EC2 does'),
  mixedInstances: mixedInstances.optional(),
  labels: labels.default({}),
  taints: z.array(z.strictObject({ key: qualifiedName, value: labelValue.optional(), effect })).default([]),
  capacity: capacitySchema.prefault({}),
  tags: awsTags.default({}),
  suspendedProcesses: z.array(z.string()).default([]),
  terminationHookSeconds: seconds.optional().describe('a terminating lifecycle hook that nobody completes, this long'),
  launchHookSeconds: seconds.optional(),
  protectedFromScaleIn: z.boolean().default(false),
  warmPool: z.boolean().default(false),
  renewedNodes: z.int().min(0).default(0).describe('that many of the nodes already run `renewedAmiId`'),
  renewedAmiId: z.string().optional(),
});

export type Group = z.infer<typeof groupSchema>;
