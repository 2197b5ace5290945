import type { Timer } from '../../../world/clock.ts';
import type { Instance } from '../../ec2/state/instances.ts';
import type { Activity, ActivityLog } from './activities.ts';
import type { InstanceRefresh } from './instance-refresh.ts';
import type { ScheduledAction } from './scheduled-action.ts';

/** The processes that can be suspended. */
export const scalingProcesses = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const;
export type ScalingProcess = (typeof scalingProcesses)[number];

/** A template as a group names it; `version` is a number, `$Latest` or `$Default`. */
export interface TemplateSpecification {
  readonly templateId: string;
  readonly templateName: string;
  readonly version: string;
}

/** One entry of a mixed instances policy. */
export interface Override {
  readonly instanceType?: string | undefined;
  readonly weightedCapacity?: string | undefined;
  readonly template?: TemplateSpecification | undefined;
  readonly imageId?: string | undefined;
}

/** What a group launches from. */
export type LaunchSource =
  | { readonly kind: 'launch-template'; readonly template: TemplateSpecification }
  | {
      readonly kind: 'mixed-instances';
      readonly template: TemplateSpecification;
      readonly overrides: readonly Override[];
      readonly distribution: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'launch-configuration';
      readonly name: string;
      readonly imageId: string;
      readonly instanceType: string;
    };

/** A template version that an instance was launched from; its number is settled. */
export interface LaunchedTemplate {
  readonly templateId: string;
  readonly templateName: string;
  readonly versionNumber: number;
}

export type LifecycleState =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'EnteringStandby'
  | 'Standby'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed';

/** An instance as its group sees it. */
export interface Member {
  readonly instance: Instance;
  readonly launchedTemplate: LaunchedTemplate | undefined;
  readonly launchConfigurationName: string | undefined;
  readonly weight: number;
  readonly hasWeight: boolean;
  /** Which override of a mixed group it came from; 0 otherwise. */
  readonly overrideIndex: number;
  lifecycleState: LifecycleState;
  isHealthy: boolean;
  isProtected: boolean;
  /** Launched by AZRebalance: until it is in service the group may be larger than desired by it. */
  isForBalance: boolean;
  /** The activity under way. */
  activity?: Activity | undefined;
  /** What happens to it next, unless something else does before. */
  timer?: Timer | undefined;
  /** The lifecycle hook at which it waits for CompleteLifecycleAction. */
  lifecycleAction?:
    | { readonly hook: LifecycleHook; readonly token: string; proceed(result: HookResult): void }
    | undefined;
}

export type HookResult = 'CONTINUE' | 'ABANDON';

export interface LifecycleHook {
  readonly name: string;
  readonly transition: 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING';
  readonly heartbeatSeconds: number;
  readonly defaultResult: HookResult;
}

/** An Auto Scaling group. */
export interface AutoScalingGroup {
  readonly name: string;
  readonly arn: string;
  readonly clusterName: string;
  readonly createdAt: number;
  readonly members: Map<string, Member>;
  readonly suspended: Map<ScalingProcess, string>;
  readonly tags: Map<string, { value: string; isPropagated: boolean }>;
  readonly hooks: readonly LifecycleHook[];
  readonly hasWarmPool: boolean;
  readonly activities: ActivityLog;
  /** Newest first. */
  readonly refreshes: InstanceRefresh[];
  /** By name. */
  readonly scheduledActions: Map<string, ScheduledAction>;
  zones: readonly string[];
  minSize: number;
  maxSize: number;
  desiredCapacity: number;
  source: LaunchSource;
  protectsNewInstances: boolean;
  terminationPolicies: readonly string[];
  /** Attributes that the simulation stores and returns without acting on them, by their API names. */
  readonly settings: Record<string, unknown>;
}

/** Whether an instance is on its way out of the group. */
export const isTerminating = ({ lifecycleState }: Pick<Member, 'lifecycleState'>): boolean =>
  lifecycleState.startsWith('Terminating');

/** Whether an instance counts towards the desired capacity. */
export const isCounted = (member: Pick<Member, 'lifecycleState'>): boolean =>
  !isTerminating(member) && !member.lifecycleState.endsWith('Standby');

/** Capacity units of the instances that count. */
export const capacityOf = (members: Iterable<Member>): number => {
  let units = 0;
  for (const member of members) if (isCounted(member)) units += member.weight;
  return units;
};
