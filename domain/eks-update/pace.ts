/**
 * Seconds between two looks, by the number of looks so far. A look takes about 40 s itself.
 *
 * A look is nine events of the history, which ends at 25,000: 1,000 quick looks are half a day, 600 slower ones two days
 * more, and what is left of the 14 days that a run may last takes no more than 1,008 of the slowest: 23,472 events.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const PACES = [
  { observations: 1_000, waitSeconds: 5 },
  { observations: 600, waitSeconds: 300 },
  { observations: Number.POSITIVE_INFINITY, waitSeconds: 1_200 },
] as const;

/** How long to wait before the next look at an update. */
export function waitBeforeObservation(observations: number): number {
  let left = observations;
  for (const pace of PACES) {
    if (left < pace.observations) return pace.waitSeconds;
    left -= pace.observations;
  }
  return PACES[PACES.length - 1]?.waitSeconds as number;
}
