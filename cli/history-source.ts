import type { Page, StepFunctions } from '../clients/aws/step-functions.ts';
import {
  type ClusterHistory,
  type ExecutionFacts,
  type ExecutionHistory,
  type HistoryEvent,
  isOfCluster,
  startedExecutions,
  type UpgradeHistory,
} from '../report/read/history.ts';

/** Events fetched in one page while following; a first look takes whole pages. */
const FOLLOW_PAGE = 100;
const FIRST_PAGE = 1000;
/** Children fetched at a time: GetExecutionHistory allows about 20 calls a second. */
const CHILDREN_AT_ONCE = 8;
/** Groups fetched at a time, each with its children. */
const GROUPS_AT_ONCE = 2;

const CLOSING = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/;

/** Every item of a paged list. */
export async function allPages<T>(fetchPage: (nextToken?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let nextToken: string | undefined;
  do {
    const page = await fetchPage(nextToken);
    items.push(...page.items);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return items;
}

/** One execution's events as they grow: only what is new is fetched, and nothing more once it has closed. */
function createFollower(client: Pick<StepFunctions, 'getExecutionHistory'>, executionArn: string) {
  let events: readonly HistoryEvent[] = [];
  const hasClosed = (): boolean => CLOSING.test(events.at(-1)?.type ?? '');

  /** Newest first, back to what is known already. */
  async function fetchNew(lastId: number): Promise<HistoryEvent[]> {
    const fresh: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const options = {
        isNewestFirst: true,
        maxResults: FOLLOW_PAGE,
        ...(nextToken === undefined ? {} : { nextToken }),
      };
      const page = await client.getExecutionHistory(executionArn, options);
      const unseen = page.items.filter(({ id = 0 }) => id > lastId);
      fresh.push(...unseen);
      nextToken = unseen.length < page.items.length ? undefined : page.nextToken;
    } while (nextToken !== undefined);
    return fresh.reverse();
  }

  const fetchAll = (): Promise<HistoryEvent[]> =>
    allPages((nextToken) =>
      client.getExecutionHistory(executionArn, {
        isNewestFirst: false,
        maxResults: FIRST_PAGE,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
    );

  return {
    hasClosed,
    events: (): readonly HistoryEvent[] => events,
    async update(): Promise<void> {
      if (hasClosed()) return;
      const lastId = events.at(-1)?.id;
      events = lastId === undefined ? await fetchAll() : [...events, ...(await fetchNew(lastId))];
    },
  };
}

type Follower = ReturnType<typeof createFollower>;

async function eachAtMost<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

const CLOSED_MAP_RUN = /^MapRun(Succeeded|Failed|Aborted)$/;

/** Map Runs of a history, and whether each has closed: no more children will appear in it then. */
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
function createChildFollower(client: StepFunctions) {
  const children = new Map<string, { facts: ExecutionFacts; follower: Follower }>();
  const listed = new Set<string>();

  async function findChildren(history: readonly HistoryEvent[]): Promise<void> {
    for (const { arn, isClosed } of mapRunsOf(history)) {
      if (listed.has(arn)) continue;
      const found = await allPages((nextToken) => client.listExecutions({ mapRunArn: arn }, nextToken));
      for (const facts of found) {
        const childArn = facts.executionArn ?? '';
        const follower = children.get(childArn)?.follower ?? createFollower(client, childArn);
        children.set(childArn, { facts, follower });
      }
      if (isClosed) listed.add(arn);
    }
  }

  return {
    haveClosed: (): boolean => [...children.values()].every(({ follower }) => follower.hasClosed()),
    async fetch(history: readonly HistoryEvent[]): Promise<ExecutionHistory[]> {
      await findChildren(history);
      await eachAtMost([...children.values()], CHILDREN_AT_ONCE, ({ follower }) => follower.update());
      return [...children.values()].map(({ facts, follower }) => ({ execution: facts, history: follower.events() }));
    },
  };
}

/** Follow the executions that the execution of a cluster starts; those that are over are not asked for again. */
function createGroupFollower(client: StepFunctions) {
  const groups = new Map<string, { source: HistorySource<UpgradeHistory>; latest?: UpgradeHistory }>();
  return async (history: readonly HistoryEvent[]): Promise<UpgradeHistory[]> => {
    for (const arn of startedExecutions(history)) {
      if (!groups.has(arn)) groups.set(arn, { source: createUpgradeSource(client, arn) });
    }
    await eachAtMost([...groups.values()], GROUPS_AT_ONCE, async (group) => {
      group.latest = await group.source.fetch();
    });
    return [...groups.values()].flatMap(({ latest }) => latest ?? []);
  };
}

/** Follow the upgrade of one group: the parent execution, and the child executions of its Map Runs. */
export function createUpgradeSource(client: StepFunctions, executionArn: string): HistorySource<UpgradeHistory> {
  const parent = createFollower(client, executionArn);
  const children = createChildFollower(client);
  let whole: UpgradeHistory | undefined;
  return {
    async fetch() {
      if (whole !== undefined) return whole;
      const execution = await client.describeExecution(executionArn);
      await parent.update();
      const history = { execution, history: parent.events(), children: await children.fetch(parent.events()) };
      if (parent.hasClosed() && children.haveClosed()) whole = history;
      return history;
    },
  };
}

/** Follow the run of a group or of a whole cluster; its history tells which it is. */
export function createHistorySource(client: StepFunctions, executionArn: string): HistorySource {
  const parent = createFollower(client, executionArn);
  const children = createChildFollower(client);
  const fetchGroups = createGroupFollower(client);
  return {
    async fetch() {
      const execution = await client.describeExecution(executionArn);
      await parent.update();
      const own = { execution, history: parent.events() };
      return isOfCluster(own)
        ? { ...own, groups: await fetchGroups(own.history) }
        : { ...own, children: await children.fetch(own.history) };
    },
  };
}
