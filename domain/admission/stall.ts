import { secondsBetween } from '../instants.ts';
import { plural } from '../text.ts';
import type { Admission, AdmissionFacts } from './admit.ts';
import { capacityOf } from './capacity.ts';
import { stayingMembers } from './observation.ts';
import type { Accounts, Memory } from './record.ts';

/** Why the first node that could have been next was not taken. */
export interface Hold {
  readonly rule: string;
  readonly reason: string;
}

const MOST_RAISES = 3;
const MOST_NAMED = 10;
/** Nodes that are not Ready may come back by themselves within this time; then nothing need be added. */
const RECOVERY_SECONDS = 300;

/** New members that are not Ready, and launches that have not begun. */
export function bootingOf({ seen, accounts }: Pick<AdmissionFacts, 'seen' | 'accounts'>): {
  late: string[];
  missing: number;
} {
  const staying = stayingMembers(seen, accounts);
  const late = staying.flatMap((node) => (node.isReady || node.isOutdated ? [] : [node.node?.name ?? node.instanceId]));
  return { late, missing: Math.max(0, seen.sizes.desiredCapacity - staying.length) };
}

const waitedSeconds = ({ memory }: Accounts, nowAt: string): number =>
  memory.waitingSince === undefined ? 0 : secondsBetween(memory.waitingSince, nowAt);

function describeBooting(late: readonly string[], missing: number): string {
  const names = late.slice(0, MOST_NAMED).join(', ');
  return [
    ...(late.length > 0 ? [`${plural(late.length, 'new node')} not Ready: ${names}`] : []),
    ...(missing > 0 ? [`${plural(missing, 'instance')} not launched`] : []),
  ].join('; ');
}

/** Whether more nodes would end the wait: capacity is short, and nothing under way will mend it. */
function needsSurge({ run, accounts, seen, outdated }: AdmissionFacts, { rule }: Hold, waited: number): boolean {
  if (rule !== 'capacity' || run.updateStrategy !== 'DEFAULT' || outdated.length === 0) return false;
  if (accounts.raise !== undefined || accounts.memory.drift !== undefined) return false;
  if (accounts.memory.missingSurge > 0) return true;
  if (accounts.entries.some(({ state }) => state === 'leaving')) return false;
  const mayRecover = stayingMembers(seen, accounts).some(({ isReady }) => !isReady);
  return !mayRecover || waited >= RECOVERY_SECONDS;
}

/** Whether somebody has taken surge back before it was launched, which nobody has asked for again yet. */
export const isSurgeGone = ({ raise, memory }: Accounts): boolean => raise === undefined && memory.missingSurge > 0;

/** What to say of surge that is gone once it has been raised too often; `undefined` while it may be raised again. */
export const surgeGoneTooOften = ({ memory: { raises } }: Accounts): string | undefined =>
  raises < MOST_RAISES
    ? undefined
    : `the surge was added ${raises} times and is gone again: somebody else lowers the desired capacity`;

/** Decide what follows when no node may be taken and none is in hand: wait for boots, add surge, or end. */
export function afterStall(facts: AdmissionFacts, hold: Hold): Admission {
  const { run, accounts, nowAt, outdated } = facts;
  const { late, missing } = bootingOf(facts);
  const waited = waitedSeconds(accounts, nowAt);
  const isBooting = late.length + missing > 0;
  if (isBooting && waited > run.nodeReadyTimeoutSeconds) {
    const cause = `${hold.reason}; no node has become Ready for ${Math.round(waited)} s (${describeBooting(late, missing)})`;
    return { kind: 'stop', error: 'NodeCreationFailure', cause };
  }
  const { missingSurge, raises } = accounts.memory;
  if (!isBooting && needsSurge(facts, hold, waited)) {
    if (raises < MOST_RAISES) {
      const useful = Math.max(missingSurge, Math.min(run.parallelism, run.surge));
      return { kind: 'moreSurge', nodes: Math.max(1, Math.min(useful, outdated.length)), reason: hold.reason };
    }
    const tooOften = surgeGoneTooOften(accounts);
    if (missingSurge > 0 && tooOften !== undefined) {
      return { kind: 'stop', error: 'NotConverging', cause: `${hold.reason}; ${tooOften}` };
    }
  }
  if (waited > 2 * run.nodeReadyTimeoutSeconds) {
    const cause = `no node could be taken for ${Math.round(waited)} s: ${hold.reason}`;
    return { kind: 'stop', error: 'NotConverging', cause };
  }
  return { kind: 'wait', ...hold };
}

/** Remember since when nothing could be taken although no gate is closed; any progress ends it. */
export function rememberStall(facts: AdmissionFacts, admission: Admission): Accounts {
  const { accounts, inHand, nowAt, seen, run } = facts;
  const { waitingSince, waitingFree, ...memory } = accounts.memory;
  const { free } = capacityOf(seen, accounts, run);
  const isStalled = admission.kind === 'wait' && admission.isGate !== true && inHand === 0;
  if (!isStalled) return { ...accounts, memory };
  const hasProgress = waitingSince === undefined || free > (waitingFree ?? 0);
  const since: Partial<Memory> = hasProgress
    ? { waitingSince: nowAt, waitingFree: free }
    : { waitingSince, waitingFree: Math.min(free, waitingFree ?? free) };
  return { ...accounts, memory: { ...memory, ...since } };
}

/** Remember since when the last new nodes have been waited for, outside of any admission; each that becomes Ready ends it. */
export function rememberWait(accounts: Accounts, missing: number, nowAt: string): Accounts {
  const { waitingSince, waitingFree, ...memory } = accounts.memory;
  if (missing === 0) return { ...accounts, memory };
  const isSame = waitingSince !== undefined && waitingFree !== undefined && missing >= waitingFree;
  return { ...accounts, memory: { ...memory, waitingSince: isSame ? waitingSince : nowAt, waitingFree: missing } };
}
