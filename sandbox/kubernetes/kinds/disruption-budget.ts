import type { Condition } from '../conditions.ts';
import type { KubernetesObject } from '../objects.ts';
import type { LabelSelector } from '../selector-match.ts';
import type { IntOrPercentage } from './workloads.ts';

export interface PodDisruptionBudget extends KubernetesObject {
  readonly spec: {
    readonly selector?: LabelSelector;
    readonly minAvailable?: IntOrPercentage | undefined;
    readonly maxUnavailable?: IntOrPercentage | undefined;
    readonly unhealthyPodEvictionPolicy?: string | undefined;
  };
  readonly status?: {
    readonly disruptionsAllowed?: number;
    readonly currentHealthy?: number;
    readonly desiredHealthy?: number;
    readonly expectedPods?: number;
    readonly observedGeneration?: number | undefined;
    /** RFC 3339 UTC of each granted eviction, by the pod's name. */
    readonly disruptedPods?: Readonly<Record<string, string>>;
    readonly conditions?: readonly Condition[];
    readonly [field: string]: unknown;
  };
}
