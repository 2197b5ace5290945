import type { ErrorName } from '../errors.ts';
import { ERROR_NAMES } from '../errors.ts';
import { OWNERSHIP_ANNOTATIONS } from '../nodegroup/node-ownership.ts';
import { countByZone, type GroupNode } from '../nodegroup/nodegroup.ts';
import type { Wave, WaveNode, WorkflowRun } from '../state.ts';
import type { Halt } from './control.ts';

/** Nodes of one Map WorkflowRun: its items and results stay far below 256 KiB. */
export const MOST_NODES_IN_A_WAVE = 500;
/** Waves after which the number of outdated nodes must have fallen. */
const MOST_STALLED_WAVES = 3;

/** What SelectNodes decides: the next wave, or the error that ends the run. */
export type WaveDecision =
  | { readonly kind: 'wave'; readonly wave: Wave }
  | { readonly kind: 'failure'; readonly error: ErrorName; readonly cause: string }
  | { readonly kind: 'blocked'; readonly nodes: readonly GroupNode[]; readonly because: string };

/** Items in random order (Fisher and Yates; Knuth, The Art of Computer Programming, volume 2, algorithm P). */
export function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const shuffled = [...items];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other] as Item, shuffled[index] as Item];
  }
  return shuffled;
}

/**
 * Choose which outdated nodes are terminated with a decrement, so that the zones end balanced.
 *
 * One after another from the zone with the most members that still has a candidate.
 *
 * @param candidates in random order
 * @param members    all members of the group, new ones included
 */
export function chooseAbsorbed(
  candidates: readonly GroupNode[],
  members: readonly GroupNode[],
  surplus: number,
): Set<string> {
  const counts = countByZone(members);
  const chosen = new Set<string>();
  while (chosen.size < Math.min(surplus, candidates.length)) {
    const left = candidates.filter(({ instanceId }) => !chosen.has(instanceId));
    const fullest = left.reduce((best, node) =>
      (counts.get(node.zone) as number) > (counts.get(best.zone) as number) ? node : best,
    );
    chosen.add(fullest.instanceId);
    counts.set(fullest.zone, (counts.get(fullest.zone) as number) - 1);
  }
  return chosen;
}

const isPark = (error: string | undefined) => error === undefined || ERROR_NAMES.node.includes(error as never);
const isKnown = (error: string): error is ErrorName =>
  Object.values(ERROR_NAMES)
    .flat()
    .includes(error as never);

/** The error of the last wave that no second attempt will mend, such as missing rights. */
function fatalResult(wave: Wave): { error: ErrorName; cause: string } | undefined {
  const result = wave.results.find(
    ({ outcome, error }) => outcome === 'blocked' && error !== undefined && isKnown(error) && !isPark(error),
  );
  if (result === undefined) return undefined;
  return {
    error: result.error as ErrorName,
    cause: `node ${result.nodeName ?? result.instanceId}: ${result.reason ?? 'no reason given'}`,
  };
}

/** Facts for the choice of the next wave. */
export interface WaveFacts {
  readonly run: WorkflowRun;
  readonly wave: Wave;
  readonly members: readonly GroupNode[];
  /** Nodes of our surge still in the desired capacity. */
  readonly surplus: number;
  readonly halt?: Halt | undefined;
  readonly cancel?: string | undefined;
  /** Alarms that are in ALARM now. */
  readonly alarms: readonly string[];
  /** ISO-8601 UTC. */
  readonly nowAt: string;
  readonly random: () => number;
}

const stalled = (facts: WaveFacts, outdatedCount: number): number =>
  facts.wave.status === 'selected' && outdatedCount >= facts.wave.outdatedCount ? facts.wave.stalledWaves + 1 : 0;

/** Why the run must end before another node is taken, if it must. */
function endOfRun(facts: WaveFacts, outdated: readonly GroupNode[]): { error: ErrorName; cause: string } | undefined {
  const { halt, cancel, wave, alarms } = facts;
  const fatal = fatalResult(wave);
  if (fatal !== undefined) return fatal;
  if (halt !== undefined) return { error: isKnown(halt.error) ? halt.error : 'NotConverging', cause: halt.cause };
  if (outdated.length === 0) return undefined;
  if (cancel !== undefined) return { error: 'UpgradeCancelled', cause: `cancelled by an operator: ${cancel}` };
  if (alarms.length > 0) return { error: 'AlarmTriggered', cause: `in ALARM: ${alarms.join(', ')}` };
  if (stalled(facts, outdated.length) >= MOST_STALLED_WAVES) {
    return {
      error: 'NotConverging',
      cause: `${outdated.length} nodes are still outdated after ${MOST_STALLED_WAVES} waves that changed nothing; something keeps launching instances with the old template or AMI`,
    };
  }
  return undefined;
}

/** The candidates of the next wave: nodes not tried yet, then those that were blocked once. */
function candidates(outdated: readonly GroupNode[], parked: readonly string[]) {
  const fresh = outdated.filter(({ instanceId }) => !parked.includes(instanceId));
  return fresh.length > 0 ? { nodes: fresh, attempt: 1 } : { nodes: [...outdated], attempt: 2 };
}

/**
 * Canary: the first nodes alone, then a bake, then the rest. One that was blocked has proved nothing: another takes its place.
 *
 * @param untried outdated nodes that have not been blocked yet
 */
function canaryOf(
  facts: WaveFacts,
  blocked: number,
  untried: number,
): { state: Wave['canary']; limit: number; bakeUntilAt?: string } {
  const { canary } = facts.run;
  const before = facts.wave.canary;
  if (canary === undefined || before === 'passed') return { state: 'passed', limit: MOST_NODES_IN_A_WAVE };
  if (before === 'pending') return { state: 'upgrading', limit: canary.nodes };
  const missing = Math.min(blocked, untried);
  if (before === 'upgrading' && missing > 0) return { state: 'upgrading', limit: missing };
  if (before === 'upgrading') {
    const bakeUntilAt = new Date(Date.parse(facts.nowAt) + canary.bakeSeconds * 1000).toISOString();
    return { state: 'baking', limit: 0, bakeUntilAt };
  }
  return { state: 'passed', limit: MOST_NODES_IN_A_WAVE };
}

/**
 * Choose the next nodes to upgrade from what the group looks like now.
 *
 * @returns the next wave (`done` when nothing is outdated), the failure that ends the run, or the nodes that stay blocked
 */
export function decideWave(facts: WaveFacts): WaveDecision {
  const { run, wave, members, surplus, random } = facts;
  const outdated = members.filter((member) => member.isOutdated);
  if (facts.halt?.error === 'PodEvictionFailure') {
    const nodes = outdated.filter(({ node }) => node?.annotations[OWNERSHIP_ANNOTATIONS.parked] !== undefined);
    return { kind: 'blocked', nodes, because: facts.halt.cause };
  }
  const end = endOfRun(facts, outdated);
  if (end !== undefined) return { kind: 'failure', ...end };

  const blockedNow = wave.results.filter(({ outcome }) => outcome === 'blocked').map(({ instanceId }) => instanceId);
  const twice = outdated.filter(
    ({ instanceId }) => wave.parked.includes(instanceId) && blockedNow.includes(instanceId),
  );
  const parked = outdated
    .map(({ instanceId }) => instanceId)
    .filter((id) => [...wave.parked, ...blockedNow].includes(id));
  if (twice.length > 0) {
    const nodes = outdated.filter(({ instanceId }) => parked.includes(instanceId));
    return {
      kind: 'blocked',
      nodes,
      because: `tried twice, ${run.drainTimeoutSeconds} s each; all other nodes are done`,
    };
  }

  const canary = canaryOf(facts, blockedNow.length, outdated.length - parked.length);
  const { nodes, attempt } = candidates(outdated, parked);
  const selected = shuffle(nodes, random).slice(0, canary.limit);
  const isLast = selected.length === outdated.length;
  // Absorbed nodes go last, when nothing but them is left, so that every other one is replaced first.
  const absorbable = isLast ? surplus : Math.max(0, surplus - (outdated.length - selected.length));
  const absorbed = chooseAbsorbed(selected, members, absorbable);
  const ordered = [...selected].sort(
    (left, right) => Number(absorbed.has(left.instanceId)) - Number(absorbed.has(right.instanceId)),
  );
  const status = canary.state === 'baking' ? 'baking' : outdated.length === 0 ? 'done' : 'selected';
  return {
    kind: 'wave',
    wave: {
      status,
      number: wave.number + (status === 'selected' ? 1 : 0),
      nodes: status === 'selected' ? ordered.map((node) => toWaveNode(node, absorbed, attempt)) : [],
      outdatedCount: outdated.length,
      readyNodes: members.filter(({ isReady }) => isReady).length,
      parked,
      stalledWaves: stalled(facts, outdated.length),
      canary: run.canary === undefined ? 'passed' : canary.state,
      ...(canary.bakeUntilAt !== undefined && { bakeUntilAt: canary.bakeUntilAt }),
      results: [],
    },
  };
}

const toWaveNode = (node: GroupNode, absorbed: ReadonlySet<string>, attempt: number): WaveNode => ({
  instanceId: node.instanceId,
  ...(node.node !== undefined && { nodeName: node.node.name }),
  zone: node.zone,
  absorb: absorbed.has(node.instanceId),
  attempt,
});
