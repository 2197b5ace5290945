import type { UpgradeInput } from '../input/input.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { EksRun, WorkflowRun } from '../state.ts';
import type { AutoScalingGroup, Budget, EvictionOutcome, MachineImage, Node, Pod } from '../types.ts';
import type { Scope } from './scope.ts';

/** What the plan of either engine is made from, as it was looked up. */
interface GatheredFacts {
  readonly input: UpgradeInput;
  readonly executionArn: string;
  readonly startedAt: string;
  readonly kubernetesVersion: string;
  readonly group: AutoScalingGroup;
  readonly members: readonly GroupNode[];
  readonly instanceTypes: readonly string[];
  /** Settings of the managed node group, which the input overrides. */
  readonly nodegroupUpdateConfig?: UpgradeInput['updateConfig'] | undefined;
  readonly image: MachineImage;
  readonly amiType?: string | undefined;
  readonly targetSource: string;
  readonly imageAlias?: string | undefined;
  /** All nodes of the cluster. */
  readonly nodes: readonly Node[];
  /** Pods bound to nodes, of the whole cluster. */
  readonly pods: readonly Pod[];
  readonly budgets: readonly Budget[];
  /** Uids of DaemonSets that are gone and have pods: those pods count as unmanaged, and have no owner here. */
  readonly goneOwners: readonly string[];
  /** What dry runs of evictions were answered, by uid of the pod; absent when nobody was asked. */
  readonly admission?: ReadonlyMap<string, EvictionOutcome>;
  /** Sentences about what the survey found, for the warnings. */
  readonly notes: readonly string[];
}

export interface WorkflowPlanFacts extends GatheredFacts {
  readonly engine: 'workflow';
  readonly target: WorkflowRun['target'];
  readonly requiredLabels?: Readonly<Record<string, string>>;
  /** The group launches the target already: a new node would be none of the outdated ones. */
  readonly launchesTarget: boolean;
  /** The nodes that the input names; absent: all. */
  readonly scope?: Scope | undefined;
}

export interface EksPlanFacts extends GatheredFacts {
  readonly engine: 'eks';
  readonly nodegroupName: string;
  readonly target: EksRun['target'];
  /** What EKS is asked for. */
  readonly update: EksRun['update'];
  readonly scope?: undefined;
  /** EKS records for the group what it would be asked for. */
  readonly isRecorded: boolean;
}

/** Everything the plan is made from. */
export type PlanFacts = WorkflowPlanFacts | EksPlanFacts;
