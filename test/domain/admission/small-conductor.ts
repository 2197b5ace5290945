import { admitEntries, beginBake, openAccounts, settle } from '../../../domain/admission/accounts.ts';
import { type Admission, type AdmissionFacts, admit } from '../../../domain/admission/admit.ts';
import { asksActivity, closeEntry } from '../../../domain/admission/closing.ts';
import type { Demand } from '../../../domain/admission/contention.ts';
import { runIdOf } from '../../../domain/admission/entry.ts';
import { entriesToLookUp } from '../../../domain/admission/lookups.ts';
import { type Observation, outdatedMembers } from '../../../domain/admission/observation.ts';
import { decideRaise } from '../../../domain/admission/raise.ts';
import type { Accounts, HeldEntry, Orders } from '../../../domain/admission/record.ts';
import { rememberStall } from '../../../domain/admission/stall.ts';
import type { WorkflowRun } from '../../../domain/state.ts';
import { GROUP, type SmallWorld } from './small-world.ts';

/** Where a step may die. */
export type Death = 'beforeRecord' | 'afterRecord' | 'afterEffect';

/**
 * The steps of a conductor over a small world. Every decision is the product's; here is only the order in which they follow
 * each other, what is written when, and where a step dies.
 */
export function createSmallConductor(world: SmallWorld, run: WorkflowRun) {
  let accounts: Accounts;
  let seen: Observation;
  let lookedUp = new Map<string, string>();
  let demands = new Map<string, Demand>();
  let orders: Orders = {};
  let alarms: string[] = [];

  const save = () => {
    world.record.accounts = accounts;
  };

  const factsOf = (): AdmissionFacts => ({
    run,
    holder: run.executionArn,
    orders,
    accounts,
    seen,
    outdated: outdatedMembers(seen, accounts, run),
    inHand: accounts.entries.filter(({ state }) => state === 'inHand').length,
    draining: [],
    alarms,
    isRefreshed: false,
    budgets: [],
    demands,
    nowAt: world.at(),
  });

  /** Observe the world; the accounts follow. */
  function observe(staleSeconds = 0): void {
    seen = world.observe(staleSeconds);
    accounts = settle(accounts, seen, GROUP);
  }

  /** A step begins: with the record as it was written last, and with whatever was written and not started. */
  function open(staleSeconds = 0): void {
    const before = world.record.accounts;
    seen = world.observe(staleSeconds);
    accounts = before?.memory.runId === runIdOf(run.executionArn) ? before : openAccounts(run, before, seen);
    accounts = settle(accounts, seen, GROUP);
    save();
    lookedUp = new Map();
    demands = new Map();
    for (const entry of accounts.entries) if (entry.state === 'inHand') world.start(entry);
  }

  function lookUp(entry: HeldEntry): void {
    const execution = world.describe(entry);
    const asks = asksActivity(entry, execution, seen, world.at());
    const activity = world.activities.get(entry.instanceId) ?? ('none' as const);
    const context = { seen, group: GROUP, nowAt: world.at(), budgets: [], ...(asks && { activity }) };
    const closing = closeEntry(accounts, entry, execution, context);
    lookedUp.set(entry.instanceId, world.at());
    if (closing.kind === 'restart') world.start(entry);
    if (closing.kind === 'settled') accounts = closing.accounts;
    if (closing.kind === 'closed') {
      if (closing.reopens) world.reopen(entry.instanceId);
      accounts = closing.accounts;
    }
    if (closing.kind === 'repeat') {
      accounts = closing.accounts;
      save();
      world.start(closing.entry);
    }
  }

  const followExecutions = () => {
    for (const entry of entriesToLookUp(accounts, { seen, group: GROUP, lookedUp, nowAt: world.at() })) lookUp(entry);
  };

  function decide(): Admission {
    accounts = beginBake(accounts, run, world.at());
    const facts = factsOf();
    const admission = admit(facts);
    accounts = rememberStall(facts, admission);
    return admission;
  }

  /** Carry out what was decided: first the record, then the world. */
  function take(admission: Extract<Admission, { kind: 'take' }>, death?: Death): void {
    if (death === 'beforeRecord') return;
    accounts = admitEntries(accounts, admission.entries, GROUP);
    save();
    if (death === 'afterRecord') return;
    for (const entry of admission.entries) world.start(entry);
  }

  /** Raise the surge to so many nodes: the intent into the record, then the size, which is absolute. */
  function raise(
    wanted: number,
    { isMore = false, death }: { isMore?: boolean; death?: Death | undefined } = {},
  ): void {
    const intent = decideRaise(accounts, seen.sizes, wanted, world.at());
    if (intent === undefined || death === 'beforeRecord') return;
    const { memory } = accounts;
    const raises = memory.raises + (isMore && intent !== accounts.raise ? 1 : 0);
    accounts = { ...accounts, raise: intent, memory: { ...memory, raises } };
    save();
    if (death === 'afterRecord') return;
    world.setDesired(intent.to);
  }

  return {
    open,
    observe,
    followExecutions,
    decide,
    take,
    raise,
    save,
    factsOf,
    accounts: () => accounts,
    seen: () => seen,
    order(next: Orders) {
      orders = next;
    },
    alarm(names: string[]) {
      alarms = names;
    },
    inspect(instanceIds: readonly string[]) {
      for (const id of instanceIds) demands.set(id, { pods: 0, byBudget: new Map() });
    },
  };
}

export type SmallConductor = ReturnType<typeof createSmallConductor>;

/** The step that adds surge: one that dies is retried, with what the conductor's last output asked for. */
function raiseSurge(conductor: SmallConductor, nodes: number, death: Death | undefined): void {
  const wanted = conductor.accounts().surge + nodes;
  conductor.save();
  conductor.raise(wanted, { isMore: true, death });
  if (death === undefined) return;
  conductor.open();
  conductor.raise(wanted, { isMore: true });
}

/** Let the conductor work until it has nothing more to do now. @returns the decision it waits, stops or is done with */
export function conduct(
  conductor: SmallConductor,
  { deathOf = () => undefined, onTake = () => {} }: { deathOf?: () => Death | undefined; onTake?: () => void } = {},
): Admission | 'died' {
  conductor.followExecutions();
  for (;;) {
    const admission = conductor.decide();
    if (admission.kind === 'inspect') conductor.inspect(admission.instanceIds);
    else if (admission.kind === 'take') {
      const death = deathOf();
      conductor.take(admission, death);
      onTake();
      if (death !== undefined) return 'died';
    } else if (admission.kind === 'moreSurge') {
      raiseSurge(conductor, admission.nodes, deathOf());
      return admission;
    } else return admission;
  }
}
