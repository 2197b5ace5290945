import { EKS_CORDON_WAIT_SECONDS, EKS_DRAIN_TIMEOUT_SECONDS } from '../eks-update/settings.ts';
import type { Plan } from '../state.ts';
import { ASSUMED_BOOT_SECONDS as BOOT_SECONDS, roundSeconds, terminationSeconds } from './round.ts';

/** States of an undisturbed node's execution, and those for each step that its drain takes longer. */
const TRANSITIONS_PER_NODE = 8;
const TRANSITIONS_PER_LONGER_DRAIN = 3;
const DRAIN_STEP_SECONDS = 40;
/** States of the conducting execution, and those for each step of the conductor. */
const TRANSITIONS_OF_CONDUCTOR = 30;
const TRANSITIONS_PER_CONDUCTOR_STEP = 3;
const CONDUCTOR_STEP_SECONDS = 240;
/** Standard workflows, us-east-1. @see https://aws.amazon.com/step-functions/pricing/ */
const USD_PER_TRANSITION = 0.000025;

const roundsOf = (outdated: number, parallelism: number): number =>
  parallelism === 0 ? 0 : Math.ceil(outdated / parallelism);

/** What both engines cost alike: extra instances, and state transitions. */
const costOf = (extraInstanceSeconds: number, stateTransitions: number) => ({
  extraInstanceHours: Math.round((extraInstanceSeconds / 3600) * 10) / 10,
  stateTransitions,
  stepFunctionsUsd: Math.round(stateTransitions * USD_PER_TRANSITION * 10_000) / 10_000,
});

/** For one surge node to be found, drained and terminated. */
const SCALE_DOWN_SECONDS = 45;
/** For one observation of EKS's update and the wait after it. */
const OBSERVATION_SECONDS = 42;
const TRANSITIONS_PER_OBSERVATION = 3;
const TRANSITIONS_AROUND_OBSERVATIONS = 8;

/**
 * Predict how long EKS's own update takes: its phases one after the other, no boot while a node drains (but for MINIMAL,
 * which waits for each replacement), and the surge taken back node by node.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
 */
export function estimateUpdate(facts: {
  outdated: number;
  parallelism: number;
  surge: number;
  updateStrategy: 'DEFAULT' | 'MINIMAL';
  longestGraceSeconds: number;
}): Plan['estimate'] {
  const { outdated, parallelism, surge, updateStrategy, longestGraceSeconds } = facts;
  const termination = terminationSeconds(longestGraceSeconds, EKS_DRAIN_TIMEOUT_SECONDS);
  const perNode = termination + EKS_CORDON_WAIT_SECONDS + (updateStrategy === 'MINIMAL' ? BOOT_SECONDS : 0);
  const rounds = roundsOf(outdated, parallelism);
  const untilRenewed = outdated === 0 ? 0 : (updateStrategy === 'MINIMAL' ? 0 : BOOT_SECONDS) + rounds * perNode;
  const durationSeconds = untilRenewed + surge * SCALE_DOWN_SECONDS;
  const observations = Math.ceil(durationSeconds / OBSERVATION_SECONDS);
  return {
    durationSeconds,
    ...costOf(
      surge * (untilRenewed + ((surge + 1) / 2) * SCALE_DOWN_SECONDS),
      TRANSITIONS_AROUND_OBSERVATIONS + TRANSITIONS_PER_OBSERVATION * observations,
    ),
    assumptions: `by EKS: ${BOOT_SECONDS} s for a boot, ${rounds} rounds of ${termination} s until the pods have left and ${EKS_CORDON_WAIT_SECONDS} s after the cordon, then ${surge} surge nodes removed one by one, ${SCALE_DOWN_SECONDS} s each; no pod blocked by a budget; once begun, EKS cannot stop or pause it`,
  };
}

/** State transitions of a run: those of its node executions, and of the execution that conducts them. */
function transitionsOf(outdated: number, durationSeconds: number, termination: number): number {
  const longerDrains = Math.floor(termination / DRAIN_STEP_SECONDS);
  const steps = Math.ceil(durationSeconds / CONDUCTOR_STEP_SECONDS);
  return (
    outdated * (TRANSITIONS_PER_NODE + longerDrains * TRANSITIONS_PER_LONGER_DRAIN) +
    TRANSITIONS_OF_CONDUCTOR +
    steps * TRANSITIONS_PER_CONDUCTOR_STEP
  );
}

/**
 * Predict how long a run takes and what it costs.
 *
 * boot + rounds × (slowest pod's termination + cordon wait) + the cordon waits of surge nodes that replace no node; instances are counted for as long as the surge is up.
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
  const termination = terminationSeconds(longestGraceSeconds, drainTimeoutSeconds);
  const perRound = roundSeconds(facts) + (updateStrategy === 'MINIMAL' ? BOOT_SECONDS : 0);
  const rounds = roundsOf(outdated, parallelism);
  // Nodes that were launched only to cover zones go at the end; they have no pods then.
  const surplus = outdated === 0 ? 0 : Math.max(0, surge - outdated);
  const surplusSeconds = roundsOf(surplus, parallelism) * cordonWaitSeconds;
  const durationSeconds = outdated === 0 ? 0 : BOOT_SECONDS + rounds * perRound + surplusSeconds;
  const stateTransitions = outdated === 0 ? 3 : transitionsOf(outdated + surplus, durationSeconds, termination);
  return {
    durationSeconds,
    ...costOf(surge * durationSeconds, stateTransitions),
    assumptions: `${rounds} rounds of ${termination} s until the pods have left and ${cordonWaitSeconds} s after the cordon, ${BOOT_SECONDS} s for a boot, no pod blocked by a budget${surplusSeconds === 0 ? '' : `; then ${surplus === 1 ? '1 surge node that replaces' : `${surplus} surge nodes that replace`} none, ${cordonWaitSeconds} s each`}`,
  };
}
