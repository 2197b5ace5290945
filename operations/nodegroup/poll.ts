import type { Clock } from '../../clients/ports.ts';

/** How long a step may poll before it returns to the state machine. */
export const STEP_SECONDS = 40;

/**
 * Observe every few seconds until the finding is settled or the time of the step is over.
 *
 * Cheaper and quicker than a loop of states for what usually settles within seconds.
 *
 * @returns the last finding
 */
export async function pollUntil<Finding>(
  clock: Clock,
  everySeconds: number,
  observation: () => Promise<Finding>,
  isSettled: (finding: Finding) => boolean,
): Promise<Finding> {
  const endsAt = clock.now().getTime() + STEP_SECONDS * 1000;
  for (;;) {
    const finding = await observation();
    if (isSettled(finding) || clock.now().getTime() + everySeconds * 1000 > endsAt) return finding;
    await clock.sleep(everySeconds);
  }
}
