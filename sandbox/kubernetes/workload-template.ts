import type { Workload } from '../world/scenario.ts';
import type { PodTemplate } from './kinds/pod.ts';
import { behaviourAnnotations } from './nodes/container-behaviour.ts';
import { HOST_LABEL, ZONE_LABEL } from './scheduling/node-room.ts';

/** What selects the pods of a workload. */
export const selectorOf = (workload: Workload) => ({ matchLabels: { app: workload.name } });

/** Labels of everything that belongs to a workload. */
export const labelsOf = (workload: Workload) => ({ app: workload.name, ...workload.labels });

/** Build the pod template of a workload. */
export function templateOf(workload: Workload): PodTemplate {
  const labelSelector = selectorOf(workload);
  const { spread, antiAffinity, emptyDir, tolerations, nodeSelector } = workload;
  return {
    metadata: {
      labels: labelsOf(workload),
      annotations: behaviourAnnotations(workload),
      ...(workload.finalizer === undefined ? {} : { finalizers: [workload.finalizer] }),
    },
    spec: {
      containers: [
        {
          name: workload.name,
          image: `${workload.name}:1.0`,
          imagePullPolicy: 'IfNotPresent',
          resources: { requests: { cpu: workload.cpu, memory: workload.memory } },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          ...(emptyDir ? { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] } : {}),
        },
      ],
      terminationGracePeriodSeconds: workload.terminationGracePeriodSeconds,
      ...(workload.kind === 'Job' ? { restartPolicy: 'Never' } : {}),
      ...(tolerations.length > 0 ? { tolerations } : {}),
      ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
      ...(emptyDir ? { volumes: [{ name: 'scratch', emptyDir: {} }] } : {}),
      ...(spread === 'none'
        ? {}
        : {
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: spread === 'zone' ? ZONE_LABEL : HOST_LABEL,
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector,
              },
            ],
          }),
      ...(antiAffinity === 'none'
        ? {}
        : {
            affinity: {
              podAntiAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector, topologyKey: HOST_LABEL }],
              },
            },
          }),
    },
  };
}
