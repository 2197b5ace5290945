import { parseAccept } from './accept.ts';
import type { JsonObject } from './patch/json-value.ts';
import { apiVersionOf, GROUPS, RESOURCES, type ResourceDefinition, type Subresource, verbsOf } from './resources.ts';

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

const resourcesIn = (group: string) => RESOURCES.filter((definition) => definition.group === group);

/** `APIResourceList` of one group version. */
export function resourceList(group: string, version: string): JsonObject {
  const resources = resourcesIn(group).flatMap((definition) => [
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

const groupDocument = (group: string, version: string) => {
  const groupVersion = { groupVersion: apiVersionOf({ group, version }), version };
  return { name: group, versions: [groupVersion], preferredVersion: groupVersion };
};

/** `/api`: versions of the core group. */
export const coreVersions = (address: string): JsonObject => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
});

/** `/apis`: every other group. */
export const groupList = (): JsonObject => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: GROUPS.filter(({ group }) => group !== '').map(({ group, version }) => groupDocument(group, version)),
});

/** `/apis/GROUP`. */
export const apiGroup = (group: string, version: string): JsonObject => ({
  kind: 'APIGroup',
  apiVersion: 'v1',
  ...groupDocument(group, version),
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
export function aggregatedDiscovery(version: string, isCore: boolean): JsonObject {
  const items = GROUPS.filter(({ group }) => (group === '') === isCore).map(({ group, version: groupVersion }) => ({
    metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
    versions: [
      {
        version: groupVersion,
        resources: resourcesIn(group).map((definition) => ({
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
      },
    ],
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

/** Content type of an aggregated answer; clients tell the forms apart by it. */
export const aggregatedContentType = (version: string): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
