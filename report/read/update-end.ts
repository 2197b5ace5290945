import { tellsOfEnd } from '../../domain/eks-update/failure.ts';
import type { ExecutionStatus, Failure, UpdateReport } from '../model/model.ts';
import type { Observation } from './update-observations.ts';

function statusOf(
  { update }: Observation,
  status: ExecutionStatus,
  failure: Failure | undefined,
): UpdateReport['status'] {
  if (update.status === 'successful' || status === 'SUCCEEDED') return 'successful';
  if (status === 'RUNNING') return 'inProgress';
  return tellsOfEnd(failure?.cause ?? '') ? 'failed' : 'goesOn';
}

/** Say what a run's update came to, as far as the run knows; `undefined` when EKS was not asked for one. */
export function updateOf(
  observations: readonly Observation[],
  status: ExecutionStatus,
  failure: Failure | undefined,
): UpdateReport | undefined {
  const last = observations.at(-1);
  if (last === undefined) return undefined;
  const { updateId, isAdopted, requestedAt } = last.update;
  const gaps = observations.slice(1).map(({ at }, index) => at - (observations[index]?.at ?? at));
  return {
    updateId,
    isAdopted,
    requestedAt,
    status: statusOf(last, status, failure),
    observations: observations.length,
    longestGapSeconds: Math.round(Math.max(0, ...gaps) / 1000),
  };
}
