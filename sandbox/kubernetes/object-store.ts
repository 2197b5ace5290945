import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import { isEqualJson } from './equality.ts';
import type { Kinds, ResourceName } from './kinds/kinds.ts';
import { createObjectShelves } from './object-shelves.ts';
import { drawUid } from './object-uid.ts';
import type { KubernetesObject, NewObject, ObjectMeta } from './objects.ts';
import { objectKey } from './sorted-objects.ts';
import type { ObjectStore, StoreEvent } from './store.ts';

/** What `createObjectStore` needs. */
export interface ObjectStoreOptions {
  readonly clock: Pick<SandboxClock, 'now'>;
  readonly random: Random;
  /** Changes of each resource that are kept for watches; older versions are 410 Gone. */
  readonly keptEvents?: number;
}

/** Resources whose spec has a generation; the others never show one. */
const RESOURCES_WITH_GENERATION = new Set<ResourceName>([
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'replicationcontrollers',
  'jobs',
  'cronjobs',
  'poddisruptionbudgets',
  'customresourcedefinitions',
  'ingresses',
  'mutatingwebhookconfigurations',
  'networkpolicies',
  'validatingadmissionpolicies',
  'validatingwebhookconfigurations',
]);

/** Every custom resource has one; its name has its group. */
const hasGeneration = (resource: ResourceName) => RESOURCES_WITH_GENERATION.has(resource) || resource.includes('.');

/**
 * Create an empty object store.
 *
 * `uid` and `creationTimestamp` given by the creator are kept, so that a scenario can hold objects older than itself.
 */
export function createObjectStore({ clock, random, keptEvents = 20_000 }: ObjectStoreOptions): ObjectStore {
  const uids = random.fork('uid');
  const shelves = createObjectShelves(keptEvents);
  const listeners = new Set<(event: StoreEvent) => void>();
  let latestVersion = 1;

  const publish = <Resource extends ResourceName>(
    type: StoreEvent['type'],
    resource: Resource,
    object: Kinds[Resource],
    previous?: Kinds[Resource],
  ) => {
    const { namespace, name } = object.metadata;
    const event = {
      type,
      resource,
      object,
      ...(previous !== undefined && { previous }),
      resourceVersion: latestVersion,
    } as StoreEvent;
    const after = type === 'DELETED' ? undefined : object;
    shelves.put(resource, objectKey(namespace, name), previous, after, event);
    for (const listener of [...listeners]) listener(event);
    return object;
  };

  const get: ObjectStore['get'] = (resource, namespace, name) =>
    shelves.find(resource)?.objects.get(objectKey(namespace, name));

  return {
    get,
    list: (resource) => shelves.find(resource)?.objects.list() ?? [],
    podsOnNode: shelves.podsOnNode,
    ownedBy: (resource, uid) => shelves.find(resource)?.byController.list(uid) ?? [],

    create(resource, given) {
      const { name, namespace } = given.metadata;
      if (get(resource, namespace, name) !== undefined) throw new Error(`${resource} "${name}" already exists`);
      latestVersion += 1;
      const metadata: ObjectMeta = {
        ...given.metadata,
        uid: given.metadata.uid ?? drawUid(uids),
        resourceVersion: String(latestVersion),
        ...(hasGeneration(resource) ? { generation: given.metadata.generation ?? 1 } : {}),
        creationTimestamp: given.metadata.creationTimestamp ?? isoSeconds(clock.now()),
      };
      return publish('ADDED', resource, withMetadata(given, metadata));
    },

    change(resource, namespace, name, edit) {
      const previous = get(resource, namespace, name);
      if (previous === undefined) return undefined;
      const edited = edit(previous);
      if (isEqualJson(edited, previous)) return undefined;
      latestVersion += 1;
      const isNewGeneration =
        hasGeneration(resource) &&
        edited.metadata.generation === previous.metadata.generation &&
        !isEqualJson(edited.spec, previous.spec);
      const metadata = {
        ...edited.metadata,
        resourceVersion: String(latestVersion),
        ...(isNewGeneration ? { generation: (previous.metadata.generation ?? 0) + 1 } : {}),
      };
      return publish('MODIFIED', resource, { ...edited, metadata }, previous);
    },

    remove(resource, namespace, name) {
      const previous = get(resource, namespace, name);
      if (previous === undefined) return undefined;
      latestVersion += 1;
      // As on the wire: the object's last state, under the version of its deletion.
      const metadata = { ...previous.metadata, resourceVersion: String(latestVersion) };
      return publish('DELETED', resource, { ...previous, metadata }, previous);
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resourceVersion: () => latestVersion,
    eventsSince(resource, resourceVersion) {
      const log = shelves.find(resource)?.log;
      return log === undefined ? [] : log.since(resourceVersion);
    },
  };
}

/** Complete the metadata of an object. The compiler cannot infer the result for a generic kind, hence the cast. */
const withMetadata = <Kind extends KubernetesObject>(given: NewObject<Kind>, metadata: ObjectMeta): Kind =>
  ({ ...given, metadata }) as unknown as Kind;
