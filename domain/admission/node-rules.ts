import { secondsBetween } from '../instants.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { AdmissionFacts } from './admit.ts';
import { type Capacity, isCapacity } from './capacity.ts';
import { stayingMembers } from './observation.ts';

/** What is left after the nodes that were taken in the same decision. */
export interface Tally extends Capacity {
  /** Budgets whose room our own drains use up. */
  readonly contended: ReadonlySet<string>;
  /** Whether the node's termination is to lower the desired capacity, and zones in which that must wait. */
  readonly isDecremented: boolean;
  readonly waitingZones: ReadonlySet<string>;
}

/** A reason not to take one node now, or `undefined`. */
export type NodeRule = (node: GroupNode, tally: Tally, facts: AdmissionFacts) => string | undefined;

const UNREADY_SECONDS = 300;
/** Above this share of NotReady nodes the zone is ill, not the node. @see kube-controller-manager, --unhealthy-zone-threshold */
const ILL_ZONE_SHARE = 0.55;

/** Between the first look and the last one: what has happened since that one nobody knows. */
const secondsUnready = ({ instanceId }: GroupNode, { accounts, seen }: AdmissionFacts): number => {
  const since = accounts.memory.unreadySince[instanceId];
  return since === undefined ? 0 : secondsBetween(since, seen.nodesAt);
};

const nameOf = ({ node, instanceId }: GroupNode) => node?.name ?? instanceId;

/** An instance without a Node may register a moment later, and be full of pods a moment after that. */
const registered: NodeRule = (node, _tally, facts) =>
  node.node === undefined && secondsUnready(node, facts) < facts.run.nodeReadyTimeoutSeconds
    ? `${node.instanceId} has not registered yet`
    : undefined;

/** A node that is not Ready is no capacity, unless it recovers a moment later, or its whole zone is away. */
const healthSettled: NodeRule = (node, { free, floor }, facts) => {
  if (node.isReady) return undefined;
  if (secondsUnready(node, facts) < UNREADY_SECONDS)
    return `${nameOf(node)} has not been Ready for less than 5 minutes`;
  const zone = stayingMembers(facts.seen, facts.accounts).filter((member) => member.zone === node.zone);
  const share = zone.filter(({ isReady }) => !isReady).length / zone.length;
  if (share < ILL_ZONE_SHARE || free > floor) return undefined;
  return `${Math.round(share * 100)} % of the nodes in ${node.zone} are not Ready`;
};

/** Enough Ready nodes must be left. A node that is no capacity takes none away. */
const capacity: NodeRule = (node, { free, floor }) =>
  free > floor || !isCapacity(node) ? undefined : `${free} nodes are Ready and free, and ${floor} must be left`;

/** Pods whose volumes cannot leave the zone need a new node there. */
const zoneCovered: NodeRule = ({ zone, isOutdated }, _tally, { run, seen, accounts }) => {
  if (!run.coversZones || run.updateStrategy === 'MINIMAL' || !isOutdated) return undefined;
  const staying = stayingMembers(seen, accounts);
  const isCovered = staying.some((member) => member.zone === zone && !member.isOutdated && member.isReady);
  return isCovered ? undefined : `no new node is Ready in ${zone}`;
};

/** Where a budget is used up by our own drains, other nodes go first. */
const uncontended: NodeRule = ({ instanceId }, { contended }, { demands }) => {
  const names = [...(demands.get(instanceId)?.byBudget.keys() ?? [])];
  const budget = names.find((name) => contended.has(name));
  return budget === undefined ? undefined : `the nodes in hand use up what budget ${budget} allows`;
};

/** The last nodes of a zone go after those of other zones whose replacements could come up in it. */
const zonesEven: NodeRule = ({ zone, isOutdated }, { isDecremented, waitingZones }) =>
  isOutdated && isDecremented && waitingZones.has(zone)
    ? `a replacement for a node of another zone could come up in ${zone}, where it is not needed`
    : undefined;

/** Every reason not to take one node now, in the order in which they are tried. */
export const NODE_RULES: Readonly<Record<string, NodeRule>> = {
  registered,
  healthSettled,
  capacity,
  zoneCovered,
  uncontended,
  zonesEven,
};
