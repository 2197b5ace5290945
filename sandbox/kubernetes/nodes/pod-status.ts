import { createHash } from 'node:crypto';
import type { Machine } from '../../world/machines.ts';
import { type Condition, withCondition } from '../conditions.ts';
import type { Container, Pod, PodStatus } from '../kinds/pod.ts';

/** A condition besides its type. */
type StandingCondition = Pick<Condition, 'status' | 'reason' | 'message'>;

const containersOf = ({ spec }: Pod) => spec.containers;

const containerIdOf = (pod: Pod, container: Container, restartCount: number) =>
  `containerd://${createHash('sha256').update(`${pod.metadata.uid}/${container.name}/${restartCount}`).digest('hex')}`;

const setConditions = (
  pod: Pod,
  at: string,
  states: Readonly<Record<string, StandingCondition>>,
): readonly Condition[] =>
  Object.entries(states).reduce<readonly Condition[]>(
    (conditions, [type, condition]) => withCondition(conditions, { ...condition, type }, at),
    pod.status?.conditions ?? [],
  );

const notReady = (pod: Pod): StandingCondition => ({
  status: 'False',
  reason: 'ContainersNotReady',
  message: `containers with unready status: [${containersOf(pod)
    .map(({ name }) => name)
    .join(' ')}]`,
});

const restartCountOf = (pod: Pod): number => pod.status?.containerStatuses?.[0]?.restartCount ?? 0;

/** Status once the kubelet has accepted a pod: `kubectl get` shows ContainerCreating. */
export const creatingStatus = (pod: Pod, machine: Machine, at: string): PodStatus => ({
  ...pod.status,
  phase: 'Pending',
  conditions: setConditions(pod, at, {
    PodReadyToStartContainers: { status: 'False' },
    Initialized: { status: 'True' },
    Ready: notReady(pod),
    ContainersReady: notReady(pod),
  }),
  hostIP: machine.privateIpAddress,
  hostIPs: [{ ip: machine.privateIpAddress }],
  startTime: at,
  containerStatuses: containersOf(pod).map(({ name, image }) => ({
    name,
    image,
    imageID: '',
    ready: false,
    restartCount: 0,
    started: false,
    state: { waiting: { reason: 'ContainerCreating' } },
  })),
});

/** Status of a pod whose containers all run and answer their probes. */
export const runningStatus = (pod: Pod, machine: Machine, podIp: string, at: string): PodStatus => ({
  ...pod.status,
  phase: 'Running',
  conditions: setConditions(pod, at, {
    PodReadyToStartContainers: { status: 'True' },
    Initialized: { status: 'True' },
    Ready: { status: 'True' },
    ContainersReady: { status: 'True' },
  }),
  hostIP: machine.privateIpAddress,
  hostIPs: [{ ip: machine.privateIpAddress }],
  podIP: podIp,
  podIPs: [{ ip: podIp }],
  startTime: pod.status?.startTime ?? at,
  containerStatuses: containersOf(pod).map((container) => ({
    name: container.name,
    image: container.image,
    imageID: container.image,
    containerID: containerIdOf(pod, container, 0),
    ready: true,
    restartCount: 0,
    started: true,
    state: { running: { startedAt: at } },
  })),
});

/** Status of a pod whose containers crashed and wait to be restarted. */
export const crashedStatus = (
  pod: Pod,
  machine: Machine,
  podIp: string,
  restartCount: number,
  at: string,
): PodStatus => ({
  ...runningStatus(pod, machine, podIp, at),
  conditions: setConditions(pod, at, {
    PodReadyToStartContainers: { status: 'True' },
    Initialized: { status: 'True' },
    Ready: notReady(pod),
    ContainersReady: notReady(pod),
  }),
  containerStatuses: containersOf(pod).map((container) => ({
    name: container.name,
    image: container.image,
    imageID: container.image,
    containerID: containerIdOf(pod, container, restartCount),
    ready: false,
    restartCount,
    started: false,
    state: {
      waiting: {
        reason: 'CrashLoopBackOff',
        message: `back-off restarting failed container=${container.name} pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`,
      },
    },
    lastState: {
      terminated: {
        exitCode: 1,
        reason: 'Error',
        startedAt: at,
        finishedAt: at,
        containerID: containerIdOf(pod, container, restartCount),
      },
    },
  })),
});

/** Status of a pod whose containers have ended for good: `Succeeded` by themselves, `Failed` because they were stopped. */
export const endedStatus = (pod: Pod, phase: 'Succeeded' | 'Failed', at: string): PodStatus => {
  const reason = phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed';
  const startedAt = pod.status?.startTime ?? at;
  return {
    ...pod.status,
    phase,
    conditions: setConditions(pod, at, {
      PodReadyToStartContainers: { status: 'False' },
      Initialized: { status: 'True', ...(phase === 'Succeeded' ? { reason } : {}) },
      Ready: { status: 'False', reason },
      ContainersReady: { status: 'False', reason },
    }),
    containerStatuses: containersOf(pod).map((container) => ({
      name: container.name,
      image: container.image,
      imageID: container.image,
      containerID: containerIdOf(pod, container, restartCountOf(pod)),
      ready: false,
      restartCount: restartCountOf(pod),
      started: false,
      state: {
        terminated: {
          exitCode: phase === 'Succeeded' ? 0 : 143,
          reason: phase === 'Succeeded' ? 'Completed' : 'Error',
          startedAt,
          finishedAt: at,
        },
      },
    })),
  };
};
