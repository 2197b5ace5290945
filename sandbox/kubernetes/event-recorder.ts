import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import type { KubernetesObject } from './objects.ts';
import type { ObjectStore } from './store.ts';

/** Writes the Events that `kubectl describe` shows. */
export interface EventRecorder {
  record(object: KubernetesObject, event: ClusterEvent): void;
}

export interface ClusterEvent {
  readonly type?: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The component that reports it, e.g. `kubelet`. */
  readonly component: string;
  /** The node whose kubelet reports it. */
  readonly host?: string;
}

/** Older Events are dropped, as a real cluster drops them after an hour. */
const KEPT_EVENTS = 2_000;
/** Normal Events of pods are rationed a simulated minute, so that a huge world does not spend its time on them. */
const POD_EVENTS_PER_MINUTE = 300;

/** Create the recorder; a Warning that repeats is counted up, not stored again. */
export function createEventRecorder({
  clock,
  store,
  random,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  random: Random;
}): EventRecorder {
  const kept: { namespace: string; name: string; repeatKey: string }[] = [];
  const repeats = new Map<string, { namespace: string; name: string }>();
  let oldest = 0;
  let minute = -1;
  let recordedThisMinute = 0;

  const isRationed = () => {
    const currentMinute = Math.floor(clock.now() / 60_000);
    if (currentMinute !== minute) {
      minute = currentMinute;
      recordedThisMinute = 0;
    }
    recordedThisMinute += 1;
    return recordedThisMinute > POD_EVENTS_PER_MINUTE;
  };

  const dropOldest = () => {
    const dropped = kept[oldest];
    if (dropped === undefined) return;
    oldest += 1;
    store.remove('events', dropped.namespace, dropped.name);
    repeats.delete(dropped.repeatKey);
    if (oldest === KEPT_EVENTS) {
      kept.splice(0, oldest);
      oldest = 0;
    }
  };

  return {
    record(object, { type = 'Normal', reason, message, component, host }) {
      if (object.kind === 'Pod' && type === 'Normal' && isRationed()) return;
      const at = isoSeconds(clock.now());
      const repeatKey = `${object.metadata.uid} ${reason} ${message}`;
      const earlier = repeats.get(repeatKey);
      if (earlier !== undefined) {
        const repeated = store.change('events', earlier.namespace, earlier.name, (event) => ({
          ...event,
          count: (event.count ?? 0) + 1,
          lastTimestamp: at,
        }));
        if (repeated !== undefined) return;
      }
      const namespace = object.metadata.namespace ?? 'default';
      const name = `${object.metadata.name}.${random.hex(16)}`;
      store.create('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: {
          apiVersion: object.apiVersion,
          kind: object.kind,
          name: object.metadata.name,
          ...(object.metadata.namespace === undefined ? {} : { namespace }),
          uid: object.metadata.uid,
          resourceVersion: object.metadata.resourceVersion,
        },
        type,
        reason,
        message,
        count: 1,
        firstTimestamp: at,
        lastTimestamp: at,
        eventTime: null,
        source: { component, ...(host === undefined ? {} : { host }) },
        reportingComponent: component,
        reportingInstance: host ?? '',
      });
      kept.push({ namespace, name, repeatKey });
      if (type === 'Warning') repeats.set(repeatKey, { namespace, name });
      if (kept.length - oldest > KEPT_EVENTS) dropOldest();
    },
  };
}
