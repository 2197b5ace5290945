import type { Event } from '../../kinds/event.ts';
import { ageOf } from '../human-duration.ts';
import { type Column, count, NAME, text, wide } from './column.ts';

function sourceOf(event: Event): string {
  const component = event.source?.component || event.reportingComponent || '';
  const host = event.source?.host || event.reportingInstance || '';
  return host === '' ? component : `${component}, ${host}`;
}

const instantOf = (event: Event, which: 'first' | 'last'): string | undefined => {
  const stamped = which === 'first' ? event.firstTimestamp : (event.series?.lastObservedTime ?? event.lastTimestamp);
  return stamped || event.eventTime || undefined;
};

export const EVENT_COLUMNS: readonly Column<Event>[] = [
  text('Last Seen', (event, now) => ageOf(instantOf(event, 'last'), now)),
  text('Type', ({ type }) => type ?? ''),
  text('Reason', ({ reason }) => reason ?? ''),
  text(
    'Object',
    ({ involvedObject }) => `${String(involvedObject?.kind ?? '').toLowerCase()}/${involvedObject?.name ?? ''}`,
  ),
  wide(text('Subobject', ({ involvedObject }) => involvedObject?.fieldPath ?? '')),
  wide(text('Source', sourceOf)),
  text('Message', ({ message }) => String(message ?? '').trim()),
  wide(text('First Seen', (event, now) => ageOf(instantOf(event, 'first'), now))),
  wide(count('Count', (event) => event.series?.count ?? event.count ?? 1)),
  wide(NAME),
];
