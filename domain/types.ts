/** A taint of a node. @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

/** A Kubernetes node: only what decisions use. */
export interface Node {
  readonly name: string;
  /** `spec.providerID`, e.g. `aws:///eu-west-1a/i-0123456789abcdef0`; absent until the cloud controller has set it. */
  readonly providerId?: string;
  /** From the last segment of the provider id; absent with it, and for foreign nodes. */
  readonly instanceId?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Condition Ready is True. */
  readonly isReady: boolean;
  /** Since when the Ready condition has its present status, ISO-8601 UTC. */
  readonly readyChangedAt?: string;
  readonly isUnschedulable: boolean;
  readonly taints: readonly Taint[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly kubeletVersion: string;
  readonly createdAt: string;
}

/** A pod: only what decisions use. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  /** The beginning of its name, when the API server made the rest. */
  readonly generateName?: string;
  readonly uid: string;
  readonly nodeName?: string;
  readonly phase: string;
  readonly isReady: boolean;
  /** The controlling owner; absent for a bare pod. A mirror pod is owned by its Node. */
  readonly owner?: {
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
    /** Of a DaemonSet that is not Kubernetes' own. */
    readonly apiGroup?: string;
  };
  /** A static pod's mirror (`kubernetes.io/config.mirror`). */
  readonly isMirror: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** Absent when it selects no nodes. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Required node affinity, of which one term must be met; absent when there is none. */
  readonly nodeTerms?: readonly NodeTerm[];
  /** Has an emptyDir volume, whose data is lost with the pod. */
  readonly hasLocalStorage: boolean;
  /** Names of its persistent volume claims. */
  readonly volumeClaims: readonly string[];
  readonly gracePeriodSeconds: number;
  readonly createdAt: string;
  /** ISO-8601 UTC by which the pod must be gone, once its deletion has been asked for. */
  readonly deletionDeadlineAt?: string;
  /** Why something other than its owner ends it: the reason of its DisruptionTarget condition. */
  readonly disruption?: string;
}

/** Requirements of a node affinity that must all be met, those of fields too (`metadata.name`). */
export interface NodeTerm {
  readonly requirements: readonly LabelRequirement[];
}

/** A pod that is going or gone, as a watch showed it last. */
export interface PodDeparture {
  readonly pod: Pod;
  readonly isGone: boolean;
}

/** A PodDisruptionBudget with its status. */
export interface Budget {
  readonly namespace: string;
  readonly name: string;
  readonly selector: LabelSelector | undefined;
  /** As written: a number or a percentage. */
  readonly minAvailable?: string;
  readonly maxUnavailable?: string;
  readonly unhealthyPodEvictionPolicy: 'IfHealthyBudget' | 'AlwaysAllow';
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  /** Why its status cannot be computed: the message of its condition DisruptionAllowed with the reason SyncFailed. */
  readonly syncFailure?: string;
  /** True when the status is that of an older specification. */
  readonly isStatusOld?: boolean;
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelRequirement[];
}

/** What a selector asks of one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** A member of an Auto Scaling group, as the group describes it. */
export interface GroupInstance {
  readonly instanceId: string;
  readonly zone: string;
  readonly lifecycleState: string;
  readonly isHealthy: boolean;
  readonly isProtectedFromScaleIn: boolean;
  readonly instanceType?: string;
  readonly launchTemplateId?: string;
  readonly launchTemplateVersion?: number;
}

/** Where an Auto Scaling group takes its launch template from. */
export interface LaunchSource {
  readonly launchTemplateId: string;
  /** As the group states it: a number, `$Latest` or `$Default`. */
  readonly version: string;
  /** The whole MixedInstancesPolicy as the service gave it; it must be sent back whole. */
  readonly mixedInstancesPolicy?: Readonly<Record<string, unknown>>;
  /** Templates or AMIs that an override of the policy brings along, in words; they beat the group's own template. */
  readonly overridingTemplates: readonly string[];
  readonly usesWeights: boolean;
}

export interface AutoScalingGroup {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  readonly zones: readonly string[];
  /** Absent for a group with a launch configuration or an attached instance only. */
  readonly launchSource?: LaunchSource;
  readonly launchConfigurationName?: string;
  readonly instances: readonly GroupInstance[];
  readonly suspendedProcesses: readonly { readonly name: string; readonly reason: string }[];
  readonly tags: Readonly<Record<string, string>>;
  readonly hasWarmPool: boolean;
  /** Set while the group is being deleted. */
  readonly status?: string;
}

/** An EC2 instance of the group. */
export interface Instance {
  readonly instanceId: string;
  readonly imageId: string;
  readonly architecture: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly launchedAt: string;
}

export interface MachineImage {
  readonly imageId: string;
  readonly name: string;
  readonly state: string;
  readonly architecture: string;
  /** ISO-8601; past means still launchable by id. */
  readonly deprecatedAt?: string;
  readonly isAllowed: boolean;
  readonly platform: string;
  readonly createdAt: string;
  /** E.g. /dev/xvda. */
  readonly rootDeviceName?: string;
}

export interface LaunchTemplateVersion {
  readonly launchTemplateId: string;
  readonly version: number;
  /** `ami-…`; with an SSM alias in the template, what it resolves to now. */
  readonly imageId?: string;
  /** The alias itself, e.g. `resolve:ssm:/…`. */
  readonly imageAlias?: string;
  /** Snapshots from which volumes are made, by device name. */
  readonly snapshots?: Readonly<Record<string, string>>;
  readonly isDefault: boolean;
  readonly description?: string;
}

export interface EksCluster {
  readonly name: string;
  readonly version: string;
  readonly status: string;
  readonly endpoint?: string;
  /** Base64 PEM. */
  readonly certificateAuthority?: string;
  /** EKS Auto Mode runs nodes of its own in it. */
  readonly hasAutoMode?: boolean;
}

export interface EksNodegroup {
  readonly name: string;
  readonly status: string;
  readonly version: string;
  readonly releaseVersion: string;
  readonly amiType: string;
  readonly autoScalingGroupName?: string;
  readonly updateConfig: {
    readonly maxUnavailable?: number;
    readonly maxUnavailablePercentage?: number;
    readonly updateStrategy?: string;
  };
  readonly labels: Readonly<Record<string, string>>;
  /** The owner's template, of which EKS makes its own; absent for a group created without one. */
  readonly launchTemplate?: { readonly id: string; readonly version: string };
  readonly healthIssues: readonly string[];
}

/** What UpdateNodegroupVersion is asked for. */
export interface NodegroupUpdateRequest {
  readonly clusterName: string;
  readonly nodegroupName: string;
  readonly version?: string | undefined;
  readonly releaseVersion?: string | undefined;
  readonly launchTemplate?: { readonly id: string; readonly version: string } | undefined;
  readonly force: boolean;
  readonly clientRequestToken: string;
}

/** An update of a managed node group. @see https://docs.aws.amazon.com/eks/latest/APIReference/API_Update.html */
export interface EksUpdate {
  readonly id: string;
  /** InProgress, Successful, Failed or Cancelled. */
  readonly status: string;
  /** VersionUpdate or ConfigUpdate. */
  readonly type: string;
  /** By type: Version, ReleaseVersion, LaunchTemplateVersion and others. */
  readonly params: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly errors: readonly EksUpdateError[];
}

export interface EksUpdateError {
  readonly code: string;
  readonly message: string;
  /** Names of nodes, for a PodEvictionFailure. */
  readonly resourceIds: readonly string[];
}

/** A failed launch of an Auto Scaling group. */
export interface LaunchFailure {
  readonly startedAt: string;
  readonly zone?: string;
  /** The service's own words. */
  readonly message: string;
}

/** A Lease as we use it: lock and control record in one. */
export interface Lease {
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion: string;
  readonly holder?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What a watch of nodes showed, each node once, as it was last. */
export interface NodeChanges {
  readonly changed: readonly Node[];
  readonly gone: readonly { readonly name: string; readonly uid: string }[];
  readonly resourceVersion?: string;
}

/** What tells a node from another that has its name: a machine that took its address, or the same one registered again. */
export interface NodeIdentity {
  readonly uid: string;
  readonly providerId: string;
}

/** A change to a node, sent as one request; `null` removes a key. */
export interface NodePatch {
  /** When given, the patch only applies to this node, and to no other of its name. */
  readonly identity?: NodeIdentity;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
  /** The whole list: it is atomic, so `resourceVersion` must be given with it. */
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  /** When given, the patch only applies to this version of the node. */
  readonly resourceVersion?: string;
  /** When given, the patch only applies while these annotations have these values; only with `identity`. */
  readonly annotationsBefore?: Readonly<Record<string, string>>;
}

/** What the Eviction API answered. @see https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ */
export type EvictionOutcome =
  /** Accepted: the pod terminates within its grace period. */
  | { readonly status: 'evicted' }
  /** The pod is gone, or another pod has its name now. */
  | { readonly status: 'absent' }
  /** A budget allows no disruption now. */
  | { readonly status: 'blocked'; readonly message: string }
  /** More than one budget selects the pod: no eviction will ever be accepted. */
  | { readonly status: 'ambiguous'; readonly message: string }
  /** An admission webhook or policy refuses it, or the API server does for good; in its words. */
  | { readonly status: 'refused'; readonly message: string }
  /**
   * Not because of a budget's rule (API priority and fairness, a race on the budget, a webhook that cannot be called, an operator
   * that defers it, a namespace being deleted, a broken connection): ask again. `message`: the words of the answer, when there are some.
   */
  | { readonly status: 'later'; readonly retryAfterSeconds: number; readonly message?: string };

/** What became of a deletion: `refused`, in the words of the server, when the pod stays for now. */
export type DeletionOutcome = 'deleted' | 'absent' | { readonly refused: string };
