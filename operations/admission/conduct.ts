import type { Deps } from '../../clients/ports.ts';
import { beginBake } from '../../domain/admission/accounts.ts';
import { type Admission, admit } from '../../domain/admission/admit.ts';
import { rememberStall } from '../../domain/admission/stall.ts';
import type { Upgrade } from '../../domain/state.ts';
import { type Conductor, type ConductRequest, factsOf, save } from './conductor.ts';
import { failRun } from './fail-run.ts';
import { followExecutions } from './follow-executions.ts';
import { inspectNodes } from './inspect-nodes.ts';
import { isHandedBack, reportUpgrade, withinStep } from './report-upgrade.ts';
import { startConductor } from './start-conductor.ts';
import { startNodes } from './start-nodes.ts';
import { refreshForAdmission, waitForNews } from './wait-for-news.ts';

/** Decide what to do now, and remember what the decision is based on. */
function decide(deps: Deps, conductor: Conductor): { admission: Admission; conductor: Conductor } {
  const { run } = conductor.request;
  const nowAt = deps.clock.now().toISOString();
  const accounts = beginBake(conductor.accounts, run, nowAt);
  const facts = factsOf(deps, { ...conductor, accounts });
  const admission = withinStep(deps, conductor, admit(facts));
  return { admission, conductor: { ...conductor, accounts: rememberStall(facts, admission) } };
}

/**
 * Conduct the upgrade for one step: observe the group, admit nodes, start their executions, watch them, and again.
 *
 * @returns what the state machine does next
 * @throws {LockLost} when another execution or invocation has taken the record over
 * @throws the error that the run ends with, when a rule says so
 */
export async function conductWithinStep(deps: Deps, request: ConductRequest): Promise<Upgrade> {
  let conductor = await startConductor(deps, request);
  // What has been read again is not read once more, however long that took: else a slow API would let no node be taken.
  let isFresh = false;
  for (;;) {
    conductor = await followExecutions(deps, conductor);
    const decided = decide(deps, conductor);
    const { admission } = decided;
    conductor = decided.conductor;
    const isTaking = admission.kind === 'take' || admission.kind === 'inspect';
    const refreshed: Conductor = isTaking && !isFresh ? await refreshForAdmission(deps, conductor) : conductor;
    isFresh = refreshed !== conductor;
    conductor = refreshed;
    if (isFresh) continue;
    if (admission.kind === 'inspect') conductor = await inspectNodes(conductor, admission.instanceIds);
    else if (admission.kind === 'take') conductor = await startNodes(deps, conductor, admission.entries);
    else if (admission.kind === 'stop') return failRun(deps, await save(conductor), admission);
    else if (isHandedBack(deps, conductor, admission)) return reportUpgrade(deps, conductor, admission);
    else conductor = await waitForNews(deps, conductor, admission);
  }
}
