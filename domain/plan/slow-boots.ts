import { secondsBetween } from '../instants.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { SlowBoots, SurgeCost } from '../state.ts';
import { plural } from '../text.ts';
import type { Instance } from '../types.ts';
import { surgeRule, wantedSurge } from './parallelism-and-surge.ts';
import { ASSUMED_BOOT_SECONDS } from './round.ts';

/** From the registration of a kubelet until its node is Ready, while that is not known: half of what a boot is assumed to take. */
const ASSUMED_READY_SECONDS = ASSUMED_BOOT_SECONDS / 2;
/** More of what the drains need than this share is worth the price of more nodes. */
const WORTHWHILE_SHARE = 1.1;

/** Seconds of one node's boot, as far as they can be told. */
function bootOf({ node, isReady }: GroupNode, launchedAt: string, nowAt: string): number | undefined {
  if (node === undefined) return undefined;
  const soFar = secondsBetween(launchedAt, nowAt);
  if (isReady) return Math.min(soFar, secondsBetween(launchedAt, node.readyChangedAt ?? nowAt));
  const registered = Math.min(soFar, secondsBetween(launchedAt, node.createdAt));
  return registered > ASSUMED_BOOT_SECONDS ? Math.max(soFar, registered + ASSUMED_READY_SECONDS) : undefined;
}

/**
 * Measure how long the new nodes take to boot, from launch to Ready: the slowest of those that have registered.
 *
 * One that has registered later than a whole boot is assumed to take counts before it is Ready: more nodes that are asked for
 * then come before those that are there are used up. An AMI whose nodes do not register is no reason to launch more of it.
 *
 * @param requestedAt when the surge was asked for; time before it is no boot
 * @returns seconds; `undefined` while nothing can be told
 */
export function measureBoot(
  members: readonly GroupNode[],
  instances: readonly Instance[],
  requestedAt: string,
  nowAt: string,
): number | undefined {
  const launches = new Map(instances.map(({ instanceId, launchedAt }) => [instanceId, launchedAt]));
  const boots = members.flatMap((member) => {
    const launchedAt = launches.get(member.instanceId) || undefined;
    if (member.isOutdated || launchedAt === undefined) return [];
    const since = Date.parse(launchedAt) < Date.parse(requestedAt) ? requestedAt : launchedAt;
    return bootOf(member, since, nowAt) ?? [];
  });
  return boots.length === 0 ? undefined : Math.round(Math.max(...boots));
}

/** What a surge costs when nodes boot so slowly: a round waits for the replacements that the surge does not cover. */
function costOf(
  surge: number,
  { parallelism, outdated, bootSeconds, roundSeconds }: Parameters<typeof wantedSurge>[0] & { outdated: number },
): SurgeCost {
  const perRound = Math.max(roundSeconds, ((bootSeconds + roundSeconds) * parallelism) / surge);
  const durationSeconds = Math.round(bootSeconds + Math.ceil(outdated / parallelism) * perRound);
  return { nodes: surge, durationSeconds, extraInstanceHours: Math.round((surge * durationSeconds) / 360) / 10 };
}

/**
 * Decide whether the nodes boot so slowly that more surge is worth its price, so that no drain waits for a boot.
 *
 * @param run.roundSeconds absent when the input sets the surge, which is then kept
 * @param outdated nodes that are upgraded: more surge than that is of no use
 */
export function decideSlowBoots(
  run: { readonly parallelism: number; readonly surge: number; readonly roundSeconds?: number | undefined },
  bootSeconds: number,
  outdated: number,
): SlowBoots | undefined {
  const { parallelism, surge, roundSeconds } = run;
  if (roundSeconds === undefined || surge === 0) return undefined;
  const facts = { parallelism, zones: 0, bootSeconds, roundSeconds, outdated };
  const needed = parallelism * (1 + bootSeconds / Math.max(1, roundSeconds));
  const raised = Math.min(outdated, wantedSurge(facts));
  if (raised <= surge || needed <= WORTHWHILE_SHARE * surge) return undefined;
  const rule = surgeRule(parallelism, bootSeconds, roundSeconds);
  return { bootSeconds, rule, planned: costOf(surge, facts), raised: costOf(raised, facts) };
}

const describeCost = ({ nodes, durationSeconds, extraInstanceHours }: SurgeCost): string =>
  `${nodes} (about ${plural(Math.round(durationSeconds / 60), 'minute')}, ${extraInstanceHours} extra instance hours)`;

/** Say that the surge is raised, and what that costs, in one sentence. */
export const describeSlowBoots = ({ bootSeconds, rule, planned, raised }: SlowBoots): string =>
  `new nodes take about ${bootSeconds} s to boot, and the plan assumed ${ASSUMED_BOOT_SECONDS} s: the surge is ${describeCost(raised)} instead of ${describeCost(planned)}: ${rule}`;
