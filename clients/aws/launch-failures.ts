import type { Activity } from '@aws-sdk/client-auto-scaling';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { boundedText } from '../../domain/text.ts';
import type { LaunchFailure } from '../../domain/types.ts';
import { readable } from '../service-failure.ts';

/** `Details` is a JSON text; its members are not documented, so a missing zone is no error. */
function zoneOf({ Details = '{}' }: Activity): string | undefined {
  try {
    const zone: unknown = JSON.parse(Details)['Availability Zone'];
    return typeof zone === 'string' ? zone : undefined;
  } catch {
    return undefined;
  }
}

/** A launch can also end Cancelled: when a lifecycle hook abandons the instance. */
const isFailedLaunch = ({ Description = '', StatusCode, StatusMessage = '' }: Activity) =>
  Description.startsWith('Launching') &&
  (StatusCode === 'Failed' || (StatusCode === 'Cancelled' && StatusMessage.includes('Lifecycle Action')));

/** The failed launches among scaling activities that started at or after an instant, newest first. */
export const launchFailuresOf = (activities: readonly Activity[], since: Date): LaunchFailure[] =>
  activities
    .filter(isFailedLaunch)
    .flatMap((activity) => {
      const { StartTime, StatusMessage, Cause, StatusCode } = activity;
      if (StartTime === undefined || StartTime < since) return [];
      const message = boundedText(readable(StatusMessage ?? Cause ?? StatusCode ?? ''));
      return [omitUndefined({ startedAt: StartTime.toISOString(), zone: zoneOf(activity), message })];
    })
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
