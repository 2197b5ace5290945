import type { ExecutionStatus, Failure, UpdateReport } from './model.ts';
import type { Look } from './update-looks.ts';

/** Errors by which a run ends before its update: nothing stops an update, so EKS works on. */
const ENDS_BEFORE_EKS = /^(UpgradeCancelled|AlarmTriggered|Aborted|States\.|Lambda\.)/;

function statusOf({ update }: Look, status: ExecutionStatus, failure: Failure | undefined): UpdateReport['status'] {
  if (update.status === 'successful' || status === 'SUCCEEDED') return 'successful';
  if (status === 'RUNNING') return 'inProgress';
  return failure === undefined || ENDS_BEFORE_EKS.test(failure.error) ? 'goesOn' : 'failed';
}

/** Say what a run's update came to, as far as the run knows; `undefined` when EKS was not asked for one. */
export function updateOf(
  looks: readonly Look[],
  status: ExecutionStatus,
  failure: Failure | undefined,
): UpdateReport | undefined {
  const last = looks.at(-1);
  if (last === undefined) return undefined;
  const { updateId, isAdopted, requestedAt } = last.update;
  const gaps = looks.slice(1).map(({ at }, index) => at - (looks[index]?.at ?? at));
  return {
    updateId,
    isAdopted,
    requestedAt,
    status: statusOf(last, status, failure),
    looks: looks.length,
    longestGapSeconds: Math.round(Math.max(0, ...gaps) / 1000),
  };
}
