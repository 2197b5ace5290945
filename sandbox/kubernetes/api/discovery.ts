import { parseAccept } from './accept.ts';
import type { ApiGroup, Catalog } from './catalog.ts';
import type { JsonObject } from './patch/json-value.ts';
import { apiVersionOf, type ResourceDefinition, type Subresource, verbsOf } from './resources.ts';

interface SubresourceKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** What a subresource speaks; the status subresource speaks its own resource's kind. */
function subresourceKind(definition: ResourceDefinition, subresource: Subresource): SubresourceKind {
  const { group, version, kind } = definition;
  switch (subresource) {
    case 'eviction':
      return { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] };
    case 'binding':
      return { group, version, kind: 'Binding', verbs: ['create'] };
    case 'scale':
      return { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] };
    case 'log':
      return { group, version, kind, verbs: ['get'] };
    default:
      return { group, version, kind, verbs: ['get', 'patch', 'update'] };
  }
}

const optional = (name: string, values: readonly string[]) => (values.length === 0 ? {} : { [name]: values });

const resourcesIn = ({ resources }: Catalog, group: string, version: string) =>
  resources.filter((definition) => definition.group === group && definition.version === version);

/** `APIResourceList` of one group version. */
export function resourceList(catalog: Catalog, group: string, version: string): JsonObject {
  const resources = resourcesIn(catalog, group, version).flatMap((definition) => [
    {
      name: definition.resource,
      singularName: definition.singular,
      namespaced: definition.isNamespaced,
      kind: definition.kind,
      verbs: verbsOf(definition),
      ...optional('shortNames', definition.shortNames),
      ...optional('categories', definition.categories),
    },
    ...definition.subresources.map((subresource) => {
      const { verbs, ...kind } = subresourceKind(definition, subresource);
      const isForeign = kind.group !== definition.group;
      return {
        name: `${definition.resource}/${subresource}`,
        singularName: '',
        namespaced: definition.isNamespaced,
        ...(isForeign ? { group: kind.group, version: kind.version } : {}),
        kind: kind.kind,
        verbs,
      };
    }),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources };
}

const groupDocument = ({ group, versions }: ApiGroup) => {
  const groupVersions = versions.map((version) => ({ groupVersion: apiVersionOf({ group, version }), version }));
  return { name: group, versions: groupVersions, preferredVersion: groupVersions[0] };
};

/** `/api`: versions of the core group. */
export const coreVersions = (address: string): JsonObject => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
});

/** `/apis`: every other group. */
export const groupList = ({ groups }: Catalog): JsonObject => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.filter(({ group }) => group !== '').map(groupDocument),
});

/** `/apis/GROUP`. */
export const apiGroup = (group: ApiGroup): JsonObject => ({
  kind: 'APIGroup',
  apiVersion: 'v1',
  ...groupDocument(group),
});

/** The aggregated form a client asks for, or `undefined` for the plain one. */
export function aggregatedVersion(accept: string | undefined): string | undefined {
  for (const { mediaType, parameters } of parseAccept(accept)) {
    if (parameters.as === undefined && mediaType.endsWith('json')) return undefined;
    const isKnown = parameters.v === 'v2' || parameters.v === 'v2beta1';
    if (parameters.as === 'APIGroupDiscoveryList' && parameters.g === 'apidiscovery.k8s.io' && isKnown)
      return parameters.v;
  }
  return undefined;
}

/**
 * `APIGroupDiscoveryList`: everything about the core group, or about all others, in one answer.
 *
 * @param version of apidiscovery.k8s.io
 */
export function aggregatedDiscovery(catalog: Catalog, version: string, isCore: boolean): JsonObject {
  const items = catalog.groups
    .filter(({ group }) => (group === '') === isCore)
    .map(({ group, versions }) => ({
      metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versions.map((groupVersion) => ({
        version: groupVersion,
        resources: resourcesIn(catalog, group, groupVersion).map((definition) => ({
          resource: definition.resource,
          // Empty means: as the group and version it is listed under.
          responseKind: { group: '', version: '', kind: definition.kind },
          scope: definition.isNamespaced ? 'Namespaced' : 'Cluster',
          singularResource: definition.singular,
          verbs: verbsOf(definition),
          ...optional('shortNames', definition.shortNames),
          ...optional('categories', definition.categories),
          ...(definition.subresources.length === 0
            ? {}
            : {
                subresources: definition.subresources.map((subresource) => {
                  const { verbs, ...named } = subresourceKind(definition, subresource);
                  const isForeign = named.group !== definition.group;
                  const responseKind = isForeign ? named : { group: '', version: '', kind: named.kind };
                  return { subresource, responseKind, verbs };
                }),
              }),
        })),
        freshness: 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

/** Content type of an aggregated answer; clients tell the forms apart by it. */
export const aggregatedContentType = (version: string): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
