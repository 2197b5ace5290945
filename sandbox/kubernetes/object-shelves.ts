import { createEventLog, type EventLog } from './event-log.ts';
import type { Kinds, ResourceName } from './kinds/kinds.ts';
import type { Pod } from './kinds/pod.ts';
import { createObjectIndex, type ObjectIndex } from './object-index.ts';
import { controllerOf } from './object-keys.ts';
import { nodeNameOf } from './pod-state.ts';
import { createSortedObjects, type SortedObjects } from './sorted-objects.ts';
import type { StoreEvent } from './store.ts';

/** One resource's objects, its index by controller and its recent changes. */
interface Shelf<Kind> {
  readonly objects: SortedObjects<Kind>;
  readonly byController: ObjectIndex<Kind>;
  readonly log: EventLog;
}

type Shelves = { [Resource in ResourceName]?: Shelf<Kinds[Resource]> };

/** Where the objects of each resource are kept, with what is indexed about them. */
export interface ObjectShelves {
  /** `undefined` for a resource that never had an object. */
  find<Resource extends ResourceName>(resource: Resource): Shelf<Kinds[Resource]> | undefined;
  podsOnNode(nodeName: string): readonly Pod[];
  /** Carry a change out: store or drop the object, and bring indexes and log up to date. */
  put<Resource extends ResourceName>(
    resource: Resource,
    key: string,
    before: Kinds[Resource] | undefined,
    after: Kinds[Resource] | undefined,
    event: StoreEvent,
  ): void;
}

/**
 * Create empty shelves.
 *
 * @param keptEvents changes of each resource that are kept
 */
export function createObjectShelves(keptEvents: number): ObjectShelves {
  const shelves: Shelves = {};
  const podsByNode = createObjectIndex<Pod>(nodeNameOf);

  const shelf = <Resource extends ResourceName>(resource: Resource): Shelf<Kinds[Resource]> => {
    const known = shelves[resource];
    if (known !== undefined) return known;
    const created: Shelf<Kinds[Resource]> = {
      objects: createSortedObjects(),
      byController: createObjectIndex((object) => controllerOf(object)?.uid),
      log: createEventLog(keptEvents),
    };
    shelves[resource] = created as Shelves[Resource];
    return created;
  };

  return {
    find: (resource) => shelves[resource],
    podsOnNode: (nodeName) => podsByNode.list(nodeName),
    put(resource, key, before, after, event) {
      const { objects, byController, log } = shelf(resource);
      if (after === undefined) objects.delete(key);
      else objects.set(key, after);
      byController.move(key, before, after);
      if (event.resource === 'pods')
        podsByNode.move(key, event.previous, event.type === 'DELETED' ? undefined : event.object);
      log.append(event);
    },
  };
}
