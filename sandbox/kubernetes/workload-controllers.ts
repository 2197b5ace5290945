import type { Workload } from '../world/scenario.ts';
import { applyDefaults } from './api/defaults.ts';
import type { Kinds, ResourceName } from './kinds/kinds.ts';
import type { NewObject } from './objects.ts';
import { labelsOf, selectorOf, templateOf } from './workload-template.ts';

/** An object with the plural name of its resource. */
export type NamedObject<Resource extends ResourceName = ResourceName> = {
  [Each in Resource]: { readonly resource: Each; readonly object: NewObject<Kinds[Each]> };
}[Resource];

/** A default that came with a later update would be a new template, and start a rollout: complete from the start. */
const complete = <Resource extends ResourceName>(
  resource: Resource,
  object: NewObject<Kinds[Resource]>,
): NamedObject<Resource> => ({ resource, object: applyDefaults(resource, object) });

const headOf = (workload: Workload, apiVersion: string) => ({
  apiVersion,
  kind: workload.kind,
  metadata: { name: workload.name, namespace: workload.namespace, labels: labelsOf(workload) },
});

const DATA_CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '10Gi' } },
    storageClassName: 'gp3',
  },
};

const deploymentOf = (workload: Workload) =>
  complete('deployments', {
    ...headOf(workload, 'apps/v1'),
    spec: {
      replicas: workload.replicas,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      selector: selectorOf(workload),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: templateOf(workload),
    },
    status: {},
  });

const statefulSetOf = (workload: Workload) =>
  complete('statefulsets', {
    ...headOf(workload, 'apps/v1'),
    spec: {
      replicas: workload.replicas,
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      selector: selectorOf(workload),
      serviceName: workload.name,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...(workload.volumeClaim ? { volumeClaimTemplates: [DATA_CLAIM] } : {}),
      template: templateOf(workload),
    },
    status: {},
  });

const daemonSetOf = (workload: Workload) =>
  complete('daemonsets', {
    ...headOf(workload, 'apps/v1'),
    spec: {
      revisionHistoryLimit: 10,
      selector: selectorOf(workload),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      template: templateOf(workload),
    },
    status: {},
  });

const jobOf = (workload: Workload) =>
  complete('jobs', {
    ...headOf(workload, 'batch/v1'),
    spec: {
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      completions: workload.replicas,
      parallelism: workload.replicas,
      selector: selectorOf(workload),
      suspend: false,
      template: templateOf(workload),
    },
    status: {},
  });

/** Builds the controller of a workload, for each kind that has one. */
export const CONTROLLERS: Readonly<Record<Exclude<Workload['kind'], 'Pod'>, (workload: Workload) => NamedObject>> = {
  Deployment: deploymentOf,
  StatefulSet: statefulSetOf,
  DaemonSet: daemonSetOf,
  Job: jobOf,
};
