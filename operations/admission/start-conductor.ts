import type { Deps } from '../../clients/ports.ts';
import { capacityOf } from '../../domain/admission/capacity.ts';
import { nodeExecutionName, runIdOf, sharedInput } from '../../domain/admission/entry.ts';
import { stepSeconds } from '../../domain/admission/pace.ts';
import { readInHand } from '../../domain/drain/in-hand.ts';
import { pointBack } from '../scale/set-up-group.ts';
import { alarmsInAlarm } from './alarms.ts';
import type { Conductor, ConductRequest } from './conductor.ts';
import { keepNodes } from './keep-nodes.ts';
import { openAccountsFor } from './open-accounts.ts';
import { startNode } from './start-nodes.ts';
import { withdrawForce } from './withdraw-force.ts';

/** Start again what is written and was perhaps never started. */
async function startUnbegun(deps: Deps, conductor: Conductor): Promise<void> {
  const { autoScalingGroupName: group } = conductor.request.run;
  for (const entry of conductor.accounts.entries) {
    const node = conductor.seen.nodes.get(entry.instanceId);
    const own = node === undefined ? undefined : readInHand(node);
    const hasBegun = entry.state === 'leaving' || own?.execution === nodeExecutionName(group, entry);
    if (!hasBegun) await startNode(deps, conductor, entry);
  }
}

/** Begin a step: take the record, observe, and start what an invocation that died has left unstarted. */
export async function startConductor(deps: Deps, request: ConductRequest): Promise<Conductor> {
  const { run, upgrade, eventBudget } = request;
  const { autoScalingGroupName: group, parallelism } = run;
  const now = deps.clock.now();
  const opened = await openAccountsFor(deps, request);
  const { cluster, session, seen, accounts: before } = opened;
  const reading = { ...opened.reading, group: await pointBack(deps, opened.group, request.launchTemplate) };
  const [alarms, isRefreshed, budgets] = await Promise.all([
    alarmsInAlarm(deps, run.alarms),
    deps.autoScaling.hasActiveInstanceRefresh(group),
    cluster.listBudgets(),
  ]);
  const runId = runIdOf(run.executionArn);
  // The output that names them has been seen, so the record need not keep these names any longer.
  const unreported = before.unreported.filter((name) => !upgrade.started.includes(name));
  const adopted = upgrade.status === 'pending' ? before.entries.filter((entry) => entry.runId !== runId) : [];
  const { eventCount } = upgrade;
  const outdated = seen.members.filter(({ isOutdated }) => isOutdated).length;
  const seconds = stepSeconds({ eventCount, eventBudget, outdated, parallelism });
  const conductor: Conductor = {
    request,
    cluster,
    session: { ...session, inputs: { [runId]: sharedInput(run), ...session.inputs } },
    reading,
    seen,
    accounts: { ...before, unreported },
    alarms,
    isRefreshed,
    refreshAskedAt: now.toISOString(),
    budgets,
    demands: new Map(),
    lookedUp: new Map(),
    adopted: adopted.map((entry) => nodeExecutionName(group, entry)),
    ended: [],
    lowestReady: capacityOf(seen, before, run).ready,
    ordersAt: now.toISOString(),
    ownExecutionAt: now.toISOString(),
    endsAt: new Date(now.getTime() + seconds * 1000).toISOString(),
  };
  await startUnbegun(deps, conductor);
  if (upgrade.status === 'pending') await withdrawForce(deps, conductor);
  return keepNodes(conductor);
}
