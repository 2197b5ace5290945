import type { ExecutionStatus, Failure, UpdateReport } from '../model/model.ts';
import { lastOutputOf } from './outputs.ts';
import type { Observation } from './update-observations.ts';
import type { Visit } from './visits.ts';

/** How the update of a run stands when the report is made. */
export interface UpdateEnd {
  readonly status: UpdateReport['status'];
  readonly failure?: Failure | undefined;
  /** Names of nodes, or ids of instances, in the errors of the update. */
  readonly failedNodes: readonly string[];
  /** Epoch ms: the start of the upgrade phase; absent before it. */
  readonly upgradeAt?: number | undefined;
  /** Epoch ms: ends what is in progress. */
  readonly observedAt: number;
}

/** What the recovery found out about an update; nothing when no recovery ran, or it could not ask EKS. */
export function updateRecovery(visits: readonly Visit[]): { updateStatus?: string; failedNodes: readonly string[] } {
  const recovery = lastOutputOf(visits, 'RecoverFromFailure')?.recovery;
  if (recovery?.status === 'groupGone') return { updateStatus: 'Gone', failedNodes: [] };
  if (recovery?.status !== 'recovered') return { failedNodes: [] };
  const { updateStatus, failedNodes = [] } = recovery;
  return { ...(updateStatus === undefined ? {} : { updateStatus }), failedNodes };
}

/** Errors with which only a run of engine `eks` fails whose update has ended. */
const ERRORS_OF_ENDED_UPDATES: ReadonlySet<string> = new Set([
  'PodEvictionFailure',
  'NodeCreationFailure',
  'NotConverging',
]);

function statusOf(
  { update }: Observation,
  status: ExecutionStatus,
  failure: Failure | undefined,
  updateStatus: string | undefined,
): UpdateReport['status'] {
  if (update.status === 'successful' || status === 'SUCCEEDED') return 'successful';
  if (status === 'RUNNING') return 'inProgress';
  if (updateStatus === undefined) return ERRORS_OF_ENDED_UPDATES.has(failure?.error ?? '') ? 'failed' : 'goesOn';
  if (updateStatus === 'InProgress') return 'goesOn';
  return updateStatus === 'Successful' ? 'successful' : 'failed';
}

/** How the update of a run stands, as far as the run has seen it; `undefined` when EKS was not asked for one. */
export function updateOf(
  observations: readonly Observation[],
  status: ExecutionStatus,
  failure: Failure | undefined,
  updateStatus: string | undefined,
): UpdateReport | undefined {
  const last = observations.at(-1);
  if (last === undefined) return undefined;
  const { updateId, isAdopted, requestedAt } = last.update;
  const gaps = observations.slice(1).map(({ at }, index) => at - (observations[index]?.at ?? at));
  return {
    updateId,
    isAdopted,
    requestedAt,
    status: statusOf(last, status, failure, updateStatus),
    observations: observations.length,
    longestGapSeconds: Math.round(Math.max(0, ...gaps) / 1000),
  };
}
