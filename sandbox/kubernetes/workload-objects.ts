import type { Workload } from '../world/scenario.ts';
import { qosClassOf, withPodDefaults } from './controllers/pod-defaults.ts';
import { CONTROLLERS, type NamedObject } from './workload-controllers.ts';
import { labelsOf, selectorOf, templateOf } from './workload-template.ts';

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
  const controller = CONTROLLERS[workload.kind](workload);
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
 * @param others namespaces besides those of the workloads
 * @throws Error when two workloads of a kind share a name and namespace
 */
export function initialObjects(workloads: readonly Workload[], others: readonly string[] = []): NamedObject[] {
  const namespaces = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease', ...others]);
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
