import type { CustomResourceDefinition } from '../kinds/custom-resource-definition.ts';
import type { ObjectStore } from '../store.ts';
import { BUILT_IN_RESOURCES } from './built-in-resources.ts';
import { customResources } from './custom-resources.ts';
import { apiVersionOf, type ResourceDefinition } from './resources.ts';
import { byPriority } from './version-priority.ts';

/** A group of resources, with the versions it is served in, the preferred one first. */
export interface ApiGroup {
  /** Empty for the core group. */
  readonly group: string;
  readonly versions: readonly string[];
}

/** What an API server serves at some time. */
export interface Catalog {
  readonly resources: readonly ResourceDefinition[];
  /** In the order of discovery, the core group first. */
  readonly groups: readonly ApiGroup[];
  /** Find the resource behind a path, e.g. `apps`, `v1`, `deployments`. */
  find(group: string, version: string, resource: string): ResourceDefinition | undefined;
}

function createCatalog(resources: readonly ResourceDefinition[]): Catalog {
  const byPath = new Map(resources.map((each) => [`${apiVersionOf(each)}/${each.resource}`, each]));
  const versions = new Map<string, Set<string>>();
  for (const { group, version } of resources) versions.set(group, (versions.get(group) ?? new Set()).add(version));
  return {
    resources,
    groups: [...versions].map(([group, served]) => ({ group, versions: [...served].sort(byPriority) })),
    find: (group, version, resource) => byPath.get(`${apiVersionOf({ group, version })}/${resource}`),
  };
}

/** What every API server serves. */
export const BUILT_IN_CATALOG = createCatalog(BUILT_IN_RESOURCES);

const catalogs = new WeakMap<readonly CustomResourceDefinition[], Catalog>();

/** What the API server of a store serves: also the custom resources that are defined in it. */
export function catalogOf(store: Pick<ObjectStore, 'list'>): Catalog {
  const defined = store.list('customresourcedefinitions');
  if (defined.length === 0) return BUILT_IN_CATALOG;
  const known = catalogs.get(defined);
  if (known !== undefined) return known;
  const catalog = createCatalog([...BUILT_IN_RESOURCES, ...customResources(defined)]);
  catalogs.set(defined, catalog);
  return catalog;
}

/** Everything that is stored, each once, however many groups and versions show it. */
export const storedResources = ({ resources }: Catalog): readonly ResourceDefinition[] => {
  const byStored = new Map<string, ResourceDefinition>();
  for (const each of resources) if (!each.isReview && !byStored.has(each.stored)) byStored.set(each.stored, each);
  return [...byStored.values()];
};
