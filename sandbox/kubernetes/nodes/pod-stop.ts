import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import { removePod } from '../graceful-deletion.ts';
import type { Pod } from '../kinds/pod.ts';
import { isFinished } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { behaviourOf } from './container-behaviour.ts';
import type { PodReports } from './pod-reports.ts';
import type { PodRun } from './pod-run.ts';
import { endedStatus } from './pod-status.ts';

const DEFAULT_GRACE_SECONDS = 30;

/** Create what kubelets do to stop the containers of a deleted pod, and then to remove the pod. */
export function createPodStop({
  clock,
  store,
  reports,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  reports: PodReports;
}): {
  /** Stop within the grace period; a shorter one than before replaces it. */
  begin(run: PodRun, pod: Pod): void;
  /** Remove the pod; one with finalizers stays without grace, its containers ended. */
  finish(run: PodRun): void;
} {
  const finish = (run: PodRun) => {
    run.stage = 'stopped';
    const pod = reports.podOf(run);
    if (pod === undefined) return;
    const { namespace, name, finalizers = [] } = pod.metadata;
    if (finalizers.length === 0) {
      removePod({ store, clock }, pod);
      return;
    }
    store.change('pods', namespace, name, (current) => ({
      ...current,
      metadata: { ...current.metadata, deletionGracePeriodSeconds: 0 },
      status: isFinished(current) ? current.status : endedStatus(current, 'Failed', isoSeconds(clock.now())),
    }));
  };

  const begin = (run: PodRun, pod: Pod) => {
    const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    const seconds = isFinished(pod) ? 0 : Math.min(behaviourOf(pod).terminationSeconds, graceSeconds);
    const stopsAt = clock.now() + seconds * 1000;
    if (stopsAt >= run.stopsAt) return;
    if (run.stage !== 'stopping') {
      for (const { name } of pod.spec.containers ?? [])
        reports.recordEvent(pod, 'Killing', `Stopping container ${name}`);
    }
    run.timer?.cancel();
    run.stage = 'stopping';
    run.stopsAt = stopsAt;
    run.timer = clock.after(seconds, () => finish(run));
  };

  return { begin, finish };
}
