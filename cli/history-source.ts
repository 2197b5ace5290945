import pMap from 'p-map';
import * as z from 'zod';
import type { Executions } from '../clients/ports.ts';
import type { HistoryEvent } from '../domain/execution-history.ts';
import {
  type ClusterHistory,
  isOfCluster,
  parseJson,
  startedExecutions,
  type UpgradeHistory,
} from '../report/read/history.ts';
import { createFollower, type Follower } from './follower.ts';
import { createNodeSource } from './node-source.ts';

/** Groups fetched at a time, each with its nodes. */
const GROUPS_AT_ONCE = 2;

/** A run's histories, fetched as they grow. */
export interface HistorySource<History = UpgradeHistory | ClusterHistory> {
  /**
   * Fetch what is new since the last call.
   *
   * @throws what the client throws
   */
  fetch(): Promise<History>;
}

/** Follow the executions that continue a run, one after the other: each starts at most the next one. */
function createContinuations(executions: Executions) {
  const followers: Follower[] = [];
  return {
    haveClosed: (): boolean => followers.every((follower) => follower.hasClosed()),
    async fetch(history: readonly HistoryEvent[]) {
      let last = history;
      for (let index = 0; ; index += 1) {
        const [executionArn] = startedExecutions(last);
        if (executionArn === undefined) break;
        const follower = followers[index] ?? createFollower(executions, { executionArn });
        followers[index] = follower;
        await follower.update();
        last = follower.seen().history;
      }
      return followers.map((follower) => follower.seen());
    },
  };
}

/** Follow what belongs to the run of one group besides its own execution. */
function createParts(executions: Executions, executionArn: string) {
  const continuations = createContinuations(executions);
  const nodes = createNodeSource(executions, executionArn);
  return {
    haveClosed: (): boolean => continuations.haveClosed() && nodes.haveClosed(),
    async fetch(history: readonly HistoryEvent[]): Promise<Omit<UpgradeHistory, 'execution' | 'history'>> {
      const continued = await continuations.fetch(history);
      const children = await nodes.fetch([history, ...continued.map((each) => each.history)]);
      return { continuations: continued, children };
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

/** Follow the upgrade of one group: its execution, those that continue it, and those of its nodes. */
export function createUpgradeSource(executions: Executions, executionArn: string): HistorySource<UpgradeHistory> {
  const own = createFollower(executions, { executionArn });
  const parts = createParts(executions, executionArn);
  let whole: UpgradeHistory | undefined;
  return {
    async fetch() {
      if (whole !== undefined) return whole;
      const execution = await executions.describe(executionArn);
      await own.update();
      const { history } = own.seen();
      const upgrade = { execution, history, ...(await parts.fetch(history)) };
      if (own.hasClosed() && parts.haveClosed()) whole = upgrade;
      return upgrade;
    },
  };
}

/** Input of an execution that is part of a run: that of a node, or one that continues another. */
const partSchema = z
  .looseObject({ AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.string().startsWith('arn:') })
  .refine((input) => 'continued' in input || 'node' in input);

/** An input written by hand may name itself. */
const MOST_PARTS = 100;

/** The first execution of the run that an execution is part of: itself, unless it continues another one or is a node's. */
async function firstExecution(executions: Executions, executionArn: string) {
  let arn = executionArn;
  for (let steps = 0; steps < MOST_PARTS; steps += 1) {
    const execution = await executions.describe(arn);
    const part = partSchema.safeParse(parseJson(execution.input)).data;
    if (part === undefined) return { arn, execution };
    arn = part.AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID;
  }
  throw new Error(`the inputs of ${executionArn} and of those that started it name no first execution`);
}

/** Follow the run of a group or of a whole cluster, by any of its executions; its history says which it is. */
export function createHistorySource(executions: Executions, executionArn: string): HistorySource {
  const fetchGroups = createGroupFollower(executions);
  let run: { arn: string; own: Follower; parts: ReturnType<typeof createParts> } | undefined;
  return {
    async fetch() {
      const { arn, execution } = await firstExecution(executions, run?.arn ?? executionArn);
      run ??= {
        arn,
        own: createFollower(executions, { executionArn: arn }),
        parts: createParts(executions, arn),
      };
      await run.own.update();
      const { history } = run.own.seen();
      const own = { execution, history };
      return isOfCluster(own)
        ? { ...own, groups: await fetchGroups(history) }
        : { ...own, ...(await run.parts.fetch(history)) };
    },
  };
}
