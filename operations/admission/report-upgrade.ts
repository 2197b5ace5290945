import type { Deps } from '../../clients/ports.ts';
import type { Admission } from '../../domain/admission/admit.ts';
import { capacityOf } from '../../domain/admission/capacity.ts';
import { continuationName } from '../../domain/admission/continuation.ts';
import { outdatedMembers } from '../../domain/admission/observation.ts';
import { eventsAfter, gateSeconds } from '../../domain/admission/pace.ts';
import type { Upgrade } from '../../domain/state.ts';
import { type Conductor, save } from './conductor.ts';

/** A step that waits for longer hands back: waiting costs nothing in the state machine. */
const LONG_WAIT_SECONDS = 300;
/** Left for the last writes of a step. */
const RESERVE_SECONDS = 5;

const inHandOf = ({ accounts }: Conductor): number => accounts.entries.filter(({ state }) => state === 'inHand').length;

/** True when only the last write of the step is left time for. */
const isOver = (deps: Deps, { endsAt }: Conductor): boolean =>
  deps.clock.now().getTime() + RESERVE_SECONDS * 1000 >= Date.parse(endsAt);

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

/** End the step: write the accounts, and say how far the upgrade is and what is next. */
export async function reportUpgrade(
  deps: Deps,
  before: Conductor,
  admission: Exclude<Admission, { kind: 'stop' | 'take' | 'inspect' }>,
): Promise<Upgrade> {
  const { request, seen, ended, adopted } = before;
  const { run, upgrade, retryCount, eventBudget, executionArn } = request;
  const nowAt = deps.clock.now().toISOString();
  const eventCount = eventsAfter(upgrade.eventCount, retryCount);
  const isFull = admission.kind === 'wait' && eventCount >= eventBudget;
  const isGate = admission.kind === 'wait' && admission.isGate === true;
  const { gatedSince, ...memory } = before.accounts.memory;
  const name = continuationName(executionArn);
  const accounts = {
    ...before.accounts,
    memory: {
      ...memory,
      ...(isGate && { gatedSince: gatedSince ?? nowAt }),
      ...(isFull && { continuedAs: name }),
    },
  };
  const conductor = await save({ ...before, accounts });
  const { free, floor, ready } = capacityOf(seen, accounts, run);
  const inHand = inHandOf(conductor);
  const status = isFull ? 'continue' : admission.kind === 'wait' ? 'upgrading' : admission.kind;
  return {
    status,
    waitSeconds: isGate && inHand === 0 ? gateSeconds(gatedSince, admission.untilAt, nowAt) : 0,
    ...(admission.kind === 'wait' && { waitsFor: admission.reason }),
    ...(admission.kind === 'wait' && admission.rule === 'paused' && { isPaused: true }),
    ...(admission.kind === 'wait' && admission.untilAt !== undefined && { untilAt: admission.untilAt }),
    started: accounts.unreported,
    adopted: [...adopted],
    ended: [...ended],
    outdatedNodes: outdatedMembers(seen, accounts, run).length + inHand,
    readyNodes: ready,
    lowestReadyNodes: Math.min(ready, before.lowestReady),
    freeNodes: free,
    requiredNodes: floor,
    inHand,
    leaving: accounts.entries.length - inHand,
    parked: accounts.parked.length,
    accounts: { at: nowAt, wish: accounts.wish, surge: accounts.surge },
    returns: upgrade.returns,
    eventCount,
    ...(isFull && { continuationName: name }),
    extraNodes: admission.kind === 'moreSurge' ? admission.nodes : 0,
    warnings: warningsOf(conductor),
  };
}
