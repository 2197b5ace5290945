import type { Deps } from '../../clients/ports.ts';
import type { Admission } from '../../domain/admission/admit.ts';
import { capacityOf } from '../../domain/admission/capacity.ts';
import { continuationName } from '../../domain/admission/continuation.ts';
import { outdatedMembers } from '../../domain/admission/observation.ts';
import { eventsAfter, gateSeconds } from '../../domain/admission/pace.ts';
import { SHARES, withinBytes } from '../../domain/bounded-lists.ts';
import type { Upgrade } from '../../domain/state.ts';
import { type Conductor, save } from './conductor.ts';

/** A step that waits for longer hands back: waiting costs nothing in the state machine. */
const LONG_WAIT_SECONDS = 300;
/** Left for the last writes of a step. */
const RESERVE_SECONDS = 5;
/** Ends of node executions in one output. */
const MOST_ENDED = 200;

const inHandOf = ({ accounts }: Conductor): number => accounts.entries.filter(({ state }) => state === 'inHand').length;

/** True when only the last write of the step is left time for, or when its output has no room for more. */
const isOver = (deps: Deps, { endsAt, ended }: Conductor): boolean =>
  ended.length >= MOST_ENDED || deps.clock.now().getTime() + RESERVE_SECONDS * 1000 >= Date.parse(endsAt);

/** The admission, unless the step is over: whatever is to be taken then is taken by the next one. */
export const withinStep = (deps: Deps, conductor: Conductor, admission: Admission): Admission =>
  isOver(deps, conductor) && (admission.kind === 'take' || admission.kind === 'inspect')
    ? { kind: 'wait', rule: 'stepOver', reason: 'the next step takes more' }
    : admission;

/** Decide whether the conductor hands back: the step is over, or what it waits for needs no Lambda. */
export function isHandedBack(deps: Deps, conductor: Conductor, admission: Admission): boolean {
  if (admission.kind !== 'wait') return true;
  if (isOver(deps, conductor)) return true;
  const now = deps.clock.now().getTime();
  if (inHandOf(conductor) > 0 || admission.isGate !== true) return false;
  return admission.untilAt === undefined || Date.parse(admission.untilAt) - now > LONG_WAIT_SECONDS * 1000;
}

/** What is left alone. */
function warningsOf({ seen }: Conductor): string[] {
  const standby = seen.members.filter(
    ({ lifecycleState, isOutdated }) => isOutdated && /Standby$/.test(lifecycleState),
  );
  if (standby.length === 0) return [];
  const names = standby.slice(0, 10).map(({ instanceId }) => instanceId);
  return [`in Standby, and therefore not upgraded: ${names.join(', ')}`];
}

/** How far the upgrade is. */
function progressOf({ seen, accounts, request, lowestReady }: Conductor, inHand: number) {
  const { free, floor, ready } = capacityOf(seen, accounts, request.run);
  return {
    outdatedNodes: outdatedMembers(seen, accounts, request.run).length + inHand,
    readyNodes: ready,
    lowestReadyNodes: Math.min(ready, lowestReady),
    freeNodes: free,
    requiredNodes: floor,
    inHand,
    leaving: accounts.entries.length - inHand,
    parked: accounts.parked.length,
  };
}

/** Why nothing was taken, of an admission that waits. */
const waitOf = ({ reason, rule, untilAt }: Extract<Admission, { kind: 'wait' }>) => ({
  waitsFor: reason,
  ...(rule === 'paused' && { isPaused: true }),
  ...(untilAt !== undefined && { untilAt }),
});

/** End the step: write the accounts, and say how far the upgrade is and what is next. */
export async function reportUpgrade(
  deps: Deps,
  conductor: Conductor,
  admission: Exclude<Admission, { kind: 'stop' | 'take' | 'inspect' }>,
): Promise<Upgrade> {
  const { upgrade, retryCount, eventBudget, executionArn } = conductor.request;
  const nowAt = deps.clock.now().toISOString();
  const wait = admission.kind === 'wait' ? admission : undefined;
  const eventCount = eventsAfter(upgrade.eventCount, retryCount);
  const continuedAs = wait !== undefined && eventCount >= eventBudget ? continuationName(executionArn) : undefined;
  const { gatedSince, ...before } = conductor.accounts.memory;
  const memory = {
    ...before,
    ...(wait?.isGate === true && { gatedSince: gatedSince ?? nowAt }),
    ...(continuedAs !== undefined && { continuedAs }),
  };
  const saved = await save({ ...conductor, accounts: { ...conductor.accounts, memory } });
  const { wish, surge, unreported, memory: remembered } = saved.accounts;
  const inHand = inHandOf(saved);
  return {
    status: continuedAs !== undefined ? 'continue' : admission.kind === 'wait' ? 'upgrading' : admission.kind,
    waitSeconds: wait?.isGate === true && inHand === 0 ? gateSeconds(gatedSince, wait.untilAt, nowAt) : 0,
    ...(wait !== undefined && waitOf(wait)),
    // Those that have no room are told by the next step.
    started: withinBytes(unreported, SHARES.startedNodes),
    adopted: withinBytes(saved.adopted, SHARES.adoptedNodes),
    ended: [...saved.ended],
    ...progressOf(saved, inHand),
    accounts: { at: nowAt, wish, surge, readyAtStart: remembered.readyAtStart },
    returns: upgrade.returns,
    eventCount,
    ...(continuedAs !== undefined && { continuationName: continuedAs }),
    extraNodes: admission.kind === 'moreSurge' ? admission.nodes : 0,
    warnings: warningsOf(saved),
  };
}
