/** How often what is read, and how old it may be when a node is taken; seconds. */
export interface Pace {
  readonly freshSeconds: number;
  readonly groupSeconds: number;
  readonly nodesSeconds: number;
  readonly ordersSeconds: number;
  readonly ownExecutionSeconds: number;
}

const FRESH_SECONDS = 15;
const GROUP_SECONDS = 60;
const NODES_SECONDS = 60;
const BOOTING_SECONDS = 5;
/** What was asked for shows within a few seconds, if the answer is not an old one. */
const EFFECT_SECONDS = 2;
const SOON_SECONDS = 10;
const ORDERS_SECONDS = 30;
const OWN_EXECUTION_SECONDS = 15;
/** Measured with gzip, for a member of the group in both lists. */
const BYTES_PER_MEMBER = 1_300;
/** What may be read a minute: more where many nodes are in hand. */
const BYTES_PER_MINUTE = 1_000_000;
const BYTES_PER_MINUTE_AND_NODE = 120_000;
const MOST_SECONDS = 300;

/**
 * Decide how often the group and its nodes are listed: quickly for small groups, and for large ones as often as the traffic
 * allows, which grows with the number of nodes that are upgraded at a time.
 *
 * @param waitedSeconds how long a new node, or the effect of a request, has been waited for with nothing in hand
 */
export function paceOf(members: number, parallelism: number, waitedSeconds?: number): Pace {
  const bytesPerMinute = Math.max(BYTES_PER_MINUTE, parallelism * BYTES_PER_MINUTE_AND_NODE);
  const seconds = Math.min(MOST_SECONDS, Math.ceil((60 * members * BYTES_PER_MEMBER) / bytesPerMinute));
  const wait = waitedSeconds !== undefined && waitedSeconds < SOON_SECONDS ? EFFECT_SECONDS : BOOTING_SECONDS;
  const isWaiting = waitedSeconds !== undefined;
  return {
    freshSeconds: Math.max(FRESH_SECONDS, seconds),
    groupSeconds: Math.max(isWaiting ? wait : GROUP_SECONDS, seconds),
    nodesSeconds: Math.max(isWaiting ? wait : NODES_SECONDS, seconds),
    ordersSeconds: ORDERS_SECONDS,
    ownExecutionSeconds: OWN_EXECUTION_SECONDS,
  };
}

const STEP_SECONDS = 240;
const LONGEST_STEP_SECONDS = 840;
/** Events of one loop of UpgradeNodes, WhatNext and WaitForNodes, and of one retry. */
const EVENTS_PER_LOOP = 11;
const EVENTS_PER_RETRY = 3;
/** A node's drain and cordon wait, for a first idea of what is left. */
const TYPICAL_NODE_SECONDS = 210;
/** Events of the phases before and after. */
const EVENTS_AROUND = 150;

/** Events of an execution after one more loop. */
export const eventsAfter = (before: number, retryCount: number): number =>
  (before === 0 ? EVENTS_AROUND : before) + EVENTS_PER_LOOP + EVENTS_PER_RETRY * retryCount;

/** How long a step works: 4 minutes, or up to 14 where what is left would not fit into the events that are left. */
export function stepSeconds(facts: {
  eventCount: number;
  eventBudget: number;
  outdated: number;
  parallelism: number;
}): number {
  const { eventCount, eventBudget, outdated, parallelism } = facts;
  const loops = Math.max(1, Math.floor((eventBudget - eventCount) / EVENTS_PER_LOOP));
  const leftSeconds = Math.ceil(outdated / parallelism) * TYPICAL_NODE_SECONDS;
  return Math.min(LONGEST_STEP_SECONDS, Math.max(STEP_SECONDS, Math.ceil(leftSeconds / loops)));
}

const FIRST_HOUR_SECONDS = 3_600;
const GATE_SECONDS = 60;
const LONGEST_GATE_SECONDS = 1_560;

/** How long to wait at a gate before it is looked at again: longer the longer it has been closed, and never past its end. */
export function gateSeconds(gatedSince: string | undefined, untilAt: string | undefined, nowAt: string): number {
  const now = Date.parse(nowAt);
  const age = gatedSince === undefined ? 0 : (now - Date.parse(gatedSince)) / 1000;
  const seconds = age < FIRST_HOUR_SECONDS ? GATE_SECONDS : Math.min(LONGEST_GATE_SECONDS, Math.round(age / 60));
  if (untilAt === undefined) return seconds;
  return Math.max(1, Math.min(seconds, Math.ceil((Date.parse(untilAt) - now) / 1000)));
}

const SHORTEST_BOOT_POLL_SECONDS = 3;
const LONGEST_BOOT_POLL_SECONDS = 15;
/** A list of so many nodes may be read every second. */
const MEMBERS_A_SECOND = 50;

/** How often a group is listed while its first new nodes boot: the more members, the more rarely. */
export const bootPollSeconds = (members: number): number =>
  Math.min(LONGEST_BOOT_POLL_SECONDS, Math.max(SHORTEST_BOOT_POLL_SECONDS, Math.ceil(members / MEMBERS_A_SECOND)));
