import type { ResourceName } from '../kinds/kinds.ts';
import type { ObjectStore } from '../store.ts';

/** Objects to select from. */
export type ObjectReader = Pick<ObjectStore, 'list' | 'get' | 'podsOnNode'>;

/** A resource's objects as of a version. */
export interface CachedView {
  readonly version: number;
  readonly objects: ObjectReader;
}

/** The cache of an API server, which may lag behind: a resource as it shows it, `undefined` when it is up to date. */
export type WatchCache = (resource: ResourceName) => CachedView | undefined;
