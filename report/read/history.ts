import * as z from 'zod';
import type { ExecutionFacts, HistoryEvent, Instant } from '../../domain/execution-history.ts';

export type { ExecutionFacts, FailureDetails, HistoryEvent, Instant } from '../../domain/execution-history.ts';

/** One execution with its events, oldest first. */
export interface ExecutionHistory {
  readonly execution: ExecutionFacts;
  readonly history: readonly HistoryEvent[];
}

/** The execution of a run with those of its nodes. */
export interface UpgradeHistory extends ExecutionHistory {
  readonly children: readonly ExecutionHistory[];
  /** The executions that continued it, one after the other, because a history has room for 25,000 events. */
  readonly continuations?: readonly ExecutionHistory[];
}

/** The execution of a whole cluster with the executions of its groups, in the order in which they were started. */
export interface ClusterHistory extends ExecutionHistory {
  readonly groups: readonly UpgradeHistory[];
}

/** Whether it is the history of a whole cluster, by its first state, or, before that, by the name of its state machine. */
export const isOfCluster = ({ execution, history }: ExecutionHistory): boolean => {
  const [first] = history.flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? []);
  return first === undefined
    ? /:execution:[^:]*upgrade-cluster[^:]*:/.test(execution.executionArn ?? '')
    : first === 'PlanCluster';
};

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const startedSchema = z.object({ ExecutionArn: z.string() });

/** ARNs of the executions that a history started, once each. */
export const startedExecutions = (history: readonly HistoryEvent[]): string[] => [
  ...new Set(
    history.flatMap(
      ({ taskSubmittedEventDetails: submitted }) =>
        startedSchema.safeParse(parseJson(submitted?.output)).data?.ExecutionArn ?? [],
    ),
  ),
];

/** Milliseconds since 1970 of an instant; `undefined` when it is absent or unreadable. */
export function millisecondsOf(instant: Instant | undefined): number | undefined {
  if (instant === undefined) return undefined;
  const milliseconds =
    typeof instant === 'number'
      ? instant * (instant < 1e11 ? 1000 : 1)
      : instant instanceof Date
        ? instant.getTime()
        : Date.parse(instant);
  return Number.isFinite(milliseconds) ? milliseconds : undefined;
}

/** Read JSON that may be absent, truncated or redacted. */
export function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
