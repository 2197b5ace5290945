import type { KubernetesObject } from './objects.ts';

/** One change, as watchers and controllers see it. `previous` is absent for ADDED. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Plural resource name, e.g. `pods`, `poddisruptionbudgets`. */
  readonly resource: string;
  readonly object: KubernetesObject;
  readonly previous?: KubernetesObject;
  readonly resourceVersion: number;
}

/** What controllers hand in: the store adds uid, resourceVersion, creationTimestamp and generation. */
export type NewObject = Omit<KubernetesObject, 'metadata'> & {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
};

/**
 * The cluster's objects, in memory, by plural resource name.
 *
 * Objects are immutable: every write stores a new one and bumps the cluster-wide resourceVersion, so a reader may keep
 * what it got. Controllers use this directly; clients come through the API server.
 */
export interface ObjectStore {
  get(resource: string, namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** All of a resource, in namespace/name order as etcd lists them. */
  list(resource: string): readonly KubernetesObject[];
  /** Pods bound to a node; an index, not a scan. */
  podsOnNode(nodeName: string): readonly KubernetesObject[];
  /** Objects of a resource whose controller owner has this uid; an index, not a scan. */
  ownedBy(resource: string, uid: string): readonly KubernetesObject[];
  /** @throws Error when the name is taken: the API server checks first */
  create(resource: string, object: NewObject): KubernetesObject;
  /** Store a changed object; generation is bumped when `spec` changed. `undefined` when it is gone or nothing changed. */
  change(
    resource: string,
    namespace: string | undefined,
    name: string,
    edit: (object: KubernetesObject) => KubernetesObject,
  ): KubernetesObject | undefined;
  /** Delete for good, at once, whatever its finalizers: graceful deletion is the API server's and kubelet's business. */
  remove(resource: string, namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** Called synchronously after each change; a listener must not write, it schedules. Returns the unsubscriber. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
  /** Latest resourceVersion. */
  resourceVersion(): number;
  /** Changes after a version, oldest first; `undefined` when they are no longer kept (410 Gone). */
  eventsSince(resource: string, resourceVersion: number): readonly StoreEvent[] | undefined;
}
