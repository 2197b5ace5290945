import type { Group, Scenario, ScenarioCluster } from '../../../world/scenario.ts';
import type { ActivityLog } from './activities.ts';
import {
  type AutoScalingGroup,
  type LaunchSource,
  type LifecycleHook,
  type ScalingProcess,
  scalingProcesses,
} from './group.ts';

/**
 * The hook by which EKS drains a node that Auto Scaling is about to terminate. Its name and heartbeat are as seen in accounts.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 */
export const eksTerminationHook: LifecycleHook = {
  name: 'Terminate-LC-Hook',
  transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  heartbeatSeconds: 1800,
  defaultResult: 'CONTINUE',
};

const hooksOf = (group: Group): LifecycleHook[] => [
  ...(group.launchHookSeconds === undefined
    ? []
    : [
        {
          name: `${group.name}-launching`,
          transition: 'autoscaling:EC2_INSTANCE_LAUNCHING' as const,
          heartbeatSeconds: group.launchHookSeconds,
          defaultResult: 'CONTINUE' as const,
        },
      ]),
  ...(group.terminationHookSeconds === undefined
    ? []
    : [
        {
          name: `${group.name}-terminating`,
          transition: 'autoscaling:EC2_INSTANCE_TERMINATING' as const,
          heartbeatSeconds: group.terminationHookSeconds,
          defaultResult: 'CONTINUE' as const,
        },
      ]),
  ...(group.managed === undefined ? [] : [eksTerminationHook]),
];

const tagsOf = (cluster: ScenarioCluster, group: Group): AutoScalingGroup['tags'] => {
  const tags = {
    [`kubernetes.io/cluster/${cluster.name}`]: 'owned',
    'k8s.io/cluster-autoscaler/enabled': 'true',
    [`k8s.io/cluster-autoscaler/${cluster.name}`]: 'owned',
    ...(group.managed !== undefined && {
      'eks:cluster-name': cluster.name,
      'eks:nodegroup-name': group.managed.nodegroupName,
    }),
    ...group.tags,
  };
  return new Map(Object.entries(tags).map(([key, value]) => [key, { value, isPropagated: true }]));
};

const isScalingProcess = (name: string): name is ScalingProcess => scalingProcesses.some((process) => process === name);

/**
 * Create the Auto Scaling group of a scenario's node group, still without instances.
 *
 * @throws Error for a suspended process that Auto Scaling does not have
 */
export function createGroup({
  scenario: { region, accountId },
  cluster,
  group,
  source,
  groupId,
  createdAt,
  activities,
}: {
  scenario: Scenario;
  cluster: ScenarioCluster;
  group: Group;
  source: LaunchSource;
  /** UUID in the group's ARN. */
  groupId: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  activities: ActivityLog;
}): AutoScalingGroup {
  const suspended = group.suspendedProcesses.map((name): [ScalingProcess, string] => {
    if (!isScalingProcess(name)) throw new Error(`group ${group.name}: there is no scaling process ${name}`);
    return [name, `User suspended at ${new Date(createdAt).toISOString().slice(0, 19)}Z`];
  });
  return {
    name: group.name,
    arn: `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:${groupId}:autoScalingGroupName/${group.name}`,
    clusterName: cluster.name,
    createdAt,
    members: new Map(),
    suspended: new Map(suspended),
    tags: tagsOf(cluster, group),
    hooks: hooksOf(group),
    hasWarmPool: group.warmPool,
    activities,
    refreshes: [],
    scheduledActions: new Map(),
    zones: group.zones,
    minSize: group.minSize,
    maxSize: group.maxSize,
    desiredCapacity: group.desiredCapacity,
    source,
    protectsNewInstances: group.protectedFromScaleIn,
    terminationPolicies: ['Default'],
    settings: {
      DefaultCooldown: 300,
      HealthCheckType: 'EC2',
      HealthCheckGracePeriod: 15,
      CapacityRebalance: false,
      ServiceLinkedRoleARN: `arn:aws:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    },
  };
}
