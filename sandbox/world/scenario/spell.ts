import { seconds } from './values.ts';

/** From when until when something holds. */
export const spell = {
  fromSeconds: seconds.default(0),
  untilSeconds: seconds.optional().describe('absent: until the end'),
};

/** What a scenario says of a spell. */
export interface Spell {
  readonly fromSeconds: number;
  readonly untilSeconds?: number | undefined;
}

/** Refuse a spell that ends before it begins; arguments of `refine`. */
export const endsAfterItBegins: [check: (value: Spell) => boolean, params: { path: PropertyKey[]; error: string }] = [
  ({ fromSeconds, untilSeconds }) => untilSeconds === undefined || untilSeconds > fromSeconds,
  { path: ['untilSeconds'], error: 'untilSeconds must be later than fromSeconds' },
];

/** Whether a spell lasts, so many seconds after the start. */
export const lastsAt = ({ fromSeconds, untilSeconds }: Spell, secondsSinceStart: number): boolean =>
  secondsSinceStart >= fromSeconds && secondsSinceStart < (untilSeconds ?? Number.POSITIVE_INFINITY);
