import type { Deps } from '../../clients/ports.ts';
import type { Admission } from '../../domain/admission/admit.ts';
import { paceOf } from '../../domain/admission/pace.ts';
import { IN_HAND_LABEL, readInHand } from '../../domain/drain/in-hand.ts';
import type { Node } from '../../domain/types.ts';
import { alarmsInAlarm } from './alarms.ts';
import { checkOwnExecution } from './check-own-execution.ts';
import { type Conductor, factsOf, withReading } from './conductor.ts';
import { inspectNodes } from './inspect-nodes.ts';
import { keepNodes } from './keep-nodes.ts';
import { readGroupAgain, readNodesAgain } from './observe.ts';
import { rereadRecord } from './record-session.ts';

const later = (instant: string, seconds: number): number => Date.parse(instant) + seconds * 1000;
/** After a watch that ended without news: a server that ends every watch must not be asked in a loop. */
const PAUSE_SECONDS = 5;
const REFRESH_SECONDS = 60;

function paceFor(deps: Deps, { seen, accounts, request }: Conductor) {
  const { waitingSince } = accounts.memory;
  const waited =
    waitingSince === undefined ? undefined : (deps.clock.now().getTime() - Date.parse(waitingSince)) / 1000;
  return paceOf(seen.members.length, request.run.parallelism, waited);
}

/** When each thing is read again, milliseconds. */
function dueTimes(deps: Deps, conductor: Conductor) {
  const { reading, ordersAt, ownExecutionAt } = conductor;
  const pace = paceFor(deps, conductor);
  return {
    group: later(reading.groupAt, pace.groupSeconds),
    nodes: later(reading.nodesAt, pace.nodesSeconds),
    orders: later(ordersAt, pace.ordersSeconds),
    ownExecution: later(ownExecutionAt, pace.ownExecutionSeconds),
  };
}

/** Budgets change without a word to the conductor. */
const BUDGETS_SECONDS = 5;

const isHeldByBudgets = (admission: Admission): boolean =>
  admission.kind === 'wait' && admission.rule === 'uncontended';

/** Phases of a node in hand that may let another one be taken: an empty node asks nothing more of the budgets. */
const newsOf = (admission: Admission) => {
  const phases = ['terminating', 'blocked', ...(isHeldByBudgets(admission) ? ['cordoned'] : [])];
  return (node: Node): boolean => phases.includes(readInHand(node)?.phase ?? '');
};

function withChanged(nodes: readonly Node[], changed: readonly Node[]): Node[] {
  const byName = new Map(changed.map((node) => [node.name, node]));
  return nodes.map((node) => byName.get(node.name) ?? node);
}

/** Watch the nodes in hand until one of them is done, or for as long as nothing else is due. */
async function watchNodes(
  deps: Deps,
  conductor: Conductor,
  seconds: number,
  isNews: (node: Node) => boolean,
): Promise<Conductor> {
  const { cluster, reading } = conductor;
  const startedAt = deps.clock.now().getTime();
  const { changed, resourceVersion } = await cluster.watchNodes({
    label: IN_HAND_LABEL,
    resourceVersion: reading.nodesVersion,
    timeoutSeconds: seconds,
    isNews,
  });
  const lasted = (deps.clock.now().getTime() - startedAt) / 1000;
  const hasNews = changed.some(isNews);
  if (!hasNews && lasted < PAUSE_SECONDS && lasted < seconds) await deps.clock.sleep(Math.min(PAUSE_SECONDS, seconds));
  const nodes = withChanged(reading.nodes, changed);
  // Without a version the watch cannot go on, so the nodes are listed again at once.
  const nodesAt = resourceVersion === undefined ? new Date(0).toISOString() : reading.nodesAt;
  const nodesSeenAt = deps.clock.now().toISOString();
  const nodesVersion = resourceVersion ?? reading.nodesVersion;
  return withReading(conductor, { ...reading, nodes, nodesAt, nodesSeenAt, nodesVersion });
}

/** Whether an instance refresh is under way: a group is asked for it once a minute. */
async function askForRefresh(
  deps: Deps,
  { request, isRefreshed, refreshAskedAt }: Conductor,
): Promise<Pick<Conductor, 'isRefreshed' | 'refreshAskedAt'>> {
  const now = deps.clock.now();
  if (now.getTime() < later(refreshAskedAt, REFRESH_SECONDS)) return { isRefreshed, refreshAskedAt };
  const { autoScalingGroupName } = request.run;
  return {
    isRefreshed: await deps.autoScaling.hasActiveInstanceRefresh(autoScalingGroupName),
    refreshAskedAt: now.toISOString(),
  };
}

/** Read the group, the alarms and the budgets again. */
async function refreshGroup(deps: Deps, conductor: Conductor): Promise<Conductor> {
  const { run } = conductor.request;
  const [reading, alarms, refresh, budgets] = await Promise.all([
    readGroupAgain(deps, run, conductor.reading),
    alarmsInAlarm(deps, run.alarms),
    askForRefresh(deps, conductor),
    conductor.budgets.length === 0 ? [] : conductor.cluster.listBudgets(),
  ]);
  return withReading({ ...conductor, alarms, ...refresh, budgets }, reading);
}

const refreshNodes = async (deps: Deps, conductor: Conductor): Promise<Conductor> =>
  keepNodes(withReading(conductor, await readNodesAgain(deps, conductor.request.run, conductor.reading)));

/** Read again what is due. */
async function refresh(deps: Deps, conductor: Conductor): Promise<Conductor> {
  const now = deps.clock.now().getTime();
  const due = dueTimes(deps, conductor);
  let after = conductor;
  if (now >= due.ownExecution) after = await checkOwnExecution(deps, after);
  if (now >= due.orders) {
    const ordersAt = deps.clock.now().toISOString();
    after = { ...after, session: await rereadRecord(after.cluster, after.session), ordersAt };
  }
  if (now >= due.group) after = await refreshGroup(deps, after);
  if (now >= due.nodes) after = await refreshNodes(deps, after);
  return after;
}

/**
 * Read again, before a node is taken, what is no longer fresh.
 *
 * @returns the same conductor when everything is
 */
export async function refreshForAdmission(deps: Deps, conductor: Conductor): Promise<Conductor> {
  const { groupAt, nodesAt } = conductor.reading;
  const { freshSeconds } = paceFor(deps, conductor);
  const now = deps.clock.now().getTime();
  let after = conductor;
  if (now >= later(groupAt, freshSeconds)) after = await refreshGroup(deps, after);
  if (now >= later(nodesAt, freshSeconds)) after = await refreshNodes(deps, after);
  return after;
}

/** Nodes in hand whose pods are listed again at a time. */
const MOST_INSPECTED = 25;

/** Read again what budgets allow, and what those pods ask of them that are still to be evicted. */
async function refreshDemands(deps: Deps, conductor: Conductor): Promise<Conductor> {
  const budgets = await conductor.cluster.listBudgets();
  const isAsking = (id: string) => (conductor.demands.get(id)?.byBudget.size ?? 0) > 0;
  const asking = factsOf(deps, conductor).draining.filter(isAsking);
  return inspectNodes({ ...conductor, budgets }, asking.slice(0, MOST_INSPECTED));
}

/** How long nothing else is due, seconds. */
function waitSeconds(deps: Deps, conductor: Conductor, admission: Admission): number {
  const untilAt = admission.kind === 'wait' ? admission.untilAt : undefined;
  // Whether the own execution still runs matters before the next node is taken; it ends no wait.
  const { ownExecution: _, ...due } = dueTimes(deps, conductor);
  const ends = [...Object.values(due), Date.parse(conductor.endsAt)];
  const next = Math.min(...ends, ...(untilAt === undefined ? [] : [Date.parse(untilAt)]));
  const seconds = Math.max(1, Math.ceil((next - deps.clock.now().getTime()) / 1000));
  return isHeldByBudgets(admission) ? Math.min(seconds, BUDGETS_SECONDS) : seconds;
}

/** Wait until something may have changed, and observe what has. */
export async function waitForNews(deps: Deps, conductor: Conductor, admission: Admission): Promise<Conductor> {
  const seconds = waitSeconds(deps, conductor, admission);
  const hasInHand = conductor.accounts.entries.some(({ state }) => state === 'inHand');
  if (!hasInHand) await deps.clock.sleep(seconds);
  const waited = hasInHand ? await watchNodes(deps, conductor, seconds, newsOf(admission)) : conductor;
  const refreshed = await refresh(deps, waited);
  return isHeldByBudgets(admission) ? refreshDemands(deps, refreshed) : refreshed;
}
