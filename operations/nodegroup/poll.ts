import type { Clock } from '../../clients/ports.ts';

/** How long a step may look again and again before it hands back to the state machine. */
export const STEP_SECONDS = 40;

/**
 * Look again every few seconds until something is settled or the time a step may take is used up.
 *
 * Cheaper and quicker than a loop of states for what usually settles within seconds.
 *
 * @returns what the last look found
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
