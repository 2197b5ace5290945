import { conditionOf } from '../conditions.ts';
import type { ContainerStatus, Pod } from '../kinds/pod.ts';

/** What `kubectl get pods` says of a pod. */
export interface PodSummary {
  readonly status: string;
  readonly readyContainers: number;
  readonly containers: number;
  readonly restarts: number;
  /** ISO-8601; when a container last restarted. */
  readonly lastRestartAt: string | undefined;
}

const terminatedReason = ({
  reason,
  exitCode,
  signal,
}: NonNullable<NonNullable<ContainerStatus['state']>['terminated']>) =>
  reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`);

const hasTrueCondition = (pod: Pod, type: string) => conditionOf(pod, type)?.status === 'True';

/** Status text while init containers are still at work; `undefined` when they are done. */
function initializingText(pod: Pod): string | undefined {
  const statuses = pod.status?.initContainerStatuses ?? [];
  const index = statuses.findIndex(({ state }) => state?.terminated?.exitCode !== 0);
  if (index < 0) return undefined;
  const state = statuses[index]?.state;
  if (state?.terminated !== undefined) return `Init:${terminatedReason(state.terminated)}`;
  if (state?.waiting?.reason !== undefined && state.waiting.reason !== 'PodInitializing')
    return `Init:${state.waiting.reason}`;
  return `Init:${index}/${pod.spec.initContainers?.length ?? statuses.length}`;
}

function containerText(pod: Pod, statuses: readonly ContainerStatus[], otherwise: string): string {
  // The first container has the last word.
  const told = statuses
    .map(({ state }) => state?.waiting?.reason ?? (state?.terminated && terminatedReason(state.terminated)))
    .find((text) => text !== undefined && text !== '');
  const isRunning = statuses.some(({ ready, state }) => ready === true && state?.running !== undefined);
  if (told === 'Completed' && isRunning) return hasTrueCondition(pod, 'Ready') ? 'Running' : 'NotReady';
  return told ?? otherwise;
}

/** Tell in a word how a pod is doing. */
function statusText(pod: Pod): string {
  const reason: string = pod.status?.reason || pod.status?.phase || 'Unknown';
  if (pod.metadata.deletionTimestamp !== undefined) return reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  if (conditionOf(pod, 'PodScheduled')?.reason === 'SchedulingGated') return 'SchedulingGated';
  const initializing = initializingText(pod);
  if (initializing !== undefined && !hasTrueCondition(pod, 'Initialized')) return initializing;
  return containerText(pod, pod.status?.containerStatuses ?? [], reason);
}

/**
 * Summarise a pod as `kubectl get pods` does.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go (printPod)
 */
export function summarisePod(pod: Pod): PodSummary {
  const statuses = pod.status?.containerStatuses ?? [];
  const restartInstants = statuses.map(({ lastState }) => lastState?.terminated?.finishedAt ?? '').sort();
  return {
    status: statusText(pod),
    readyContainers: statuses.filter(({ ready, state }) => ready === true && state?.running !== undefined).length,
    containers: pod.spec.containers.length,
    restarts: statuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    lastRestartAt: restartInstants.at(-1) || undefined,
  };
}
