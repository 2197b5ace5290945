import { enumeration, plural } from '../../domain/text.ts';
import type { Counts, ExecutionStatus, Failure, PlanReport, UpdateReport } from './model.ts';
import { duration } from './text.ts';

interface Facts {
  readonly status: ExecutionStatus;
  readonly plan?: PlanReport | undefined;
  readonly counts: Counts;
  readonly failure?: Failure | undefined;
  readonly update?: UpdateReport | undefined;
  readonly pauseReason?: string | undefined;
  readonly durationSeconds: number;
}

/** What the nodes are brought to, in the shortest words that identify it. */
export const targetName = (plan: PlanReport | undefined): string =>
  plan?.target.releaseVersion ?? plan?.target.amiName ?? plan?.target.amiId ?? 'the target AMI';

/** The result of the run in one sentence, or its progress. */
export function headlineOf({ status, plan, counts, failure, update, pauseReason, durationSeconds }: Facts): string {
  const by = plan?.engine === 'eks' ? ' by EKS' : '';
  const target = targetName(plan);
  const progress = `${counts.upgraded} of ${plural(counts.outdated, 'node')}`;
  if (status === 'SUCCEEDED') {
    if (plan?.isNothingToDo) return plan.summary ?? 'Nothing to do: no node is outdated';
    if (plan?.isDryRun) return plan.summary ?? `Dry run: ${plural(counts.outdated, 'node')} would be upgraded`;
    const gone = counts.gone === 0 ? '' : `; ${counts.gone} had left the group already`;
    return `${plural(counts.upgraded, 'node')} upgraded to ${target}${by} in ${duration(durationSeconds)}${gone}`;
  }
  if (status === 'RUNNING')
    return counts.outdated === 0
      ? 'Planning the upgrade'
      : `${progress} upgraded to ${target}${by} so far${pauseReason === undefined ? '' : `; ${pauseReason}`}`;
  const verb = { FAILED: 'Upgrade failed', ABORTED: 'Upgrade aborted', TIMED_OUT: 'Upgrade timed out' }[status];
  const name = status === 'FAILED' && failure !== undefined ? ` with ${failure.error}` : '';
  return counts.outdated === 0
    ? `${verb}${name}`
    : `${verb}${name}: ${progress} upgraded${by}${update?.status === 'goesOn' ? ', which continues' : ''}`;
}

/** What to do next, one sentence each, where the cause does not say it already. */
export function adviceOf({ status, plan, counts, failure, update }: Facts): string[] {
  if (status === 'RUNNING' || status === 'SUCCEEDED' || failure === undefined || failure.isRecovered) return [];
  // One that was stopped, or exceeded its time, names no error that could be fixed.
  const start = status === 'FAILED' ? 'Fix what the error names, then start' : 'Start';
  if (plan === undefined) return [`Nothing was changed. ${start} the upgrade again.`];
  if (update?.status === 'goesOn') {
    return [
      `EKS continues with update ${update.updateId}, because an update cannot be stopped. To follow it to its end, start the upgrade again with the same input.`,
    ];
  }
  const rest = counts.outdated - counts.upgraded - counts.gone;
  const advice = [
    rest > 0
      ? `${start} the upgrade again with the same input: it continues with the ${plural(rest, 'remaining node')} and leaves upgraded nodes alone.`
      : 'Start the upgrade again with the same input: it finishes what is left to do.',
  ];
  const source = plan.launchTemplate.sourceVersion;
  if (source !== undefined && counts.upgraded > 0 && plan.engine !== 'eks') {
    const where = enumeration([plan.launchTemplate.id ?? 'the launch template']);
    advice.push(
      `To go back, start it with "target": {"launchTemplateVersion": "${source}"}: that version of ${where} was in use before.`,
    );
  }
  return advice;
}
