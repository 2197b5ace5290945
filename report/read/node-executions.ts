import type { HistoryEvent } from '../../domain/execution-history.ts';
import { groupOutputOf, outputOf } from './outputs.ts';
import { visitsOf } from './visits.ts';

/** What the history of a run says of the executions of its nodes. */
export interface NodeExecutionNames {
  /** In the order in which they were reported. */
  readonly names: readonly string[];
  /**
   * Epoch ms. A step that has been at work since then, or that died, has not reported which executions it started; absent
   * when all are reported.
   */
  readonly unreportedSince?: number;
}

/** Read from the history of a run which executions its nodes have. */
export function nodeExecutionsOf(history: readonly HistoryEvent[]): NodeExecutionNames {
  const visits = visitsOf(history);
  const names = visits.flatMap((visit) => [
    ...(groupOutputOf(visit).adopted ?? []),
    ...(outputOf(visit, 'UpgradeNodes')?.started ?? []),
  ]);
  const silent = visits.find(({ state, output }) => state === 'UpgradeNodes' && output === undefined);
  return {
    names: [...new Set(names)],
    ...(silent === undefined ? {} : { unreportedSince: silent.enteredAt }),
  };
}
