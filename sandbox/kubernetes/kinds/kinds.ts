import type { KubernetesObject } from '../objects.ts';
import type { ConfigMap, Secret, ServiceAccount } from './configuration.ts';
import type { PodDisruptionBudget } from './disruption-budget.ts';
import type { Event } from './event.ts';
import type { Lease } from './lease.ts';
import type { Namespace } from './namespace.ts';
import type { Node } from './node.ts';
import type { PlainKinds } from './plain.ts';
import type { Pod } from './pod.ts';
import type { Service } from './service.ts';
import type { CsiNode, PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttachment } from './storage.ts';
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from './workloads.ts';

/**
 * The kind of object behind each resource, by its plural name.
 *
 * The API server stores what clients send once it has validated it; the types name the fields that the sandbox reads and
 * writes. A resource without such fields is a plain
 * object; so is an object whose resource is only known at run time.
 */
export interface Kinds extends PlainKinds {
  readonly configmaps: ConfigMap;
  readonly cronjobs: CronJob;
  readonly csinodes: CsiNode;
  readonly daemonsets: DaemonSet;
  readonly deployments: Deployment;
  readonly endpoints: KubernetesObject;
  readonly events: Event;
  readonly jobs: Job;
  readonly leases: Lease;
  readonly namespaces: Namespace;
  readonly nodes: Node;
  readonly persistentvolumeclaims: PersistentVolumeClaim;
  readonly persistentvolumes: PersistentVolume;
  readonly poddisruptionbudgets: PodDisruptionBudget;
  readonly pods: Pod;
  readonly replicasets: ReplicaSet;
  readonly replicationcontrollers: ReplicationController;
  readonly secrets: Secret;
  readonly selfsubjectaccessreviews: KubernetesObject;
  readonly selfsubjectreviews: KubernetesObject;
  readonly selfsubjectrulesreviews: KubernetesObject;
  readonly serviceaccounts: ServiceAccount;
  readonly services: Service;
  readonly statefulsets: StatefulSet;
  readonly storageclasses: StorageClass;
  readonly subjectaccessreviews: KubernetesObject;
  readonly volumeattachments: VolumeAttachment;
  /** Custom resources, as `PLURAL.GROUP`: several groups may have resources of one name. */
  readonly [custom: `${string}.${string}`]: KubernetesObject;
}

/** Plural name of a resource. */
export type ResourceName = keyof Kinds;
