import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import { type Condition, withCondition } from '../conditions.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Pod } from '../kinds/pod.ts';
import type { ObjectStore } from '../store.ts';
import type { NodeRoom } from './node-room.ts';

/** What the scheduler writes down about a pod. */
export interface SchedulingOutcome {
  bind(pod: Pod, room: NodeRoom): void;
  reportUnschedulable(pod: Pod, message: string): void;
}

/** Create what writes the outcome of scheduling: in the pod, and as an Event. */
export function createSchedulingOutcome({
  clock,
  store,
  events,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
}): SchedulingOutcome {
  const withScheduled = (pod: Pod, condition: Pick<Condition, 'status' | 'reason' | 'message'>): Pod => ({
    ...pod,
    status: {
      ...pod.status,
      conditions: withCondition(
        pod.status?.conditions,
        { ...condition, type: 'PodScheduled' },
        isoSeconds(clock.now()),
      ),
    },
  });

  return {
    bind(pod, room) {
      const { namespace, name } = pod.metadata;
      store.change('pods', namespace, name, (current) => ({
        ...withScheduled(current, { status: 'True' }),
        spec: { ...current.spec, nodeName: room.name },
      }));
      events.record(pod, {
        reason: 'Scheduled',
        message: `Successfully assigned ${namespace}/${name} to ${room.name}`,
        component: 'default-scheduler',
      });
    },
    reportUnschedulable(pod, message) {
      const { namespace, name } = pod.metadata;
      store.change('pods', namespace, name, (current) =>
        withScheduled(current, { status: 'False', reason: 'Unschedulable', message }),
      );
      events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: 'default-scheduler' });
    },
  };
}
