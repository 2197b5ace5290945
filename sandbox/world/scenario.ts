import * as z from 'zod';

const seconds = z.number().min(0);
const labels = z.record(z.string(), z.string());
const effect = z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']);
const intOrPercentage = z.union([z.int().min(0), z.string().regex(/^\d+%$/)]);

const toleration = z.strictObject({
  key: z.string().optional().describe('absent with operator Exists: tolerates every taint'),
  operator: z.enum(['Exists', 'Equal']).default('Equal'),
  value: z.string().optional(),
  effect: effect.optional(),
});

const budget = z.strictObject({
  name: z.string().optional().describe('default: the name of the workload'),
  minAvailable: intOrPercentage.optional(),
  maxUnavailable: intOrPercentage.optional(),
  unhealthyPodEvictionPolicy: z.enum(['IfHealthyBudget', 'AlwaysAllow']).optional(),
});

/** One workload of the cluster; the controllers keep it at `replicas` (DaemonSet: one pod a node). */
export const workloadSchema = z.strictObject({
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod']),
  name: z.string(),
  namespace: z.string().default('default'),
  replicas: z.int().min(0).default(1).describe('Pod: that many bare pods NAME-0, NAME-1, …; Job: parallelism'),
  cpu: z.string().default('100m').describe('request of each pod'),
  memory: z.string().default('128Mi').describe('request of each pod'),
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

const mixedInstances = z.strictObject({
  overrides: z.array(
    z.strictObject({
      instanceType: z.string(),
      launchTemplateName: z.string().optional().describe('an override with a template of its own'),
      weightedCapacity: z.string().optional(),
    }),
  ),
});

const capacitySchema = z.strictObject({
  cpu: z.string().default('4'),
  memory: z.string().default('16Gi'),
  pods: z.int().default(58),
});

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
  taints: z.array(z.strictObject({ key: z.string(), value: z.string().optional(), effect })).default([]),
  capacity: capacitySchema.prefault({}),
  tags: labels.default({}),
  suspendedProcesses: z.array(z.string()).default([]),
  terminationHookSeconds: seconds.optional().describe('a terminating lifecycle hook that nobody completes, this long'),
  launchHookSeconds: seconds.optional(),
  protectedFromScaleIn: z.boolean().default(false),
  warmPool: z.boolean().default(false),
  renewedNodes: z.int().min(0).default(0).describe('that many of the nodes already run `renewedAmiId`'),
  renewedAmiId: z.string().optional(),
});

export const imageSchema = z.strictObject({
  id: z.string().regex(/^ami-[0-9a-f]{8,17}$/),
  name: z.string(),
  amiType: z.string().default('AL2023_x86_64_STANDARD'),
  kubernetesVersion: z.string().default('1.33'),
  releaseVersion: z.string().optional().describe('e.g. 1.33.5-20260101'),
  architecture: z.enum(['x86_64', 'arm64']).default('x86_64'),
  state: z.enum(['available', 'pending', 'failed', 'deregistered', 'disabled']).default('available'),
  createdAt: z.string().default('2026-01-01T00:00:00.000Z'),
  deprecatedAt: z.string().optional(),
  isRecommended: z.boolean().default(false).describe('published in SSM as the recommended AMI of its type and version'),
  boots: z.enum(['ready', 'never-joins', 'never-ready', 'launch-fails']).default('ready'),
  launchFailure: z.string().optional().describe('status message of the scaling activity with launch-fails'),
});

/** What goes wrong, and when; instants are seconds since the sandbox started. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('insufficientCapacity'),
    zone: z.string(),
    fromSeconds: seconds.default(0),
    untilSeconds: seconds.optional(),
  }),
  z.strictObject({
    kind: z.literal('throttle'),
    action: z.string().describe('AWS action, or "kubernetes" for 429 by priority and fairness'),
    everyNth: z.int().min(2).describe('every n-th such request is throttled'),
  }),
  z.strictObject({
    kind: z.literal('fail'),
    action: z
      .string()
      .describe(
        'AWS action, e.g. TerminateInstanceInAutoScalingGroup, or "METHOD resource" for Kubernetes, e.g. "PATCH nodes"',
      ),
    error: z
      .string()
      .describe('AWS error code, or the Kubernetes reason (Conflict, Unauthorized, Forbidden, InternalError)'),
    message: z.string().optional(),
    times: z.int().min(1).default(1),
    fromSeconds: seconds.default(0),
  }),
  z.strictObject({
    kind: z.literal('lostResponse'),
    action: z.string().describe('the request takes effect but the client sees the connection break'),
    times: z.int().min(1).default(1),
  }),
  z.strictObject({
    kind: z.literal('spotInterruption'),
    group: z.string(),
    atSeconds: seconds,
    nodes: z.int().min(1).default(1),
  }),
  z.strictObject({
    kind: z.literal('setDesiredCapacity'),
    group: z.string(),
    atSeconds: seconds,
    change: z.int().describe('somebody else resizes the group by this many (an autoscaler, say)'),
  }),
  z.strictObject({
    kind: z.literal('nodeNotReady'),
    atSeconds: seconds,
    group: z.string(),
    nodes: z.int().min(1).default(1),
  }),
]);

const defaultTimings = {
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
};

/** A whole sandbox: one region, its clusters and what will go wrong. Unknown keys are errors. */
export const scenarioSchema = z.strictObject({
  name: z.string().default('unnamed'),
  description: z.string().default(''),
  seed: z.int().default(1),
  startsAt: z.iso.datetime().default('2026-01-04T03:00:00Z').describe('simulated start; a Sunday, 3 a.m.'),
  region: z.string().default('eu-west-1'),
  accountId: z
    .string()
    .regex(/^\d{12}$/)
    .default('111122223333')
    .describe('the account of the AWS documentation examples'),
  clusters: z
    .array(
      z.strictObject({
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
      }),
    )
    .min(1),
  images: z.array(imageSchema).default([]),
  parameters: z.record(z.string(), z.string()).default({}).describe('further SSM parameters'),
  alarms: z
    .array(
      z.strictObject({
        name: z.string(),
        state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).default('OK'),
        changes: z
          .array(z.strictObject({ atSeconds: seconds, state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']) }))
          .default([]),
      }),
    )
    .default([]),
  timings: z.strictObject(defaultTimings).prefault({}),
  faults: z.array(faultSchema).default([]),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioInput = z.input<typeof scenarioSchema>;
export type ScenarioCluster = Scenario['clusters'][number];
export type Group = z.infer<typeof groupSchema>;
export type OtherNodes = z.infer<typeof otherNodesSchema>;
export type Workload = z.infer<typeof workloadSchema>;
export type Image = z.infer<typeof imageSchema>;
export type Fault = z.infer<typeof faultSchema>;
export type Timings = Scenario['timings'];
