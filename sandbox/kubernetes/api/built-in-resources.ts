import { PLAIN_RESOURCES } from './plain-resources.ts';
import { inGroup, type ResourceDefinition } from './resources.ts';

const core = inGroup('', 'v1');
const apps = inGroup('apps', 'v1');
const batch = inGroup('batch', 'v1');
const storage = inGroup('storage.k8s.io', 'v1');
const authorization = inGroup('authorization.k8s.io', 'v1');
const clusterScoped = { isNamespaced: false };
const review = { isReview: true, isNamespaced: false };
const all = { categories: ['all'] };

/** The resource of pods. */
export const PODS = core('pods', 'Pod', 'Pod is a collection of containers that can run on a host.', {
  ...all,
  shortNames: ['po'],
  subresources: ['binding', 'eviction', 'log', 'status'],
});

/** Every resource that the API server has of its own. */
export const BUILT_IN_RESOURCES: readonly ResourceDefinition[] = [
  core('configmaps', 'ConfigMap', 'ConfigMap holds configuration data for pods to consume.', { shortNames: ['cm'] }),
  core('endpoints', 'Endpoints', 'Endpoints is a collection of endpoints that implement the actual service.', {
    shortNames: ['ep'],
    isCreatedByPut: true,
  }),
  core('events', 'Event', 'Event is a report of an event somewhere in the cluster.', {
    shortNames: ['ev'],
    isCreatedByPut: true,
  }),
  core('namespaces', 'Namespace', 'Namespace provides a scope for Names.', {
    ...clusterScoped,
    shortNames: ['ns'],
    subresources: ['status'],
  }),
  core('nodes', 'Node', 'Node is a worker node in Kubernetes.', {
    ...clusterScoped,
    shortNames: ['no'],
    subresources: ['status'],
  }),
  core(
    'persistentvolumeclaims',
    'PersistentVolumeClaim',
    "PersistentVolumeClaim is a user's request for and claim to a persistent volume.",
    { shortNames: ['pvc'], subresources: ['status'] },
  ),
  core(
    'persistentvolumes',
    'PersistentVolume',
    'PersistentVolume is a storage resource provisioned by an administrator.',
    {
      ...clusterScoped,
      shortNames: ['pv'],
      subresources: ['status'],
    },
  ),
  PODS,
  core(
    'replicationcontrollers',
    'ReplicationController',
    'ReplicationController represents the configuration of a replication controller.',
    { ...all, shortNames: ['rc'], subresources: ['scale', 'status'] },
  ),
  core('secrets', 'Secret', 'Secret holds secret data of a certain type.'),
  core('serviceaccounts', 'ServiceAccount', 'ServiceAccount binds together an identity and its secrets.', {
    shortNames: ['sa'],
  }),
  core('services', 'Service', 'Service is a named abstraction of software service.', {
    ...all,
    shortNames: ['svc'],
    subresources: ['status'],
  }),
  apps('daemonsets', 'DaemonSet', 'DaemonSet represents the configuration of a daemon set.', {
    ...all,
    shortNames: ['ds'],
    subresources: ['status'],
  }),
  apps('deployments', 'Deployment', 'Deployment enables declarative updates for Pods and ReplicaSets.', {
    ...all,
    shortNames: ['deploy'],
    subresources: ['scale', 'status'],
  }),
  apps('replicasets', 'ReplicaSet', 'ReplicaSet ensures that a specified number of pod replicas are running.', {
    ...all,
    shortNames: ['rs'],
    subresources: ['scale', 'status'],
  }),
  apps('statefulsets', 'StatefulSet', 'StatefulSet represents a set of pods with consistent identities.', {
    ...all,
    shortNames: ['sts'],
    subresources: ['scale', 'status'],
  }),
  batch('cronjobs', 'CronJob', 'CronJob represents the configuration of a single cron job.', {
    ...all,
    shortNames: ['cj'],
    subresources: ['status'],
  }),
  batch('jobs', 'Job', 'Job represents the configuration of a single job.', { ...all, subresources: ['status'] }),
  inGroup('policy', 'v1')(
    'poddisruptionbudgets',
    'PodDisruptionBudget',
    'PodDisruptionBudget defines the max disruption that can be caused to a collection of pods.',
    { shortNames: ['pdb'], subresources: ['status'], needsVersionForPut: true },
  ),
  inGroup('coordination.k8s.io', 'v1')('leases', 'Lease', 'Lease defines a lease concept.', {
    isCreatedByPut: true,
    needsVersionForPut: true,
  }),
  storage('csinodes', 'CSINode', 'CSINode holds information about all CSI drivers installed on a node.', {
    ...clusterScoped,
    needsVersionForPut: true,
  }),
  storage('storageclasses', 'StorageClass', 'StorageClass describes the parameters for a class of storage.', {
    ...clusterScoped,
    shortNames: ['sc'],
  }),
  storage(
    'volumeattachments',
    'VolumeAttachment',
    'VolumeAttachment captures the intent to attach or detach a volume to or from a node.',
    { ...clusterScoped, subresources: ['status'], needsVersionForPut: true },
  ),
  inGroup('events.k8s.io', 'v1')('events', 'Event', 'Event is a report of an event somewhere in the cluster.', {
    shortNames: ['ev'],
    isCreatedByPut: true,
  }),
  inGroup('authentication.k8s.io', 'v1')(
    'selfsubjectreviews',
    'SelfSubjectReview',
    'SelfSubjectReview contains the user information that the server has about the caller.',
    review,
  ),
  authorization(
    'selfsubjectaccessreviews',
    'SelfSubjectAccessReview',
    'SelfSubjectAccessReview checks whether the current user can perform an action.',
    review,
  ),
  authorization(
    'selfsubjectrulesreviews',
    'SelfSubjectRulesReview',
    'SelfSubjectRulesReview enumerates the actions the current user can perform within a namespace.',
    review,
  ),
  authorization(
    'subjectaccessreviews',
    'SubjectAccessReview',
    'SubjectAccessReview checks whether a user or group can perform an action.',
    review,
  ),
  ...PLAIN_RESOURCES,
];
