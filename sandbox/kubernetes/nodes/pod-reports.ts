import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Pod, PodStatus } from '../kinds/pod.ts';
import { splitKey } from '../object-keys.ts';
import { nodeNameOf } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import type { PodRun } from './pod-run.ts';

/** What kubelets write into the store about their pods. */
export interface PodReports {
  /** The pod of a run; undefined when it is gone, or another one has its name. */
  podOf(run: PodRun): Pod | undefined;
  /** @returns the changed pod; undefined when it is gone */
  writeStatus(run: PodRun, status: (pod: Pod, at: string) => PodStatus): Pod | undefined;
  recordEvent(pod: Pod, reason: string, message: string, type?: 'Normal' | 'Warning'): void;
}

export function createPodReports({
  clock,
  store,
  events,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
}): PodReports {
  const podOf = (run: PodRun) => {
    const [namespace, name] = splitKey(run.key);
    const pod = store.get('pods', namespace, name);
    return pod?.metadata.uid === run.uid ? pod : undefined;
  };

  return {
    podOf,
    writeStatus(run, status) {
      const pod = podOf(run);
      if (pod === undefined) return undefined;
      return store.change('pods', pod.metadata.namespace, pod.metadata.name, (current) => ({
        ...current,
        status: status(current, isoSeconds(clock.now())),
      }));
    },
    recordEvent(pod, reason, message, type = 'Normal') {
      const host = nodeNameOf(pod);
      events.record(pod, { type, reason, message, component: 'kubelet', ...(host === undefined ? {} : { host }) });
    },
  };
}
