import type { Kinds, ResourceName } from './kinds/kinds.ts';
import type { Pod } from './kinds/pod.ts';
import type { KubernetesObject, NewObject } from './objects.ts';

/** One change of an object of a resource. */
interface Change<Resource extends ResourceName, Kind extends KubernetesObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: Resource;
  readonly object: Kind;
  /** Absent for ADDED. */
  readonly previous?: Kind | undefined;
  readonly resourceVersion: number;
}

/** One change, as watchers and controllers see it: the resource says what kind the object is. */
export type StoreEvent = { [Resource in ResourceName]: Change<Resource, Kinds[Resource]> }[ResourceName];

/**
 * The cluster's objects, in memory, by plural resource name.
 *
 * Objects are immutable: every write stores a new one and bumps the cluster-wide resourceVersion, so a reader may keep
 * what it got. Controllers use this directly; clients come through the API server.
 */
export interface ObjectStore {
  get<Resource extends ResourceName>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Kinds[Resource] | undefined;
  /** All of a resource, in namespace/name order as etcd lists them. */
  list<Resource extends ResourceName>(resource: Resource): readonly Kinds[Resource][];
  /** Pods bound to a node; an index, not a scan. */
  podsOnNode(nodeName: string): readonly Pod[];
  /** Objects of a resource whose controller owner has this uid; an index, not a scan. */
  ownedBy<Resource extends ResourceName>(resource: Resource, uid: string): readonly Kinds[Resource][];
  /** @throws Error when the name is taken: the API server checks first */
  create<Resource extends ResourceName>(resource: Resource, object: NewObject<Kinds[Resource]>): Kinds[Resource];
  /** Store a changed object; generation is bumped when `spec` changed. `undefined` when it is gone or nothing changed. */
  change<Resource extends ResourceName>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    edit: (object: Kinds[Resource]) => Kinds[Resource],
  ): Kinds[Resource] | undefined;
  /** Delete for good, at once, whatever its finalizers: graceful deletion is the API server's and kubelet's business. */
  remove<Resource extends ResourceName>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Kinds[Resource] | undefined;
  /** Called synchronously after each change; a listener must not write, it schedules. Returns the unsubscriber. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
  /** Latest resourceVersion. */
  resourceVersion(): number;
  /** Changes after a version, oldest first; `undefined` when they are no longer kept (410 Gone). */
  eventsSince(resource: ResourceName, resourceVersion: number): readonly StoreEvent[] | undefined;
}
