/**
 * Seconds between two observations, by the number of observations so far. An observation itself takes about 40 s.
 *
 * An observation is nine events of the history, which ends at 25,000: 1,000 quick ones are half a day, 600 slower ones two
 * days more, and the rest of the 14 days that a run may last takes at most 1,008 of the slowest: 23,472 events.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const PACES = [
  { untilObservation: 1_000, waitSeconds: 5 },
  { untilObservation: 1_600, waitSeconds: 300 },
] as const;
const SLOWEST_SECONDS = 1_200;

/** Seconds to wait before the next observation of an update. */
export const secondsUntilObservation = (observations: number): number =>
  PACES.find(({ untilObservation }) => observations < untilObservation)?.waitSeconds ?? SLOWEST_SECONDS;
