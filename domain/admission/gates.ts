import type { ErrorName } from '../errors.ts';
import { plural } from '../text.ts';
import type { AdmissionFacts } from './admit.ts';

/** A closed gate: stop at once, let what is in hand finish and stop, or wait. */
export interface Gate {
  readonly reaction: 'stop' | 'finish' | 'wait';
  readonly reason: string;
  readonly error?: ErrorName;
  /** ISO-8601 UTC, where it is known. */
  readonly untilAt?: string;
}

type GateRule = (facts: AdmissionFacts) => Gate | undefined;

/** Another execution holds the record. */
const lockLost: GateRule = ({ holder, run }) =>
  holder === run.executionArn
    ? undefined
    : {
        reaction: 'stop',
        error: 'LockLost',
        reason: `${holder ?? 'nobody'} holds the lock of ${run.autoScalingGroupName} now`,
      };

/** `cancel --now`. */
const halted: GateRule = ({ orders }) =>
  orders.halt === undefined
    ? undefined
    : { reaction: 'stop', error: 'UpgradeCancelled', reason: `stopped at once by an operator: ${orders.halt}` };

/** A node's execution failed for a reason that no second attempt mends, such as a missing right. */
const fatal: GateRule = ({ accounts }) =>
  accounts.memory.fatal === undefined
    ? undefined
    : { reaction: 'finish', error: accounts.memory.fatal.error, reason: accounts.memory.fatal.cause };

const cancelled: GateRule = ({ orders }) =>
  orders.cancel === undefined
    ? undefined
    : { reaction: 'finish', error: 'UpgradeCancelled', reason: `cancelled by an operator: ${orders.cancel}` };

/** `failurePolicy: halt` stops at the first blocked node; else as many in a row as are taken at a time look systemic. */
const blocked: GateRule = ({ accounts, run }) => {
  const { blockedInRow } = accounts.memory;
  if (run.failurePolicy === 'halt' && accounts.parked.length > 0) {
    const reason = 'the first one stops the run, as failurePolicy "halt" says';
    return { reaction: 'finish', error: 'PodEvictionFailure', reason };
  }
  if (blockedInRow < Math.max(2, run.parallelism)) return undefined;
  const reason = `${blockedInRow} in a row, so the run stopped before it tried the others`;
  return { reaction: 'finish', error: 'PodEvictionFailure', reason };
};

const alarm: GateRule = ({ alarms }) =>
  alarms.length === 0
    ? undefined
    : { reaction: 'finish', error: 'AlarmTriggered', reason: `in ALARM: ${alarms.join(', ')}` };

/** Somebody else replaces the nodes, without a drain. */
const refreshed: GateRule = ({ isRefreshed, run }) =>
  isRefreshed
    ? {
        reaction: 'finish',
        error: 'NotConverging',
        reason: `an instance refresh of ${run.autoScalingGroupName} has begun, which replaces instances without draining their nodes: cancel it, or wait for it`,
      }
    : undefined;

const paused: GateRule = ({ orders }) =>
  orders.pause === undefined ? undefined : { reaction: 'wait', reason: `paused by an operator: ${orders.pause}` };

/** The canary nodes are done, and are observed for a while before others follow. */
const baking: GateRule = ({ accounts, nowAt }) => {
  const { canaryBakesUntil } = accounts.memory;
  return canaryBakesUntil === undefined || Date.parse(nowAt) >= Date.parse(canaryBakesUntil)
    ? undefined
    : { reaction: 'wait', reason: 'the canary nodes are observed', untilAt: canaryBakesUntil };
};

/** A canary that cannot fill its number has proved nothing. */
const canaryBlocked: GateRule = ({ run, accounts, outdated, inHand }) => {
  if (run.canary === undefined || accounts.memory.upgraded >= run.canary.nodes) return undefined;
  const parked = new Set(accounts.parked.map(({ instanceId }) => instanceId));
  const isStuck = inHand === 0 && outdated.length > 0 && outdated.every(({ instanceId }) => parked.has(instanceId));
  return isStuck
    ? {
        reaction: 'finish',
        error: 'PodEvictionFailure',
        reason: `only ${accounts.memory.upgraded} of ${plural(run.canary.nodes, 'canary node')} could be upgraded`,
      }
    : undefined;
};

/** Every reason to take no node at all, in the order in which they are tried. `lockLost` and `halted` hold always, the others while there is something to take. */
export const GATES: Readonly<Record<string, GateRule>> = {
  lockLost,
  halted,
  fatal,
  cancelled,
  blocked,
  alarm,
  refreshed,
  paused,
  baking,
  canaryBlocked,
};
