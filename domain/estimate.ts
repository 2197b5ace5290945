import type { Plan } from './run.ts';

/** What the prediction rests on: measured where we can, typical where we cannot. */
const BOOT_SECONDS = 120;
const TYPICAL_TERMINATION_SECONDS = 30;
/** States of one undisturbed child execution, and of the parent around the waves. */
const TRANSITIONS_PER_NODE = 9;
const TRANSITIONS_OF_PARENT = 40;
/** Standard workflows, us-east-1. @see https://aws.amazon.com/step-functions/pricing/ */
const USD_PER_TRANSITION = 0.000025;

/**
 * Predict how long a run takes and what it costs.
 *
 * boot + rounds × (slowest pod's termination + cordon wait); instances are counted for as long as the surge is up.
 *
 * @param longestGraceSeconds longest grace period of a pod on an outdated node; it is taken whole only up to the drain timeout
 */
export function estimate(facts: {
  outdated: number;
  parallelism: number;
  surge: number;
  updateStrategy: 'DEFAULT' | 'MINIMAL';
  cordonWaitSeconds: number;
  drainTimeoutSeconds: number;
  longestGraceSeconds: number;
}): Plan['estimate'] {
  const { outdated, parallelism, surge, updateStrategy, cordonWaitSeconds, drainTimeoutSeconds, longestGraceSeconds } =
    facts;
  const termination = Math.min(
    drainTimeoutSeconds,
    Math.max(TYPICAL_TERMINATION_SECONDS, Math.round(longestGraceSeconds / 2)),
  );
  const perRound = termination + cordonWaitSeconds + (updateStrategy === 'MINIMAL' ? BOOT_SECONDS : 0);
  const rounds = parallelism === 0 ? 0 : Math.ceil(outdated / parallelism);
  const durationSeconds = outdated === 0 ? 0 : BOOT_SECONDS + rounds * perRound;
  const stateTransitions = outdated === 0 ? 3 : TRANSITIONS_OF_PARENT + TRANSITIONS_PER_NODE * outdated;
  const slowBoot = surge === 0 ? '' : `; a boot of more than ${perRound} s calls for a larger surge`;
  return {
    durationSeconds,
    extraInstanceHours: Math.round(((surge * durationSeconds) / 3600) * 10) / 10,
    stateTransitions,
    stepFunctionsUsd: Math.round(stateTransitions * USD_PER_TRANSITION * 10_000) / 10_000,
    assumptions: `${rounds} rounds of ${termination} s until the pods have left and ${cordonWaitSeconds} s after the cordon, ${BOOT_SECONDS} s for a boot, no pod held by a budget${slowBoot}`,
  };
}
