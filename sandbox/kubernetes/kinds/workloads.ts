import type { Condition } from '../conditions.ts';
import type { KubernetesObject } from '../objects.ts';
import type { LabelSelector } from '../selector-match.ts';
import type { PodTemplate } from './pod.ts';

/** A count, or a share of one such as `25%`. */
export type IntOrPercentage = number | string;

interface RollingUpdate {
  readonly type?: string;
  readonly rollingUpdate?: {
    readonly maxSurge?: IntOrPercentage;
    readonly maxUnavailable?: IntOrPercentage;
    readonly partition?: number;
  };
}

interface TemplateSpec {
  readonly template: PodTemplate;
  readonly [field: string]: unknown;
}

interface WorkloadSpec extends TemplateSpec {
  readonly selector: LabelSelector;
}

/** Numbers of pods in a status. */
interface ReplicaCounts {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly updatedReplicas?: number;
  readonly conditions?: readonly Condition[];
  readonly [field: string]: unknown;
}

export interface Deployment extends KubernetesObject {
  readonly spec: WorkloadSpec & {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly strategy?: RollingUpdate;
  };
  readonly status?: ReplicaCounts;
}

export interface ReplicaSet extends KubernetesObject {
  readonly spec: WorkloadSpec & { readonly replicas?: number };
  readonly status?: ReplicaCounts;
}

/** Selects by plain labels; no controller of the sandbox acts on it. */
export interface ReplicationController extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: Readonly<Record<string, string>>;
    readonly template?: PodTemplate;
  };
  readonly status?: ReplicaCounts;
}

export interface ClaimTemplate {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface StatefulSet extends KubernetesObject {
  readonly spec: WorkloadSpec & {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly podManagementPolicy?: string;
    readonly updateStrategy?: RollingUpdate;
    readonly volumeClaimTemplates?: readonly ClaimTemplate[];
  };
  readonly status?: ReplicaCounts;
}

export interface DaemonSet extends KubernetesObject {
  readonly spec: WorkloadSpec & { readonly updateStrategy?: RollingUpdate };
  readonly status?: {
    readonly currentNumberScheduled?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberReady?: number;
    readonly numberAvailable?: number;
    readonly [field: string]: unknown;
  };
}

export interface Job extends KubernetesObject {
  readonly spec: TemplateSpec & {
    readonly selector?: LabelSelector;
    readonly parallelism?: number;
    readonly completions?: number;
    readonly suspend?: boolean;
  };
  readonly status?: {
    readonly succeeded?: number;
    /** RFC 3339 UTC. */
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly conditions?: readonly Condition[];
    readonly [field: string]: unknown;
  };
}

/** Kept and printed; nothing starts its Jobs. */
export interface CronJob extends KubernetesObject {
  readonly spec?: {
    readonly schedule?: string;
    readonly timeZone?: string;
    readonly suspend?: boolean;
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } };
  };
  readonly status?: { readonly active?: readonly unknown[]; readonly lastScheduleTime?: string };
}
