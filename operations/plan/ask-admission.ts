import pMap from 'p-map';
import type { Cluster, Deps } from '../../clients/ports.ts';
import type { PlanFacts } from '../../domain/plan/facts.ts';
import { podsToMove } from '../../domain/plan/pods-to-move.ts';
import { DRY_RUNS } from '../../domain/plan/rights.ts';
import type { EvictionOutcome } from '../../domain/types.ts';

const MOST_AT_ONCE = 20;
/** A webhook that hangs must not use up the time of the plan. */
const MOST_SECONDS = 20;

/** Try the evictions of the pods that must move, where the group of the planning functions may create evictions. */
export async function askAdmission(deps: Deps, cluster: Cluster, facts: PlanFacts): Promise<PlanFacts> {
  const pods = podsToMove(facts);
  if (pods.length === 0 || !(await cluster.may(DRY_RUNS))) return facts;
  const endsAt = deps.clock.now().getTime() + MOST_SECONDS * 1000;
  const outcomes = new Map<string, EvictionOutcome>();
  await pMap(
    pods,
    async (pod) => {
      if (deps.clock.now().getTime() < endsAt) outcomes.set(pod.uid, await cluster.tryEviction(pod));
    },
    { concurrency: MOST_AT_ONCE },
  );
  return { ...facts, admission: outcomes };
}
