import { releaseOfName } from '../ami/releases.ts';
import { findBlockingPods } from '../drain/blocking-pods.ts';
import { isIgnoredByDrain } from '../drain/pods.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { BlockingPod } from '../state.ts';
import type { Budget, MachineImage, Pod } from '../types.ts';
import type { NodegroupPlan, OutOfScope } from './cluster.ts';

/** How up to date the nodes of one group are. */
export interface GroupStanding {
  readonly name: string;
  readonly kind: NodegroupPlan['kind'];
  /** Who upgrades it unless asked otherwise. */
  readonly engine: NodegroupPlan['engine'];
  /** unknown: there is nothing to compare with, or nothing could be read; `reason` says why. */
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
  /** Pods that would hold a drain up, at most twenty; absent when the cluster could not be asked. */
  readonly blockingPods?: readonly BlockingPod[];
  readonly blockingPodCount?: number;
  /** Why it is unknown, or what would keep it from being upgraded. */
  readonly reason?: string;
}

/** How up to date a cluster is. */
export interface ClusterStanding {
  readonly clusterName: string;
  readonly kubernetesVersion?: string;
  readonly groups: readonly GroupStanding[];
  readonly outOfScope: readonly OutOfScope[];
  /** Why its Kubernetes API could not be asked. */
  readonly unreachable?: string;
  /** Why nothing is known of it at all. */
  readonly error?: string;
}

const MOST_BLOCKERS = 20;
const DAY = 86_400_000;

/** What holds a drain up that has no settings of its own. */
const DEFAULTS = { drainTimeoutSeconds: 900, pods: { unmanaged: 'evict', localStorage: 'evict' } } as const;

/** The day of a release: the one its name tells, else when the AMI was made. Milliseconds since the epoch. */
export function releasedAt({ name, createdAt }: Pick<MachineImage, 'name' | 'createdAt'>): number {
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

/** Minor version of Kubernetes that the name of an AMI tells. */
export const minorOfName = (imageName: string): string | undefined => /(?:^|-)(1\.\d+)(?:-|$)/.exec(imageName)?.[1];

/** Everything the standing of a group is told from. */
export interface StandingFacts extends Pick<GroupStanding, 'name' | 'kind' | 'engine'> {
  readonly members: readonly GroupNode[];
  readonly kubernetesVersion: string | undefined;
  /** The AMI that most outdated nodes run, or most of all, and its release as EKS or its name tells it. */
  readonly current: { readonly image: MachineImage | undefined; readonly release: string | undefined };
  readonly newest: { readonly image: MachineImage; readonly release: string | undefined };
  /** Absent when the cluster could not be asked. */
  readonly workloads: { readonly pods: readonly Pod[]; readonly budgets: readonly Budget[] } | undefined;
  readonly reason: string | undefined;
}

/** Pods on outdated nodes that would hold a drain up. */
function plannedBlockingPodsOf(
  members: readonly GroupNode[],
  { pods, budgets }: NonNullable<StandingFacts['workloads']>,
) {
  const nodes = new Set(
    members.flatMap(({ isOutdated, node }) => (isOutdated && node !== undefined ? [node.name] : [])),
  );
  const moved = pods.filter((pod) => pod.nodeName !== undefined && nodes.has(pod.nodeName) && !isIgnoredByDrain(pod));
  return findBlockingPods(moved, budgets, DEFAULTS);
}

/** Tell how up to date a group is. */
export function standingOf(facts: StandingFacts): GroupStanding {
  const { name, kind, engine, members, kubernetesVersion, current, newest, workloads, reason } = facts;
  const outdated = members.filter(({ isOutdated }) => isOutdated).length;
  const days = current.image === undefined ? undefined : daysBehind(current.image, newest.image);
  const blockingPods = workloads === undefined ? undefined : plannedBlockingPodsOf(members, workloads);
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
      blockingPods: blockingPods.slice(0, MOST_BLOCKERS),
      blockingPodCount: blockingPods.length,
    }),
    ...(reason !== undefined && { reason }),
  };
}
