import type { UpgradeInput } from '../input/input.ts';
import { ASSUMED_BOOT_SECONDS } from './round.ts';

/** A number and the rule that gave it, for the plan. */
export interface ExplainedCount {
  readonly nodes: number;
  readonly rule: string;
}

/** EKS upgrades at most this many nodes of a group at a time. @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html */
export const MOST_OF_EKS = 100;

type UpdateConfig = UpgradeInput['updateConfig'];

/**
 * Resolve how many nodes may be upgraded at a time.
 *
 * EKS does not document how it rounds a percentage; here it is rounded down, and at least 1.
 *
 * @param outdated nodes with the old configuration at the start
 * @param engine   only EKS has a limit of its own
 */
export function resolveParallelism(config: UpdateConfig, outdated: number, engine: 'workflow' | 'eks'): ExplainedCount {
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
  const most = engine === 'eks' ? MOST_OF_EKS : Number.POSITIVE_INFINITY;
  const nodes = Math.max(1, Math.min(wanted, most, outdated));
  if (nodes === wanted) return { nodes, rule: wish };
  return { nodes, rule: `${wish}, limited by ${nodes === most ? 'the most EKS allows' : 'the outdated nodes'}` };
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
 * Number of extra nodes with which no drain waits for a boot: the nodes of one round, and those that are replaced while a
 * node boots. At least twice the zones.
 */
export const wantedSurge = (facts: {
  parallelism: number;
  zones: number;
  bootSeconds: number;
  roundSeconds: number;
}): number =>
  Math.max(2 * facts.zones, facts.parallelism * (1 + Math.ceil(facts.bootSeconds / Math.max(1, facts.roundSeconds))));

/** The rule behind it, for people. */
export const surgeRule = (parallelism: number, bootSeconds: number, roundSeconds: number): string =>
  `parallelism ${parallelism} × (1 + ⌈boot ${bootSeconds} s / round ${roundSeconds} s⌉)`;

/**
 * Resolve how many extra nodes the run adds.
 *
 * `parallelism × (1 + ⌈boot / round⌉)`, at least `2 × zones`, never more than the outdated nodes, but always enough that
 * each zone which holds outdated nodes gets a new one.
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
  /** Nodes of the surge that an earlier run has left. */
  standing?: number;
  roundSeconds: number;
}): ExplainedCount {
  const { config, parallelism, outdated, zones, counts, renewed, standing = 0, roundSeconds } = facts;
  if (config.updateStrategy === 'MINIMAL') return { nodes: 0, rule: 'MINIMAL adds no capacity' };
  if (outdated === 0) return { nodes: 0, rule: 'nothing is outdated' };
  if (config.surge !== undefined) return { nodes: config.surge, rule: `surge ${config.surge}, set in the input` };
  const bootSeconds = ASSUMED_BOOT_SECONDS;
  const wanted = wantedSurge({ parallelism, zones: zones.length, bootSeconds, roundSeconds });
  const rule =
    wanted === 2 * zones.length ? `2 × ${zones.length} zones` : surgeRule(parallelism, bootSeconds, roundSeconds);
  const capped = Math.min(wanted, outdated);
  const launches = Math.min(launchesToCover(counts, zones, renewed), 2 * zones.length);
  const cover = launches === 0 ? 0 : standing + launches;
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
