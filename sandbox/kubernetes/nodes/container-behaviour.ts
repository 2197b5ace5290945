import type { Workload } from '../../world/scenario.ts';
import type { Pod } from '../kinds/pod.ts';

/** How the containers of a pod behave: there is no image to run, so it is written on the pod. */
export interface ContainerBehaviour {
  /** From being bound, with volumes attached, until Ready. */
  readonly startSeconds: number;
  /** How long the pod really takes to stop, at most its grace period. */
  readonly terminationSeconds: number;
  /** It succeeds after this long; absent: it never ends. */
  readonly runSeconds?: number;
  /** It crashes shortly after each start and never becomes Ready. */
  readonly crashes: boolean;
}

/** Annotations that anybody may put on a pod template, to try how an upgrade copes with such containers. */
const START_SECONDS = 'sandbox/start-seconds';
const TERMINATION_SECONDS = 'sandbox/termination-seconds';
const RUN_SECONDS = 'sandbox/run-seconds';
const CRASHES = 'sandbox/crashes';

/** Write a workload's behaviour as annotations of its pod template. */
export const behaviourAnnotations = (workload: Workload): Record<string, string> => ({
  [START_SECONDS]: String(workload.startSeconds),
  [TERMINATION_SECONDS]: String(workload.terminationSeconds),
  ...(workload.runSeconds === undefined ? {} : { [RUN_SECONDS]: String(workload.runSeconds) }),
  ...(workload.isReady ? {} : { [CRASHES]: 'true' }),
});

function secondsOf(text: string | undefined): number | undefined {
  const seconds = Number(text);
  return text === undefined || text === '' || !Number.isFinite(seconds) || seconds < 0 ? undefined : seconds;
}

/** Read a pod's behaviour; annotations that are absent or no number count as the default of a scenario. */
export function behaviourOf(pod: Pod): ContainerBehaviour {
  const annotations = pod.metadata.annotations ?? {};
  const runSeconds = secondsOf(annotations[RUN_SECONDS]);
  return {
    startSeconds: secondsOf(annotations[START_SECONDS]) ?? 5,
    terminationSeconds: secondsOf(annotations[TERMINATION_SECONDS]) ?? 5,
    ...(runSeconds === undefined ? {} : { runSeconds }),
    crashes: annotations[CRASHES] === 'true',
  };
}
