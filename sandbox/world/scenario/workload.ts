import * as z from 'zod';
import { effect, intOrPercentage, labels, labelValue, objectName, qualifiedName, quantity, seconds } from './values.ts';

const toleration = z.strictObject({
  key: qualifiedName.optional().describe('absent with operator Exists: tolerates every taint'),
  operator: z.enum(['Exists', 'Equal']).default('Equal'),
  value: labelValue.optional(),
  effect: effect.optional(),
});

const budget = z.strictObject({
  name: objectName.optional().describe('default: the name of the workload'),
  minAvailable: intOrPercentage.optional(),
  maxUnavailable: intOrPercentage.optional(),
  unhealthyPodEvictionPolicy: z.enum(['IfHealthyBudget', 'AlwaysAllow']).optional(),
});

/** One workload of the cluster; the controllers keep it at `replicas` (DaemonSet: one pod a node). */
export const workloadSchema = z.strictObject({
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod']),
  name: objectName,
  namespace: objectName.default('default'),
  replicas: z.int().min(0).default(1).describe('Pod: that many bare pods NAME-0, NAME-1, …; Job: parallelism'),
  cpu: quantity.default('100m').describe('request of each pod'),
  memory: quantity.default('128Mi').describe('request of each pod'),
  startSeconds: seconds.default(5).describe('from being bound to a node until Ready'),
  terminationGracePeriodSeconds: seconds.default(30),
  terminationSeconds: seconds.default(5).describe('how long the pod really takes to stop, at most its grace period'),
  runSeconds: seconds.optional().describe('Job: each pod succeeds after this long; absent: outlasts the run'),
  tolerations: z.array(toleration).default([]),
  nodeSelector: labels.default({}),
  labels: labels.default({}).describe('besides app=NAME'),
  spread: z
    .enum(['none', 'zone', 'host'])
    .default('none')
    .describe('topologySpreadConstraints, maxSkew 1, ScheduleAnyway'),
  antiAffinity: z.enum(['none', 'host']).default('none').describe('required pod anti-affinity with its own kind'),
  emptyDir: z.boolean().default(false),
  volumeClaim: z.boolean().default(false).describe('StatefulSet: one zonal EBS volume a pod'),
  isReady: z.boolean().default(true).describe('false: its pods crash-loop and never become Ready'),
  finalizer: z.string().optional().describe('a finalizer on each pod that nobody removes: stuck terminating'),
  budget: budget.optional(),
  budgets: z.array(budget).default([]).describe('further budgets over the same pods'),
});

export type Workload = z.infer<typeof workloadSchema>;
