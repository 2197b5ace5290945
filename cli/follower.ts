import type { Executions } from '../clients/ports.ts';
import type { ExecutionFacts, HistoryEvent } from '../domain/execution-history.ts';
import type { ExecutionHistory } from '../report/read/history.ts';

const CLOSING = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/;

/** One execution's events as they grow. */
export interface Follower {
  /** False also for an execution that does not exist yet. */
  hasClosed(): boolean;
  seen(): ExecutionHistory;
  /** Fetch new events only, and none once it has closed. @throws what the client throws */
  update(): Promise<void>;
}

/** Follow an execution by its history. @param facts what is known of it besides */
export function createFollower(executions: Executions, facts: ExecutionFacts & { executionArn: string }): Follower {
  let events: readonly HistoryEvent[] = [];
  const hasClosed = (): boolean => CLOSING.test(events.at(-1)?.type ?? '');
  return {
    hasClosed,
    seen: () => ({ execution: facts, history: events }),
    async update() {
      if (hasClosed()) return;
      events = [...events, ...(await executions.history(facts.executionArn, events.at(-1)?.id))];
    },
  };
}

/** Whether an error says that there is no such execution, or no such state machine. */
export const isAbsence = (error: unknown): boolean =>
  error instanceof Error && /^(ExecutionDoesNotExist|StateMachineDoesNotExist)$/.test(error.name);
