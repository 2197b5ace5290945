import type { PodsLeft } from '../../../domain/eks-update/blocking-pods.ts';
import { countDepartures } from '../../../domain/eks-update/departures.ts';
import type { NodegroupUpdate, UpdateBlockingPod, UpdateNode } from '../../../domain/eks-update/eks-update.ts';
import type { UpdateMember } from '../../../domain/eks-update/members.ts';
import type { Node, Pod, PodDeparture } from '../../../domain/types.ts';
import { aNode, aPod, ZONES } from '../builders.ts';

/** When the observation before the present one was made. */
export const OBSERVED_AT = '2026-01-15T11:59:48.000Z';
export const NOTHING_LEFT_THE_GROUP = countDepartures([], new Set(), undefined);

/** An outdated member of this id, InService and open, with a Node of its name. */
export const aMember = (id: string, overrides: Partial<UpdateMember> = {}, node: Partial<Node> = {}): UpdateMember => ({
  instanceId: `i-${id}`,
  zone: ZONES[0],
  lifecycleState: 'InService',
  isOutdated: true,
  node: aNode({ instanceId: `i-${id}`, name: `node-${id}`, ...node }),
  ...overrides,
});

/** The same node while EKS drains it: one pod has left, two are on it. */
export const anActiveNode = (id: string, overrides: Partial<UpdateNode> = {}): UpdateNode => ({
  instanceId: `i-${id}`,
  nodeName: `node-${id}`,
  zone: ZONES[0],
  state: 'draining',
  sinceAt: '2026-01-15T11:58:00.000Z',
  evidence: 'evictions',
  podsLeft: 2,
  evictedCount: 1,
  ...overrides,
});

/** The third observation of an update of three outdated nodes, none of which is active yet. */
export const anObservation = (overrides: Partial<NodegroupUpdate> = {}): NodegroupUpdate => ({
  status: 'inProgress',
  updateId: 'u-1',
  isAdopted: false,
  requestedAt: '2026-01-15T11:50:00.000Z',
  phase: 'upgrade',
  checks: 3,
  waitSeconds: 5,
  outdatedCount: 3,
  nodes: [],
  changes: [],
  evicted: [],
  evictedCount: 0,
  blockingPods: [],
  blockingPodCount: 0,
  warnings: [],
  ...overrides,
});

/** A pod on the node of this id that a budget has blocked since the last observation. */
export const aBlockingPod = (id: string, overrides: Partial<UpdateBlockingPod> = {}): UpdateBlockingPod => ({
  namespace: 'shop',
  name: `api-${id}`,
  reason: 'budget',
  detail: 'the budget allows nothing',
  advice: 'relax it',
  instanceId: `i-${id}`,
  nodeName: `node-${id}`,
  sinceAt: OBSERVED_AT,
  ...overrides,
});

/** As many pods left on a node as said, some of them blocking. */
export const podsLeft = (left: number, ...blockingPods: UpdateBlockingPod[]): PodsLeft => ({
  left,
  terminating: 0,
  blockingPods,
  free: [],
});

/** A pod of the node of this id that was evicted. */
export const aDeparture = (id: string, name: string, isGone: boolean, overrides: Partial<Pod> = {}): PodDeparture => ({
  pod: aPod({ name, nodeName: `node-${id}`, disruption: 'EvictionByEvictionAPI', ...overrides }),
  isGone,
});
