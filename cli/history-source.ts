import pMap from 'p-map';
import type { Executions } from '../clients/ports.ts';
import type { ExecutionFacts, HistoryEvent } from '../domain/execution-history.ts';
import {
  type ClusterHistory,
  type ExecutionHistory,
  isOfCluster,
  startedExecutions,
  type UpgradeHistory,
} from '../report/read/history.ts';

/** Children fetched at a time: GetExecutionHistory allows about 20 calls a second. */
const CHILDREN_AT_ONCE = 8;
/** Groups fetched at a time, each with its children. */
const GROUPS_AT_ONCE = 2;

const CLOSING = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/;

/** One execution's events as they grow: only new events are fetched, and none once it has closed. */
function createFollower(executions: Executions, executionArn: string) {
  let events: readonly HistoryEvent[] = [];
  const hasClosed = (): boolean => CLOSING.test(events.at(-1)?.type ?? '');
  return {
    hasClosed,
    events: (): readonly HistoryEvent[] => events,
    async update(): Promise<void> {
      if (hasClosed()) return;
      events = [...events, ...(await executions.history(executionArn, events.at(-1)?.id))];
    },
  };
}

type Follower = ReturnType<typeof createFollower>;

const CLOSED_MAP_RUN = /^MapRun(Succeeded|Failed|Aborted)$/;

/** Map Runs of a history, and whether each has closed: no more children appear in a closed one. */
function mapRunsOf(history: readonly HistoryEvent[]): { arn: string; isClosed: boolean }[] {
  const runs: { arn: string; isClosed: boolean }[] = [];
  for (const { type = '', mapRunStartedEventDetails } of history) {
    const arn = mapRunStartedEventDetails?.mapRunArn;
    if (arn !== undefined) runs.push({ arn, isClosed: false });
    const last = runs.at(-1);
    if (last !== undefined && CLOSED_MAP_RUN.test(type)) last.isClosed = true;
  }
  return runs;
}

/** A run's histories, fetched as they grow. */
export interface HistorySource<History = UpgradeHistory | ClusterHistory> {
  /**
   * Fetch what is new since the last call.
   *
   * @throws what the client throws
   */
  fetch(): Promise<History>;
}

/** Follow the child executions of an execution's Map Runs. */
function createChildFollower(executions: Executions) {
  const children = new Map<string, { facts: ExecutionFacts; follower: Follower }>();
  const listed = new Set<string>();

  async function findChildren(history: readonly HistoryEvent[]): Promise<void> {
    for (const { arn, isClosed } of mapRunsOf(history)) {
      if (listed.has(arn)) continue;
      for (const facts of await executions.listChildren(arn)) {
        const childArn = facts.executionArn ?? '';
        const follower = children.get(childArn)?.follower ?? createFollower(executions, childArn);
        children.set(childArn, { facts, follower });
      }
      if (isClosed) listed.add(arn);
    }
  }

  return {
    haveClosed: (): boolean => [...children.values()].every(({ follower }) => follower.hasClosed()),
    async fetch(history: readonly HistoryEvent[]): Promise<ExecutionHistory[]> {
      await findChildren(history);
      await pMap(children.values(), ({ follower }) => follower.update(), { concurrency: CHILDREN_AT_ONCE });
      return [...children.values()].map(({ facts, follower }) => ({ execution: facts, history: follower.events() }));
    },
  };
}

/** Follow the executions that the execution of a cluster starts; those that have ended are not fetched again. */
function createGroupFollower(executions: Executions) {
  const groups = new Map<string, { source: HistorySource<UpgradeHistory>; latest?: UpgradeHistory }>();
  return async (history: readonly HistoryEvent[]): Promise<UpgradeHistory[]> => {
    for (const arn of startedExecutions(history)) {
      if (!groups.has(arn)) groups.set(arn, { source: createUpgradeSource(executions, arn) });
    }
    const fetchLatest = async (group: { source: HistorySource<UpgradeHistory>; latest?: UpgradeHistory }) => {
      group.latest = await group.source.fetch();
    };
    await pMap(groups.values(), fetchLatest, { concurrency: GROUPS_AT_ONCE });
    return [...groups.values()].flatMap(({ latest }) => latest ?? []);
  };
}

/** Follow the upgrade of one group: the parent execution, and the child executions of its Map Runs. */
export function createUpgradeSource(executions: Executions, executionArn: string): HistorySource<UpgradeHistory> {
  const parent = createFollower(executions, executionArn);
  const children = createChildFollower(executions);
  let whole: UpgradeHistory | undefined;
  return {
    async fetch() {
      if (whole !== undefined) return whole;
      const execution = await executions.describe(executionArn);
      await parent.update();
      const history = { execution, history: parent.events(), children: await children.fetch(parent.events()) };
      if (parent.hasClosed() && children.haveClosed()) whole = history;
      return history;
    },
  };
}

/** Follow the run of a group or of a whole cluster; its history says which it is. */
export function createHistorySource(executions: Executions, executionArn: string): HistorySource {
  const parent = createFollower(executions, executionArn);
  const children = createChildFollower(executions);
  const fetchGroups = createGroupFollower(executions);
  return {
    async fetch() {
      const execution = await executions.describe(executionArn);
      await parent.update();
      const own = { execution, history: parent.events() };
      return isOfCluster(own)
        ? { ...own, groups: await fetchGroups(own.history) }
        : { ...own, children: await children.fetch(own.history) };
    },
  };
}
