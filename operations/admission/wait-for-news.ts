import type { Deps } from '../../clients/ports.ts';
import type { Admission } from '../../domain/admission/admit.ts';
import { paceOf } from '../../domain/admission/pace.ts';
import { IN_HAND_LABEL, readInHand } from '../../domain/drain/in-hand.ts';
import { LockLost } from '../../domain/errors.ts';
import type { Node } from '../../domain/types.ts';
import { alarmsInAlarm } from './alarms.ts';
import { type Conductor, withReading } from './conductor.ts';
import { keepNodes } from './keep-nodes.ts';
import { readGroupAgain, readNodesAgain } from './observe.ts';
import { rereadRecord } from './record-session.ts';

const later = (instant: string, seconds: number): number => Date.parse(instant) + seconds * 1000;
/** After a watch that ended without news: a server that ends every watch must not be asked in a loop. */
const PAUSE_SECONDS = 5;

/** When each thing is read again, milliseconds. */
function dueTimes({ seen, accounts, request, reading, ordersAt, ownExecutionAt }: Conductor) {
  const isBooting = accounts.memory.waitingSince !== undefined;
  const pace = paceOf(seen.members.length, request.run.parallelism, isBooting);
  return {
    group: later(reading.groupAt, pace.groupSeconds),
    nodes: later(reading.nodesAt, pace.nodesSeconds),
    orders: later(ordersAt, pace.ordersSeconds),
    ownExecution: later(ownExecutionAt, pace.ownExecutionSeconds),
  };
}

/** A change of a node in hand that may let another one be taken. */
const isNews = (node: Node): boolean => ['terminating', 'blocked'].includes(readInHand(node)?.phase ?? '');

function withChanged(nodes: readonly Node[], changed: readonly Node[]): Node[] {
  const byName = new Map(changed.map((node) => [node.name, node]));
  return nodes.map((node) => byName.get(node.name) ?? node);
}

/** Watch the nodes in hand until one of them is done, or for as long as nothing else is due. */
async function watchNodes(deps: Deps, conductor: Conductor, seconds: number): Promise<Conductor> {
  const { cluster, reading } = conductor;
  const startedAt = deps.clock.now().getTime();
  const { changed, resourceVersion } = await cluster.watchNodes({
    label: IN_HAND_LABEL,
    resourceVersion: reading.nodesVersion,
    timeoutSeconds: seconds,
    isNews,
  });
  const lasted = (deps.clock.now().getTime() - startedAt) / 1000;
  if (lasted < PAUSE_SECONDS && lasted < seconds) await deps.clock.sleep(Math.min(PAUSE_SECONDS, seconds));
  const nodes = withChanged(reading.nodes, changed);
  // Without a version the watch cannot go on, so the nodes are listed again at once.
  const nodesAt = resourceVersion === undefined ? new Date(0).toISOString() : reading.nodesAt;
  const nodesSeenAt = deps.clock.now().toISOString();
  const nodesVersion = resourceVersion ?? reading.nodesVersion;
  return withReading(conductor, { ...reading, nodes, nodesAt, nodesSeenAt, nodesVersion });
}

/** @throws {LockLost} when the execution was stopped: StopExecution does not reach a Lambda that is running */
async function checkOwnExecution(deps: Deps, conductor: Conductor): Promise<Conductor> {
  const { executionArn, run } = conductor.request;
  for (const arn of new Set([executionArn, run.executionArn])) {
    if (!(await deps.executions.isRunning(arn))) throw new LockLost(`execution ${arn} no longer runs`);
  }
  return { ...conductor, ownExecutionAt: deps.clock.now().toISOString() };
}

/** Read again what is due. */
async function refresh(deps: Deps, conductor: Conductor): Promise<Conductor> {
  const now = deps.clock.now().getTime();
  const due = dueTimes(conductor);
  const { run } = conductor.request;
  let after = conductor;
  if (now >= due.ownExecution) after = await checkOwnExecution(deps, after);
  if (now >= due.orders) {
    const ordersAt = deps.clock.now().toISOString();
    after = { ...after, session: await rereadRecord(after.cluster, after.session), ordersAt };
  }
  if (now >= due.group) {
    const [reading, alarms, budgets] = await Promise.all([
      readGroupAgain(deps, run, after.reading),
      alarmsInAlarm(deps, run.alarms),
      after.budgets.length === 0 ? [] : after.cluster.listBudgets(),
    ]);
    after = withReading({ ...after, alarms, budgets }, reading);
  }
  if (now >= due.nodes) after = await keepNodes(withReading(after, await readNodesAgain(deps, run, after.reading)));
  return after;
}

/** Wait until something may have changed, and observe what has. */
export async function waitForNews(deps: Deps, conductor: Conductor, admission: Admission): Promise<Conductor> {
  const untilAt = admission.kind === 'wait' ? admission.untilAt : undefined;
  const ends = [...Object.values(dueTimes(conductor)), Date.parse(conductor.endsAt)];
  const next = Math.min(...ends, ...(untilAt === undefined ? [] : [Date.parse(untilAt)]));
  const seconds = Math.max(1, Math.ceil((next - deps.clock.now().getTime()) / 1000));
  const hasInHand = conductor.accounts.entries.some(({ state }) => state === 'inHand');
  if (!hasInHand) await deps.clock.sleep(seconds);
  return refresh(deps, hasInHand ? await watchNodes(deps, conductor, seconds) : conductor);
}
