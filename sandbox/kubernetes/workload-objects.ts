import type { Workload } from '../world/scenario.ts';
import { applyDefaults } from './api/defaults.ts';
import { qosClassOf, withPodDefaults } from './controllers/pod-defaults.ts';
import type { PodTemplate } from './controllers/pod-template.ts';
import { behaviourAnnotations } from './nodes/container-behaviour.ts';
import type { KubernetesObject } from './objects.ts';
import { HOST_LABEL, ZONE_LABEL } from './scheduling/node-room.ts';
import type { NewObject } from './store.ts';

/** An object with the plural name of its resource. */
export interface NamedObject {
  readonly resource: string;
  readonly object: NewObject;
}

const selectorOf = (workload: Workload) => ({ matchLabels: { app: workload.name } });

const labelsOf = (workload: Workload) => ({ app: workload.name, ...workload.labels });

function templateOf(workload: Workload): PodTemplate {
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

/** The specs that differ by kind; the rest is the same for every controller. */
const CONTROLLERS: Readonly<
  Record<
    Exclude<Workload['kind'], 'Pod'>,
    { resource: string; apiVersion: string; spec(workload: Workload): Readonly<Record<string, unknown>> }
  >
> = {
  Deployment: {
    resource: 'deployments',
    apiVersion: 'apps/v1',
    spec: (workload) => ({
      replicas: workload.replicas,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      selector: selectorOf(workload),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    }),
  },
  StatefulSet: {
    resource: 'statefulsets',
    apiVersion: 'apps/v1',
    spec: (workload) => ({
      replicas: workload.replicas,
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      selector: selectorOf(workload),
      serviceName: workload.name,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...(workload.volumeClaim
        ? {
            volumeClaimTemplates: [
              {
                apiVersion: 'v1',
                kind: 'PersistentVolumeClaim',
                metadata: { name: 'data' },
                spec: {
                  accessModes: ['ReadWriteOnce'],
                  resources: { requests: { storage: '10Gi' } },
                  storageClassName: 'gp3',
                },
              },
            ],
          }
        : {}),
    }),
  },
  DaemonSet: {
    resource: 'daemonsets',
    apiVersion: 'apps/v1',
    spec: (workload) => ({
      revisionHistoryLimit: 10,
      selector: selectorOf(workload),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    }),
  },
  Job: {
    resource: 'jobs',
    apiVersion: 'batch/v1',
    spec: (workload) => ({
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      completions: workload.replicas,
      parallelism: workload.replicas,
      selector: selectorOf(workload),
      suspend: false,
    }),
  },
};

function barePodsOf(workload: Workload): NamedObject[] {
  const { metadata, spec } = templateOf(workload);
  const completed = withPodDefaults(spec);
  return Array.from({ length: workload.replicas }, (_, index) => ({
    resource: 'pods',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${workload.name}-${index}`, namespace: workload.namespace, ...metadata },
      spec: completed,
      status: { phase: 'Pending', qosClass: qosClassOf(completed) },
    },
  }));
}

function serviceOf(workload: Workload, clusterIp: string): NamedObject {
  return {
    resource: 'services',
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: workload.name, namespace: workload.namespace, labels: labelsOf(workload) },
      spec: {
        clusterIP: clusterIp,
        clusterIPs: [clusterIp],
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
        selector: { app: workload.name },
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
      status: { loadBalancer: {} },
    },
  };
}

function budgetsOf(workload: Workload): NamedObject[] {
  const budgets = [...(workload.budget === undefined ? [] : [workload.budget]), ...workload.budgets];
  return budgets.map(({ name, ...spec }, index) => ({
    resource: 'poddisruptionbudgets',
    object: {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: {
        name: name ?? (index === 0 ? workload.name : `${workload.name}-${index + 1}`),
        namespace: workload.namespace,
      },
      spec: { ...spec, selector: selectorOf(workload) },
      status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
    },
  }));
}

/** Build a workload's objects: its controller or bare pods, its Service, its budgets. */
function objectsOfWorkload(workload: Workload, nextClusterIp: () => string): NamedObject[] {
  const budgets = budgetsOf(workload);
  if (workload.kind === 'Pod') return [...budgets, ...barePodsOf(workload)];
  const { resource, apiVersion, spec } = CONTROLLERS[workload.kind];
  const given: NewObject = {
    apiVersion,
    kind: workload.kind,
    metadata: { name: workload.name, namespace: workload.namespace, labels: labelsOf(workload) },
    spec: { ...spec(workload), template: templateOf(workload) },
    status: {},
  };
  // Complete from the start: a default that came with a later update would be a new template, and start a rollout.
  const controller: NamedObject = { resource, object: applyDefaults(resource, given as KubernetesObject) };
  const services =
    workload.kind === 'Deployment'
      ? [serviceOf(workload, nextClusterIp())]
      : workload.kind === 'StatefulSet'
        ? [serviceOf(workload, 'None')]
        : [];
  return [...services, ...budgets, controller];
}

const namespaceObject = (name: string): NamedObject => ({
  resource: 'namespaces',
  object: {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  },
});

const storageClassObject: NamedObject = {
  resource: 'storageclasses',
  object: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'gp3', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    parameters: { type: 'gp3' },
    provisioner: 'ebs.csi.aws.com',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
};

const kubernetesService: NamedObject = {
  resource: 'services',
  object: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP: '172.20.0.1',
      clusterIPs: ['172.20.0.1'],
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 443 }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
    },
    status: { loadBalancer: {} },
  },
};

/**
 * Build every object that a cluster starts with, besides nodes and what controllers create.
 *
 * @throws Error when two workloads of a kind share a name and namespace
 */
export function initialObjects(workloads: readonly Workload[]): NamedObject[] {
  const namespaces = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);
  for (const { namespace } of workloads) namespaces.add(namespace);
  let services = 1;
  const nextClusterIp = () => {
    services += 1;
    return `172.20.${(services >> 8) & 0xff}.${services & 0xff}`;
  };
  return [
    ...[...namespaces].map(namespaceObject),
    storageClassObject,
    kubernetesService,
    ...workloads.flatMap((workload) => objectsOfWorkload(workload, nextClusterIp)),
  ];
}
