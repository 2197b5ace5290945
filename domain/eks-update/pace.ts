/**
 * Seconds between two looks, by the number of looks so far. A look takes about 40 s itself.
 *
 * A look is nine events of the history, which ends at 25,000: 1,000 quick looks are half a day, 600 slower ones two days
 * more, and what is left of the 14 days that a run may last takes no more than 1,008 of the slowest: 23,472 events.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const PACES = [
  { looks: 1_000, waitSeconds: 5 },
  { looks: 600, waitSeconds: 300 },
  { looks: Number.POSITIVE_INFINITY, waitSeconds: 1_200 },
] as const;

/** How long to wait before the next look at an update. */
export function waitBeforeLook(looks: number): number {
  let left = looks;
  for (const pace of PACES) {
    if (left < pace.looks) return pace.waitSeconds;
    left -= pace.looks;
  }
  return PACES[PACES.length - 1]?.waitSeconds as number;
}
