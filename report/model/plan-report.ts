import type { BlockingPod } from '../../domain/state.ts';
import type { Setting } from './node-report.ts';

/** What the plan said, as far as the history tells. */
export interface PlanReport {
  readonly summary?: string;
  readonly isDryRun: boolean;
  readonly isNothingToDo: boolean;
  readonly clusterName?: string;
  readonly nodegroupName?: string;
  readonly autoScalingGroupName?: string;
  readonly engine?: string;
  readonly updateStrategy?: string;
  readonly kubernetesVersion?: string;
  readonly zones: readonly string[];
  readonly instanceTypes: readonly string[];
  readonly current: readonly { amiId: string; nodes: number }[];
  readonly target: { amiId?: string; amiName?: string; amiType?: string; releaseVersion?: string; source?: string };
  readonly launchTemplate: { id?: string; sourceVersion?: string; targetVersion?: string };
  readonly nodes: { total?: number; outdated?: number };
  readonly outdatedNodes: readonly { instanceId: string; nodeName?: string; zone?: string }[];
  readonly sizes: { minSize?: number; maxSize?: number; desiredCapacity?: number };
  readonly parallelism: { nodes?: number; rule?: string };
  readonly surge: { nodes?: number; rule?: string };
  readonly estimate: {
    durationSeconds?: number;
    extraInstanceHours?: number;
    stateTransitions?: number;
    stepFunctionsUsd?: number;
    assumptions?: string;
  };
  readonly settings: readonly Setting[];
  readonly warnings: readonly string[];
  /** Whether webhooks and policies were asked about the evictions, in a sentence. */
  readonly admission?: string;
  readonly blockingPods: readonly BlockingPod[];
  readonly blockingPodCount: number;
}
