import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** What two interpreters must tell alike of an event: all but instants, and what each service calls itself. */
export type Told = Readonly<Record<string, unknown>>;

/** Members of event details that are compared. */
const COMPARED = [
  'name',
  'input',
  'output',
  'resource',
  'parameters',
  'timeoutInSeconds',
  'error',
  'cause',
  'index',
  'length',
] as const;
/** Instants, which are others in every run. */
const MASKED = /^(start|stop)Date$|^startedAt$/i;
/** What LocalStack leaves out, or adds, of what a service says besides its answer; no state of ours reads it. */
const LEFT_OUT = /^(Input|Output)Details$|^Redrive(Count|Status|StatusReason)$|^Sdk(Http|Response)Metadata$/;

/** Each interpreter has its own words for what no state can go on from, after the state and its event. */
const RUNTIME_CAUSE = /^(An error occurred while executing the state '\w+' \(entered at the event id #\d+\)\.).*$/s;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function parse(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Read JSON within JSON, as spaces and escapes differ, and mask instants. */
export function comparable(value: unknown): unknown {
  if (typeof value === 'string') {
    const parsed = parse(value);
    return parsed === value ? value.replace(RUNTIME_CAUSE, '$1') : comparable(parsed);
  }
  if (Array.isArray(value)) return value.map(comparable);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !LEFT_OUT.test(key))
      .map(([key, inner]) => [key, MASKED.test(key) ? 'masked' : comparable(inner)])
      .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
  );
}

const detailsOf = (event: object): Record<string, unknown> => {
  const found = Object.entries(event).find(([member]) => member.endsWith('EventDetails'));
  return (found?.[1] ?? {}) as Record<string, unknown>;
};

/** Tell what happened, event by event. */
export const storyOf = (events: readonly (HistoryEvent | object)[]): Told[] =>
  events.map((event) => {
    const details = detailsOf(event);
    const told = COMPARED.flatMap((key) => (details[key] === undefined ? [] : [[key, comparable(details[key])]]));
    const { id, previousEventId, type } = event as HistoryEvent;
    return { id, previousEventId, type, ...Object.fromEntries(told) };
  });
