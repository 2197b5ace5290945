import type { UpgradeInput } from '../input/input.ts';

/** A number and the rule that gave it, for the plan. */
export interface ExplainedCount {
  readonly nodes: number;
  readonly rule: string;
}

/** EKS upgrades at most this many nodes of a group at a time. @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html */
const MOST_IN_PARALLEL = 100;

type UpdateConfig = UpgradeInput['updateConfig'];

/**
 * Resolve how many nodes may be upgraded at a time.
 *
 * EKS does not document how it rounds a percentage; here it is rounded down, and at least 1.
 *
 * @param outdated nodes with the old configuration at the start
 */
export function resolveParallelism(config: UpdateConfig, outdated: number): ExplainedCount {
  const { maxUnavailable, maxUnavailablePercentage } = config;
  const [wanted, wish] =
    maxUnavailablePercentage === undefined
      ? [
          maxUnavailable ?? 1,
          maxUnavailable === undefined ? 'one at a time by default' : `maxUnavailable ${maxUnavailable}`,
        ]
      : [
          Math.max(1, Math.floor((outdated * maxUnavailablePercentage) / 100)),
          `${maxUnavailablePercentage} % of ${outdated} outdated nodes, rounded down, at least 1`,
        ];
  const nodes = Math.max(1, Math.min(wanted, MOST_IN_PARALLEL, outdated));
  if (nodes === wanted) return { nodes, rule: wish };
  return {
    nodes,
    rule: `${wish}, limited by ${nodes === MOST_IN_PARALLEL ? 'the most EKS allows' : 'the outdated nodes'}`,
  };
}

/**
 * Number of launches after which every occupied zone has a new node for certain, when each launch goes to a zone with the
 * fewest instances and ties fall the wrong way.
 *
 * @param renewed zones that have a new node already
 */
export function launchesToCover(
  counts: ReadonlyMap<string, number>,
  zones: readonly string[],
  renewed: readonly string[] = [],
): number {
  const occupied = zones.filter((zone) => (counts.get(zone) ?? 0) > 0 && !renewed.includes(zone));
  if (occupied.length === 0) return 0;
  const fullest = Math.max(0, ...occupied.map((zone) => counts.get(zone) ?? 0));
  return zones.reduce((launches, zone) => launches + Math.max(0, fullest + 1 - (counts.get(zone) ?? 0)), 0);
}

/**
 * Resolve how many extra nodes the run adds.
 *
 * `max(2 × zones, 2 × parallelism)`, never more than the outdated nodes, but always enough that each zone which holds
 * outdated nodes gets a new one. Twice the parallelism, so that the replacements of one set of nodes boot while the next
 * set drains.
 *
 * @param counts members of the group by zone
 */
export function resolveSurge(facts: {
  config: UpdateConfig;
  parallelism: number;
  outdated: number;
  zones: readonly string[];
  counts: ReadonlyMap<string, number>;
  /** Zones of the nodes that an earlier run has renewed. */
  renewed?: readonly string[];
}): ExplainedCount {
  const { config, parallelism, outdated, zones, counts, renewed } = facts;
  if (config.updateStrategy === 'MINIMAL') return { nodes: 0, rule: 'MINIMAL adds no capacity' };
  if (outdated === 0) return { nodes: 0, rule: 'nothing is outdated' };
  if (config.surge !== undefined) return { nodes: config.surge, rule: `surge ${config.surge}, set in the input` };
  const wanted = Math.max(2 * zones.length, 2 * parallelism);
  const rule = `the larger of 2 × ${zones.length} zones and 2 × parallelism ${parallelism}`;
  const capped = Math.min(wanted, outdated);
  const cover = Math.min(launchesToCover(counts, zones, renewed), 2 * zones.length);
  if (cover > capped) return { nodes: cover, rule: `${cover}, so that every zone with outdated nodes gets a new one` };
  return { nodes: capped, rule: capped < wanted ? `${rule}, limited by ${outdated} outdated nodes` : rule };
}

/**
 * Resolve how many extra nodes EKS adds: up to the larger of twice the zones and its parallelism, which it does not tell
 * any closer.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html (scale up phase)
 */
export function surgeOfEks(facts: {
  updateStrategy: 'DEFAULT' | 'MINIMAL';
  parallelism: number;
  outdated: number;
  zones: number;
}): ExplainedCount {
  const { updateStrategy, parallelism, outdated, zones } = facts;
  if (updateStrategy === 'MINIMAL') return { nodes: 0, rule: 'MINIMAL adds no capacity' };
  if (outdated === 0) return { nodes: 0, rule: 'nothing is outdated' };
  const rule = `EKS adds up to the larger of 2 × ${zones} zones and maxUnavailable ${parallelism}`;
  return { nodes: Math.max(2 * zones, parallelism), rule };
}

/**
 * Limit the parallelism to the surge: with fewer extra nodes than drains, capacity would fall below what it was.
 */
export function limitBySurge(parallelism: ExplainedCount, surge: ExplainedCount, config: UpdateConfig): ExplainedCount {
  if (config.updateStrategy === 'MINIMAL' || surge.nodes === 0 || surge.nodes >= parallelism.nodes) return parallelism;
  return { nodes: surge.nodes, rule: `${parallelism.rule}, limited by a surge of ${surge.nodes}` };
}

/**
 * Whether a node takes a surge node back with it when it goes: `chosen` when its wave was planned, `ifLast` when it took so
 * long that it may be among the last by now, `never` otherwise, to save a request for the group.
 */
export type Absorption = 'chosen' | 'ifLast' | 'never';

/** Rounds of a drain and a cordon wait after which a node counts as slow. */
const SLOW_ROUNDS = 2;
const TYPICAL_DRAIN_SECONDS = 60;

/** Decide how a node's termination checks the surge. */
export function absorptionOf(
  node: { absorb: boolean },
  turn: { admittedAt?: string | undefined },
  run: { cordonWaitSeconds: number },
  nowAt: string,
): Absorption {
  if (node.absorb) return 'chosen';
  if (turn.admittedAt === undefined) return 'never';
  const tookSeconds = (Date.parse(nowAt) - Date.parse(turn.admittedAt)) / 1000;
  return tookSeconds > SLOW_ROUNDS * (TYPICAL_DRAIN_SECONDS + run.cordonWaitSeconds) ? 'ifLast' : 'never';
}

/**
 * Decide whether a node may take a surge node back with it: what is left of the surge must still cover the outdated nodes
 * that are yet to drain. Nodes that were parked meanwhile need it for their second attempt.
 *
 * @param othersOutdated outdated nodes of the group besides this one; a node that was not chosen leaves enough for all of them
 */
export function mayAbsorb(facts: {
  absorption: Absorption;
  desiredCapacity: number;
  originalDesired: number;
  parallelism: number;
  othersOutdated: number;
}): boolean {
  const { absorption, desiredCapacity, originalDesired, parallelism, othersOutdated } = facts;
  const needed = absorption === 'chosen' ? Math.min(parallelism, othersOutdated) : othersOutdated;
  return absorption !== 'never' && desiredCapacity - 1 - originalDesired >= needed;
}

/**
 * Number of Ready nodes, draining ones included, that the group must have before one more of them may start draining.
 *
 * At most `parallelism` nodes drain at a time, and no more than are still outdated. If even that many left at once, the
 * rest must still number the original desired capacity (MINIMAL: that less the parallelism). Because the bound holds for
 * all of them together, nodes need not coordinate with each other.
 */
export function requiredReadyNodes(facts: {
  updateStrategy: 'DEFAULT' | 'MINIMAL';
  originalDesired: number;
  parallelism: number;
  outdatedLeft: number;
}): number {
  const { updateStrategy, originalDesired, parallelism, outdatedLeft } = facts;
  // MINIMAL: desired less parallelism must remain while parallelism nodes drain, so all must be there to begin with.
  if (updateStrategy === 'MINIMAL') return originalDesired;
  return originalDesired + Math.min(parallelism, outdatedLeft);
}
