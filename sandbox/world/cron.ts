/** The minutes, hours, days, months and weekdays that a cron expression names. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  /** 1 = January. */
  readonly months: ReadonlySet<number>;
  /** 0 = Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** With both kinds of days given, either is enough. */
  readonly isEitherDayEnough: boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const DAY_MS = 86_400_000;
/** A 29 February comes within eight years. */
const LONGEST_SEARCH_DAYS = 8 * 366;

function numberOf(text: string, names: readonly string[], firstName: number): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return named + firstName;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Read one field: `*`, numbers, names, ranges, steps, and lists of them. */
function fieldOf(
  text: string,
  least: number,
  most: number,
  names: readonly string[] = [],
): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', stepText = '1'] = part.split('/');
    const [fromText = '', toText] = range === '*' ? [String(least), String(most)] : range.split('-');
    const from = numberOf(fromText, names, least);
    const to = toText === undefined ? (part.includes('/') ? most : from) : numberOf(toText, names, least);
    const step = /^[1-9]\d*$/.test(stepText) ? Number(stepText) : undefined;
    if (from === undefined || to === undefined || step === undefined) return undefined;
    if (from < least || to > most || from > to) return undefined;
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

/** Read a cron expression of five fields; `undefined` when it is none. */
export function parseCron(text: string): Cron | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields;
  const minutes = fieldOf(minute, 0, 59);
  const hours = fieldOf(hour, 0, 23);
  const daysOfMonth = fieldOf(dayOfMonth, 1, 31);
  const months = fieldOf(month, 1, 12, MONTHS);
  const daysOfWeek = fieldOf(dayOfWeek, 0, 7, WEEKDAYS);
  if (!minutes || !hours || !daysOfMonth || !months || !daysOfWeek) return undefined;
  return {
    minutes,
    hours,
    daysOfMonth,
    months,
    daysOfWeek: new Set([...daysOfWeek].map((day) => day % 7)),
    isEitherDayEnough: dayOfMonth !== '*' && dayOfWeek !== '*',
  };
}

function isOnDay(cron: Cron, day: Date): boolean {
  if (!cron.months.has(day.getUTCMonth() + 1)) return false;
  const isDayOfMonth = cron.daysOfMonth.has(day.getUTCDate());
  const isDayOfWeek = cron.daysOfWeek.has(day.getUTCDay());
  return cron.isEitherDayEnough ? isDayOfMonth || isDayOfWeek : isDayOfMonth && isDayOfWeek;
}

/**
 * Find the first instant of a cron expression after another, in UTC.
 *
 * @param after milliseconds since the epoch
 * @returns milliseconds since the epoch; `undefined` when there is none (a 30 February, say)
 */
export function nextInstant(cron: Cron, after: number): number | undefined {
  const hours = [...cron.hours].sort((left, right) => left - right);
  const minutes = [...cron.minutes].sort((left, right) => left - right);
  const firstDay = Math.floor(after / DAY_MS) * DAY_MS;
  for (let days = 0; days < LONGEST_SEARCH_DAYS; days += 1) {
    const day = firstDay + days * DAY_MS;
    if (!isOnDay(cron, new Date(day))) continue;
    for (const hour of hours)
      for (const minute of minutes) {
        const instant = day + (hour * 60 + minute) * 60_000;
        if (instant > after) return instant;
      }
  }
  return undefined;
}
