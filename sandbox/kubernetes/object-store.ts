import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import { isEqualJson } from './equality.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import { createObjectIndex, type ObjectIndex } from './object-index.ts';
import type { KubernetesObject, ObjectMeta } from './objects.ts';
import { createSortedObjects, objectKey, type SortedObjects } from './sorted-objects.ts';
import type { ObjectStore, StoreEvent } from './store.ts';

/** What `createObjectStore` needs. */
export interface ObjectStoreOptions {
  readonly clock: Pick<SandboxClock, 'now'>;
  readonly random: Random;
  /** Changes of each resource that are kept for watches; older versions are 410 Gone. */
  readonly keptEvents?: number;
}

/** Resources whose spec has a generation; the others never show one. */
const RESOURCES_WITH_GENERATION = new Set([
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'replicationcontrollers',
  'jobs',
  'cronjobs',
  'poddisruptionbudgets',
]);

/** One resource's objects, its index by controller and its recent changes. */
interface ResourceShelf {
  readonly objects: SortedObjects;
  readonly byController: ObjectIndex;
  readonly log: EventLog;
}

const controllerUid = (object: KubernetesObject) =>
  object.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid;

/**
 * Create an empty object store.
 *
 * `uid` and `creationTimestamp` given by the creator are kept, so that a scenario can hold objects older than itself.
 */
export function createObjectStore({ clock, random, keptEvents = 20_000 }: ObjectStoreOptions): ObjectStore {
  const uids = random.fork('uid');
  const shelves = new Map<string, ResourceShelf>();
  const podsByNode = createObjectIndex((pod) => pod.spec?.nodeName || undefined);
  const listeners = new Set<(event: StoreEvent) => void>();
  let latestVersion = 1;

  const shelf = (resource: string): ResourceShelf => {
    const known = shelves.get(resource);
    if (known !== undefined) return known;
    const created = {
      objects: createSortedObjects(),
      byController: createObjectIndex(controllerUid),
      log: createEventLog(keptEvents),
    };
    shelves.set(resource, created);
    return created;
  };

  const newUid = () => {
    const digits = uids.hex(32);
    const variant = '89ab'[Number.parseInt(digits.slice(16, 17), 16) % 4];
    return [
      digits.slice(0, 8),
      digits.slice(8, 12),
      `4${digits.slice(13, 16)}`,
      `${variant}${digits.slice(17, 20)}`,
      digits.slice(20),
    ].join('-');
  };

  const publish = (
    resource: string,
    key: string,
    before: KubernetesObject | undefined,
    after: KubernetesObject | undefined,
    event: StoreEvent,
  ) => {
    const { objects, byController, log } = shelf(resource);
    if (after === undefined) objects.delete(key);
    else objects.set(key, after);
    byController.move(key, before, after);
    if (resource === 'pods') podsByNode.move(key, before, after);
    log.append(event);
    for (const listener of [...listeners]) listener(event);
  };

  const get: ObjectStore['get'] = (resource, namespace, name) =>
    shelves.get(resource)?.objects.get(objectKey(namespace, name));

  return {
    get,
    list: (resource) => shelves.get(resource)?.objects.list() ?? [],
    podsOnNode: (nodeName) => podsByNode.list(nodeName),
    ownedBy: (resource, uid) => shelves.get(resource)?.byController.list(uid) ?? [],

    create(resource, given) {
      const { name, namespace } = given.metadata;
      if (get(resource, namespace, name) !== undefined) throw new Error(`${resource} "${name}" already exists`);
      latestVersion += 1;
      const metadata = {
        ...given.metadata,
        uid: given.metadata.uid ?? newUid(),
        resourceVersion: String(latestVersion),
        ...(RESOURCES_WITH_GENERATION.has(resource) ? { generation: given.metadata.generation ?? 1 } : {}),
        creationTimestamp: given.metadata.creationTimestamp ?? isoSeconds(clock.now()),
      } as ObjectMeta;
      const object = { ...given, metadata } as KubernetesObject;
      publish(resource, objectKey(namespace, name), undefined, object, {
        type: 'ADDED',
        resource,
        object,
        resourceVersion: latestVersion,
      });
      return object;
    },

    change(resource, namespace, name, edit) {
      const previous = get(resource, namespace, name);
      if (previous === undefined) return undefined;
      const edited = edit(previous);
      if (isEqualJson(edited, previous)) return undefined;
      latestVersion += 1;
      const isNewGeneration =
        RESOURCES_WITH_GENERATION.has(resource) &&
        edited.metadata.generation === previous.metadata.generation &&
        !isEqualJson(edited.spec, previous.spec);
      const object: KubernetesObject = {
        ...edited,
        metadata: {
          ...edited.metadata,
          resourceVersion: String(latestVersion),
          ...(isNewGeneration ? { generation: (previous.metadata.generation ?? 0) + 1 } : {}),
        },
      };
      publish(resource, objectKey(namespace, name), previous, object, {
        type: 'MODIFIED',
        resource,
        object,
        previous,
        resourceVersion: latestVersion,
      });
      return object;
    },

    remove(resource, namespace, name) {
      const previous = get(resource, namespace, name);
      if (previous === undefined) return undefined;
      latestVersion += 1;
      // As on the wire: the object's last state, under the version of its deletion.
      const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(latestVersion) } };
      publish(resource, objectKey(namespace, name), previous, undefined, {
        type: 'DELETED',
        resource,
        object,
        previous,
        resourceVersion: latestVersion,
      });
      return object;
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resourceVersion: () => latestVersion,
    eventsSince: (resource, resourceVersion) => {
      const log = shelves.get(resource)?.log;
      return log === undefined ? [] : log.since(resourceVersion);
    },
  };
}
