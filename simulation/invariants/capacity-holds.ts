import { knownAt } from '../ledger/admitted.ts';
import { isOfNode } from '../ledger/executions.ts';
import type { GroupLedger } from '../ledger/group-ledger.ts';
import { ledgerOf } from '../ledger/ledger.ts';
import type { CarriedRequest } from '../ledger/requests.ts';
import { nodeStepOf, runStepOf } from '../ledger/steps.ts';
import type { SimulatedWorld } from '../world.ts';
import type { Invariant } from './invariant.ts';

/** Requests that can take a node out of service. */
const MAY_TAKE = new Set(['PATCH nodes', 'TerminateInstanceInAutoScalingGroup', 'UpdateAutoScalingGroup']);
/** How old a reading may be by which a step of the group decides. */
const OTHERS_SECONDS = 60;

/** What was there at most since a run began: a floor above it would be waited for for ever. */
interface Reach {
  mostReady: number;
  mostSurge: number;
}

/** Follow what each group had at most since its last run began. */
function followReach(world: SimulatedWorld, groups: readonly GroupLedger[]): ReadonlyMap<string, Reach> {
  const reaches = new Map<string, Reach>();
  for (const ledger of groups) {
    const { group } = ledger;
    const surge = () => Math.max(0, group.desiredCapacity - ledger.needed());
    const reach: Reach = { mostReady: ledger.ready(), mostSurge: 0 };
    reaches.set(group.name, reach);
    ledger.onChange(() => {
      reach.mostReady = Math.max(reach.mostReady, ledger.ready());
      reach.mostSurge = Math.max(reach.mostSurge, surge());
    });
    world.stepFunctions.onStatusChange((execution) => {
      if (execution.status !== 'RUNNING' || isOfNode(execution)) return;
      Object.assign(reach, { mostReady: ledger.ready(), mostSurge: surge() });
    });
  }
  return reaches;
}

/** The workflow takes a node that serves only while enough others are left. */
export const capacityHolds: Invariant = {
  name: 'capacity holds',
  promise:
    'A node that serves is taken only while as many others serve as the owner wants (under MINIMAL, less the parallelism): never fewer by our doing.',
  begin(world, broken) {
    const groups = [...ledgerOf(world).groups.values()];
    const reaches = followReach(world, groups);

    const judge = (ledger: GroupLedger, taken: readonly string[], by: CarriedRequest, basis: number) => {
      const run = runStepOf(by.invocation)?.run;
      const { mostReady, mostSurge } = reaches.get(ledger.group.name) as Reach;
      const wanted = Math.min(ledger.leastNeededSince(basis), Math.max(0, mostReady - mostSurge));
      const floor = run?.updateStrategy === 'MINIMAL' ? wanted - run.parallelism : wanted;
      const left = ledger.available();
      if (left + ledger.lostSince(basis) >= floor) return;
      const doer = by.invocation?.functionKey;
      broken(`${doer} takes ${taken.join(', ')} of ${ledger.group.name}: ${left} nodes serve where ${floor} must`);
    };

    const before = new Map<CarriedRequest, ReadonlyMap<GroupLedger, ReadonlyMap<string, number>>>();
    const servingNow = (ledger: GroupLedger) =>
      new Map([...ledger.serving()].map((id) => [id, ledger.servingSince(id)] as const));
    world.carried.onCarried(
      (request) => {
        if (MAY_TAKE.has(request.action)) before.set(request, new Map(groups.map((each) => [each, servingNow(each)])));
      },
      (request) => {
        const step = nodeStepOf(request.invocation);
        const basis = step === undefined ? world.clock.now() - OTHERS_SECONDS * 1000 : knownAt(world, step);
        for (const [ledger, servedBefore] of before.get(request) ?? []) {
          const now = ledger.serving();
          // What has only just come back was no capacity when the node was taken.
          const taken = [...servedBefore].filter(([id, since]) => since <= basis && !now.has(id)).map(([id]) => id);
          if (taken.length > 0) judge(ledger, taken, request, basis);
        }
        before.delete(request);
      },
    );
    return undefined;
  },
};
