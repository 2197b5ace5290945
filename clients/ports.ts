import type { ExecutionFacts, HistoryEvent } from '../domain/execution-history.ts';
import type {
  AutoScalingGroup,
  Budget,
  DeletionOutcome,
  EksCluster,
  EksNodegroup,
  EksUpdate,
  EvictionOutcome,
  Instance,
  LaunchFailure,
  LaunchTemplateVersion,
  Lease,
  MachineImage,
  Node,
  NodeChanges,
  NodegroupUpdateRequest,
  NodePatch,
  Pod,
  PodDeparture,
} from '../domain/types.ts';

export type { DeletionOutcome, EvictionOutcome, NodePatch } from '../domain/types.ts';

/*
 * What steps use of the outside world. The comments are the contract. Expected outcomes are values; anything else is
 * thrown as one of the errors of domain/errors.ts: Throttled, ServiceUnavailable, Conflict (all retried by the state
 * machine), AccessDenied, ClusterUnreachable, or InvalidInput for a request that the service refuses as malformed.
 */

export interface Clock {
  now(): Date;
  /** Wait inside a step, for at most the ~40 s that a step may take. */
  sleep(seconds: number): Promise<void>;
}

/** Amazon EC2 Auto Scaling. */
export interface AutoScaling {
  /** One group; `undefined` when there is none. Without instances the answer is small for groups of any size. */
  findGroup(name: string, options?: { withInstances: boolean }): Promise<AutoScalingGroup | undefined>;
  /** All groups tagged as belonging to a cluster, those of managed node groups included. */
  listClusterGroups(clusterName: string): Promise<AutoScalingGroup[]>;
  /** All groups that have a tag of this key, whatever its value. */
  listTaggedGroups(tagKey: string): Promise<AutoScalingGroup[]>;
  /** Names of all groups that launch from `$Latest` of a template. */
  listFollowersOfLatest(launchTemplateId: string): Promise<string[]>;
  /** Which group has an instance, and in which state; `undefined` when none has it any more. */
  findInstance(instanceId: string): Promise<{ autoScalingGroupName: string; lifecycleState: string } | undefined>;
  /** Make the group launch from a version of its launch template. A mixed instances policy is sent back whole. */
  useLaunchTemplateVersion(group: AutoScalingGroup, version: string): Promise<void>;
  /** Set sizes in one call; sizes that are not given stay as they are. */
  resize(name: string, sizes: { minSize?: number; maxSize?: number; desiredCapacity?: number }): Promise<void>;
  /**
   * Terminate through the group, so that lifecycle hooks run. `gone` when the group no longer has the instance, `goingAlready`
   * when it goes for another reason, so that nothing was decremented, `atMinimum` when a decrement would go below the minimum
   * size.
   */
  terminate(
    instanceId: string,
    options: { decrement: boolean },
  ): Promise<'terminating' | 'goingAlready' | 'gone' | 'atMinimum'>;
  /**
   * How an instance was terminated at a user's request at or after an instant: `shrank` when the desired capacity was decremented
   * with it, `replaced` when not; `undefined` when no scaling activity says so, also for a moment after the request.
   */
  terminationOf(name: string, instanceId: string, since: Date): Promise<'shrank' | 'replaced' | undefined>;
  /** Failed launches that started at or after an instant, newest first. */
  launchFailures(name: string, since: Date): Promise<LaunchFailure[]>;
  setTags(name: string, tags: Readonly<Record<string, string>>): Promise<void>;
  removeTags(name: string, keys: readonly string[]): Promise<void>;
  suspendProcess(name: string, process: string): Promise<void>;
  resumeProcess(name: string, process: string): Promise<void>;
  /** Lifecycle hooks that keep an instance while it terminates, each with its heartbeat timeout. */
  terminationHooks(name: string): Promise<{ name: string; seconds: number }[]>;
  /** An instance refresh is pending or in progress. */
  hasActiveInstanceRefresh(name: string): Promise<boolean>;
}

/** Amazon EC2. */
export interface Ec2 {
  /** `undefined` when the AMI does not exist or is not shared with this account. */
  findImage(imageId: string): Promise<MachineImage | undefined>;
  /** A version by number, `$Latest` or `$Default`; `undefined` when the template or the version does not exist. */
  findLaunchTemplateVersion(launchTemplateId: string, version: string): Promise<LaunchTemplateVersion | undefined>;
  /** Create a version that differs from its source only in the AMI. The same token and content give the same version. */
  createLaunchTemplateVersion(request: {
    launchTemplateId: string;
    sourceVersion: string;
    imageId: string;
    description: string;
    clientToken: string;
  }): Promise<LaunchTemplateVersion>;
  /** Delete a version that is not the default one; one that is gone already is no error. */
  deleteLaunchTemplateVersion(launchTemplateId: string, version: string): Promise<void>;
  /** All pending and running instances of an Auto Scaling group. */
  listInstances(autoScalingGroupName: string): Promise<Instance[]>;
}

/** Amazon EKS. */
export interface Eks {
  findCluster(name: string): Promise<EksCluster | undefined>;
  findNodegroup(clusterName: string, nodegroupName: string): Promise<EksNodegroup | undefined>;
  /** Names of the managed node groups of a cluster that exists. */
  listNodegroups(clusterName: string): Promise<string[]>;
  /**
   * Start an update of the group by EKS. The same token and request give the same update. `inUse` while the group is not
   * ACTIVE. `versionMismatch`, with EKS's message, for a Kubernetes version that is neither the cluster's nor the group's,
   * also while the cluster's version is changing. Any other refusal is InvalidInput with EKS's message.
   */
  updateNodegroupVersion(
    request: NodegroupUpdateRequest,
  ): Promise<EksUpdate | 'inUse' | { readonly versionMismatch: string }>;
  /** `undefined` when there is none, also for a moment after it was created. */
  findUpdate(clusterName: string, nodegroupName: string, updateId: string): Promise<EksUpdate | undefined>;
  /** Ids of the updates of a managed node group, in no particular order. */
  listUpdates(clusterName: string, nodegroupName: string): Promise<string[]>;
}

/** SSM Parameter Store. */
export interface Parameters {
  /** Value of a parameter; `undefined` when there is none. */
  find(name: string): Promise<string | undefined>;
}

/** CloudWatch. */
export interface Alarms {
  /** State of each alarm that exists, by name: OK, ALARM or INSUFFICIENT_DATA. */
  states(names: readonly string[]): Promise<Readonly<Record<string, string>>>;
}

/** A state machine of Step Functions. */
export interface StateMachine {
  readonly name: string;
  readonly stateMachineArn: string;
}

/**
 * Step Functions. Steps use only `isRunning`. The other methods are for programs that start and follow upgrades, and throw
 * the SDK's errors.
 */
export interface Executions {
  /** False also when there is no such execution. */
  isRunning(executionArn: string): Promise<boolean>;
  listStateMachines(): Promise<StateMachine[]>;
  /** Start an execution. @returns its ARN */
  start(request: { stateMachineArn: string; name: string; input: string }): Promise<string>;
  describe(executionArn: string): Promise<ExecutionFacts>;
  /** The newest executions of a state machine, newest first; at most 1,000. */
  listNewest(stateMachineArn: string): Promise<ExecutionFacts[]>;
  /** Executions of a state machine that were started at an instant or later, newest first. */
  listStartedSince(stateMachineArn: string, since: Date): Promise<ExecutionFacts[]>;
  /** All child executions of a Map Run, which an earlier version had for its nodes. */
  listChildren(mapRunArn: string): Promise<ExecutionFacts[]>;
  /** Events of an execution, oldest first: all of them, or those after the event of an id. */
  history(executionArn: string, afterId?: number): Promise<HistoryEvent[]>;
}

/** An execution that upgrades, or upgraded, one node. Instants are ISO-8601 UTC. */
export interface NodeExecution {
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';
  /** JSON. */
  readonly input?: string;
  /** JSON; only of one that succeeded. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly startedAt: string;
  readonly stoppedAt?: string;
}

/** The executions of the state machine that upgrades one node, by name. Descriptions and lists may lag behind by moments. */
export interface NodeExecutions {
  /**
   * Start an execution: `started` also when one of this name runs with the same input already. `taken` when the name belongs to
   * one with another input, or to one that has ended (for 90 days).
   */
  start(name: string, input: string): Promise<'started' | 'taken'>;
  /** `undefined` when there is none of this name, also for a moment after it was started. */
  describe(name: string): Promise<NodeExecution | undefined>;
  /** Names of all that run. */
  listRunning(): Promise<string[]>;
  /** Stop an execution; one that has ended, or does not exist, is no error. */
  stop(name: string, reason: { error: string; cause: string }): Promise<void>;
}

/** One cluster's Kubernetes API. */
export interface Cluster {
  /** All nodes, or those with these labels. */
  listNodes(labels?: Readonly<Record<string, string>>): Promise<Node[]>;
  /** The same, with the version of the list to watch from. */
  listNodesToWatch(labels?: Readonly<Record<string, string>>): Promise<{ nodes: Node[]; resourceVersion: string }>;
  /**
   * Observe the nodes that have a label, whatever its value, with one watch request from the version of a list: until a
   * changed node that `isNews`, or for `timeoutSeconds` (≤ 240). Without `isNews` any change ends it, also a node that is gone
   * and a heartbeat.
   *
   * `changed` has each node as it is now. `gone` names those that are deleted, and those that only lost the label. The next
   * watch starts from `resourceVersion`, which is absent when the watch cannot continue (410): then list again. A watch may end
   * early without news (connection lost, server restarted): who repeats it waits in between.
   */
  watchNodes(request: {
    label: string;
    resourceVersion: string;
    timeoutSeconds: number;
    isNews?: (node: Node) => boolean;
  }): Promise<NodeChanges>;
  /** `undefined` when there is no such node. */
  findNode(name: string): Promise<Node | undefined>;
  /**
   * The node after the change; `absent` when it is gone, or another one than `identity` has its name; `conflict` when
   * `resourceVersion` no longer matches.
   */
  patchNode(name: string, patch: NodePatch): Promise<Node | 'absent' | 'conflict'>;
  /** Pods bound to a node, with the version of the list to watch from. */
  listPodsOnNode(nodeName: string): Promise<{ pods: Pod[]; resourceVersion: string }>;
  /** All pods of the cluster, in pages: for the plan only. */
  listPods(): Promise<Pod[]>;
  /** Version of the list of all pods, from which a watch can start; reads at most one pod. */
  podsVersion(): Promise<string>;
  /**
   * Observe for `timeoutSeconds` (≤ 40) which pods of the cluster are deleted: each as it was last, in the order of deletion.
   * The next watch starts from `resourceVersion`, which is absent when the watch cannot continue (410): then some deletions
   * may have been missed.
   */
  watchDepartures(request: {
    resourceVersion: string;
    timeoutSeconds: number;
  }): Promise<{ departures: PodDeparture[]; resourceVersion?: string }>;
  listBudgets(): Promise<Budget[]>;
  /** Request an eviction once, with the pod's uid as precondition. Every answer is an outcome, and so is none: nothing is thrown. */
  evict(pod: Pod): Promise<EvictionOutcome>;
  /** What would come of an eviction: a dry run, which needs the right to evict. Never throws an error of the domain. */
  tryEviction(pod: Pod): Promise<EvictionOutcome>;
  /** Uids of all DaemonSets. */
  listDaemonSets(): Promise<string[]>;
  /** Delete regardless of budgets, with the pod's own grace period and its uid as precondition. Nothing is thrown. */
  deletePod(pod: Pod): Promise<DeletionOutcome>;
  /**
   * Wait until all of these pods of a node are gone, at most `timeoutSeconds` (≤ 40), with one watch request from the version
   * of a list. True when all are gone and no other pod has arrived on the node since that list. False, without error, when
   * the time is over or the watch cannot continue (410, connection lost): the caller lists again.
   */
  waitForPodsGone(
    nodeName: string,
    request: { uids: readonly string[]; resourceVersion: string; timeoutSeconds: number },
  ): Promise<boolean>;
  /** Names of the nodes and volumes of all VolumeAttachments. */
  listVolumeAttachments(): Promise<{ nodeName: string; persistentVolumeName: string }[]>;
  /** namespace/name of the claim that a PersistentVolume is bound to; `undefined` when there is none, or no such volume. */
  findClaimOfVolume(persistentVolumeName: string): Promise<string | undefined>;
  findLease(namespace: string, name: string): Promise<Lease | undefined>;
  /** `conflict` when the lease exists already, `noNamespace` when the namespace does not. */
  createLease(namespace: string, lease: Omit<Lease, 'resourceVersion'>): Promise<Lease | 'conflict' | 'noNamespace'>;
  /** Replace holder and annotations; `conflict` when the lease has changed since it was read, or is gone. */
  replaceLease(namespace: string, lease: Lease): Promise<Lease | 'conflict'>;
  /**
   * Set annotations of a lease, or remove those that are `null`, without a right to anything else of it; `conflict` when the
   * lease has changed since it was read, or is gone.
   */
  annotateLease(
    namespace: string,
    lease: Pick<Lease, 'name' | 'resourceVersion'>,
    annotations: Readonly<Record<string, string | null>>,
  ): Promise<Lease | 'conflict'>;
  deleteLease(namespace: string, lease: Lease): Promise<void>;
  /** Write an Event about a node; best effort, never throws. */
  recordNodeEvent(
    node: { name: string; uid: string },
    event: { type: 'Normal' | 'Warning'; reason: string; message: string },
  ): Promise<void>;
  /** Whether the members of a group, the `subject`, have the right to do this (SubjectAccessReview). */
  may(access: {
    subject: string;
    verb: string;
    group: string;
    resource: string;
    subresource?: string;
    namespace?: string;
  }): Promise<boolean>;
  /** Server version, e.g. `v1.33.2`: the cheapest request, used to check whether the API can be reached. */
  serverVersion(): Promise<string>;
}

/** Everything a step may use. */
export interface Deps {
  readonly autoScaling: AutoScaling;
  readonly ec2: Ec2;
  readonly eks: Eks;
  readonly parameters: Parameters;
  readonly alarms: Alarms;
  readonly executions: Pick<Executions, 'isRunning'>;
  /** @throws Error at the first call of a function that was not told its state machine */
  readonly nodeExecutions: NodeExecutions;
  /** A client for a cluster by name; its endpoint is looked up in EKS once and kept. @throws ClusterNotFound */
  readonly cluster: (clusterName: string) => Promise<Cluster>;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}
