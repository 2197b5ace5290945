import { releaseOfName } from '../ami/releases.ts';
import { findBlockingPods } from '../drain/planned-blocking-pods.ts';
import { isIgnoredByDrain } from '../drain/pod-filters.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { BlockingPod } from '../state.ts';
import type { Budget, MachineImage, Pod } from '../types.ts';
import type { NodegroupPlan, OutOfScope } from './cluster.ts';

/** How far the nodes of one group are behind the newest release. */
export interface GroupStanding {
  readonly name: string;
  readonly kind: NodegroupPlan['kind'];
  /** What upgrades it unless the input says otherwise. */
  readonly engine: NodegroupPlan['engine'];
  /** `unknown` when there is nothing to compare with, or nothing could be read; `reason` says why. */
  readonly status: 'outdated' | 'current' | 'unknown';
  /** Minor version of Kubernetes that its nodes are made for. */
  readonly kubernetesVersion?: string;
  readonly currentRelease?: string;
  readonly currentAmiId?: string;
  readonly newestRelease?: string;
  readonly newestAmiId?: string;
  /** Between the two releases. */
  readonly daysBehind?: number;
  readonly nodes: { readonly total: number; readonly outdated?: number };
  /** Pods that would block a drain, at most twenty; absent when the Kubernetes API could not be asked. */
  readonly blockingPods?: readonly BlockingPod[];
  readonly blockingPodCount?: number;
  /** Why it is unknown, or why it could not be upgraded. */
  readonly reason?: string;
}

/** How far the groups of a cluster are behind. */
export interface ClusterStanding {
  readonly clusterName: string;
  readonly kubernetesVersion?: string;
  readonly groups: readonly GroupStanding[];
  readonly outOfScope: readonly OutOfScope[];
  /** Why its Kubernetes API could not be asked. */
  readonly unreachable?: string;
  /** Why nothing is known about it. */
  readonly error?: string;
}

const MOST_BLOCKING_PODS = 20;
const DAY = 86_400_000;

/** Settings that the blocking pods are found with: a comparison has no input. */
const DEFAULTS = { drainTimeoutSeconds: 900, pods: { unmanaged: 'evict', localStorage: 'evict' } } as const;

/** The day of a release: the day in its name, else the day the AMI was created. Milliseconds since the epoch. */
function releasedAt({ name, createdAt }: Pick<MachineImage, 'name' | 'createdAt'>): number {
  const [, year, month, day] = /(\d{4})\.?(\d\d)\.?(\d\d)$/.exec(releaseOfName(name) ?? '') ?? [];
  return year === undefined ? Date.parse(createdAt) : Date.UTC(Number(year), Number(month) - 1, Number(day));
}

/** Whole days from one release to another; 0 when the first is not older, `undefined` when a day is not known. */
export function daysBehind(
  current: Pick<MachineImage, 'name' | 'createdAt'>,
  newest: Pick<MachineImage, 'name' | 'createdAt'>,
): number | undefined {
  const days = Math.round((releasedAt(newest) - releasedAt(current)) / DAY);
  return Number.isNaN(days) ? undefined : Math.max(0, days);
}

/** Minor version of Kubernetes in the name of an AMI. */
export const minorOfName = (imageName: string): string | undefined => /(?:^|-)(1\.\d+)(?:-|$)/.exec(imageName)?.[1];

/** Everything that the standing of a group is worked out from. */
export interface StandingFacts extends Pick<GroupStanding, 'name' | 'kind' | 'engine'> {
  readonly members: readonly GroupNode[];
  readonly kubernetesVersion: string | undefined;
  /** The AMI that most outdated nodes run, or most nodes when none is outdated, and its release by EKS or by its name. */
  readonly current: { readonly image: MachineImage | undefined; readonly release: string | undefined };
  readonly newest: { readonly image: MachineImage; readonly release: string | undefined };
  /** Absent when the Kubernetes API could not be asked. */
  readonly workloads: { readonly pods: readonly Pod[]; readonly budgets: readonly Budget[] } | undefined;
  readonly reason: string | undefined;
}

/** Find the pods on outdated nodes that would block a drain. */
function blockingPodsOf(members: readonly GroupNode[], { pods, budgets }: NonNullable<StandingFacts['workloads']>) {
  const nodes = new Set(
    members.flatMap(({ isOutdated, node }) => (isOutdated && node !== undefined ? [node.name] : [])),
  );
  const affected = pods.filter(
    (pod) => pod.nodeName !== undefined && nodes.has(pod.nodeName) && !isIgnoredByDrain(pod),
  );
  return findBlockingPods(affected, budgets, DEFAULTS);
}

/** Work out how far a group is behind. */
export function standingOf(facts: StandingFacts): GroupStanding {
  const { name, kind, engine, members, kubernetesVersion, current, newest, workloads, reason } = facts;
  const outdated = members.filter(({ isOutdated }) => isOutdated).length;
  const days = current.image === undefined ? undefined : daysBehind(current.image, newest.image);
  const blockingPods = workloads === undefined ? undefined : blockingPodsOf(members, workloads);
  return {
    name,
    kind,
    engine,
    status: outdated > 0 ? 'outdated' : 'current',
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
    ...(current.release !== undefined && { currentRelease: current.release }),
    ...(current.image !== undefined && { currentAmiId: current.image.imageId }),
    ...(newest.release !== undefined && { newestRelease: newest.release }),
    newestAmiId: newest.image.imageId,
    ...(days !== undefined && { daysBehind: days }),
    nodes: { total: members.length, outdated },
    ...(blockingPods !== undefined && {
      blockingPods: blockingPods.slice(0, MOST_BLOCKING_PODS),
      blockingPodCount: blockingPods.length,
    }),
    ...(reason !== undefined && { reason }),
  };
}
