import type { ObjectStore } from '../store.ts';
import { BUILT_IN_CATALOG, catalogOf } from './catalog.ts';
import { customSchema } from './custom-resources.ts';
import { type JsonObject, jsonObjectIn } from './patch/json-value.ts';
import { listRule } from './patch/list-rules.ts';
import type { ResourceDefinition } from './resources.ts';
import { loadSchemas, type Schemas, splitType } from './schemas.ts';

const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** A merge by keys needs a type that the server knows. */
const patchTypes = (isCustom: boolean) =>
  isCustom ? PATCH_TYPES.filter((type) => !type.includes('strategic')) : PATCH_TYPES;

/** Where a type stands in an object, for list rules that depend on the parent field. */
const PARENT_FIELDS: Readonly<Record<string, string>> = { V1Container: 'containers' };

/** What every object has, of whatever kind. */
const METADATA = 'V1ObjectMeta';

/** `V1NodeSpec` is published as `io.k8s.api.NodeSpec`; `kubectl explain` prints the last part. */
const schemaName = (model: string) => `io.k8s.api.${model.replace(/^(Core|Events)?V1(?=[A-Z])/, '')}`;

/** Path of a group version, e.g. `api/v1`, `apis/apps/v1`. */
export const groupPath = ({ group, version }: Pick<ResourceDefinition, 'group' | 'version'>): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`;

function scalarSchema(type: string, format: string): JsonObject {
  switch (type) {
    case 'number':
      return { type: format === 'double' ? 'number' : 'integer', ...(format === '' ? {} : { format }) };
    case 'string':
    case 'boolean':
      return { type, ...(format === '' ? {} : { format }) };
    case 'Date':
    case 'V1MicroTime':
      return { type: 'string', format: 'date-time' };
    case 'IntOrString':
      return { type: 'string', format: 'int-or-string' };
    default:
      return { type: 'object' };
  }
}

function typeSchema(schemas: Schemas, type: string, format: string, refer: (model: string) => string): JsonObject {
  const { container, inner } = splitType(type);
  if (container === 'array') return { type: 'array', items: typeSchema(schemas, inner, format, refer) };
  if (container === 'map') return { type: 'object', additionalProperties: typeSchema(schemas, inner, format, refer) };
  // A reference beside other keywords is wrapped, as in the real documents.
  return schemas.attributes(type) === undefined ? scalarSchema(type, format) : { allOf: [{ $ref: refer(type) }] };
}

function mergeExtensions(model: string, field: string, type: string): JsonObject {
  if (splitType(type).container !== 'array') return {};
  const rule = listRule([PARENT_FIELDS[model] ?? 'spec', field]);
  if (rule.type === 'map')
    return {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': rule.mapKeys,
      'x-kubernetes-patch-merge-key': rule.mergeKey,
      'x-kubernetes-patch-strategy': 'merge',
    };
  return rule.type === 'set'
    ? { 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge' }
    : { 'x-kubernetes-list-type': 'atomic' };
}

/** Schemas of some resources, of metadata, and of everything they refer to. */
function componentSchemas(
  schemas: Schemas,
  definitions: readonly ResourceDefinition[],
  refer: (model: string) => string,
): Record<string, JsonObject> {
  const result: Record<string, JsonObject> = {};
  const visit = (model: string) => {
    const name = schemaName(model);
    const attributes = schemas.attributes(model);
    if (attributes === undefined || result[name] !== undefined) return;
    const properties: Record<string, JsonObject> = {};
    result[name] = { type: 'object', description: '', properties };
    for (const { baseName, type, format } of attributes) {
      properties[baseName] = {
        description: '',
        ...typeSchema(schemas, type, format, refer),
        ...mergeExtensions(model, baseName, type),
      };
      for (let { container, inner } = splitType(type); ; { container, inner } = splitType(inner)) {
        visit(inner);
        if (container === 'none') break;
      }
    }
  };
  visit(METADATA);
  for (const definition of definitions) {
    const model = schemas.modelOf(definition);
    visit(model);
    const { group, version, kind, description } = definition;
    result[schemaName(model)] = {
      ...result[schemaName(model)],
      description,
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
    };
  }
  return result;
}

/** Its type stands in a schema in version 3, and beside the name in version 2. */
const queryParameter = (name: string) => ({
  name,
  in: 'query',
  type: 'string',
  schema: { type: 'string', uniqueItems: true },
});
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(queryParameter);

/** Operations by path: enough for clients to see which kinds can be patched, and how. */
function operationPaths(definitions: readonly ResourceDefinition[]): JsonObject {
  return Object.fromEntries(
    definitions
      .filter(({ isReview }) => !isReview)
      .map((definition) => {
        const { group, version, kind, resource, isNamespaced, isCustom } = definition;
        const scope = isNamespaced ? '/namespaces/{namespace}' : '';
        const gvk = { 'x-kubernetes-group-version-kind': { group, version, kind } };
        const responses = { 200: { description: 'OK' } };
        const patch = {
          'x-kubernetes-action': 'patch',
          ...gvk,
          parameters: WRITE_PARAMETERS,
          requestBody: { content: Object.fromEntries(patchTypes(isCustom).map((type) => [type, {}])) },
          responses,
        };
        const get = { 'x-kubernetes-action': 'get', ...gvk, responses };
        return [`/${groupPath({ group, version })}${scope}/${resource}/{name}`, { get, patch }];
      }),
  );
}

/** `/openapi/v3`: where the document of each group version is. */
export const openApiIndex = (store: Pick<ObjectStore, 'list'>): JsonObject => ({
  paths: Object.fromEntries(
    catalogOf(store).groups.flatMap(({ group, versions }) =>
      versions.map((version) => {
        const path = groupPath({ group, version });
        return [path, { serverRelativeURL: `/openapi/v3/${path}` }];
      }),
    ),
  ),
});

/** Schemas of custom resources, as their definitions give them. */
const customSchemas = (
  store: Pick<ObjectStore, 'get'>,
  definitions: readonly ResourceDefinition[],
): Record<string, JsonObject> =>
  Object.fromEntries(
    definitions.map((definition) => {
      const { group, version, kind } = definition;
      const schema = customSchema(store, definition);
      const metadata = { allOf: [{ $ref: `#/components/schemas/${schemaName(METADATA)}` }] };
      const named = {
        properties: { ...jsonObjectIn(schema.properties), metadata },
        'x-kubernetes-group-version-kind': [{ group, version, kind }],
      };
      return [`${group.split('.').reverse().join('.')}.${version}.${kind}`, { ...schema, ...named }];
    }),
  );

/** Build the OpenAPI v3 document of the resources of one group version. */
export async function openApiDocument(
  definitions: readonly ResourceDefinition[],
  store: Pick<ObjectStore, 'get'>,
  serverVersion: string,
): Promise<JsonObject> {
  const schemas = await loadSchemas();
  const builtIn = definitions.filter(({ isCustom }) => !isCustom);
  const custom = definitions.filter(({ isCustom }) => isCustom);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: serverVersion },
    paths: operationPaths(definitions),
    components: {
      schemas: {
        ...componentSchemas(schemas, builtIn, (model) => `#/components/schemas/${schemaName(model)}`),
        ...customSchemas(store, custom),
      },
    },
  };
}

/** Build the OpenAPI v2 document of everything that every server serves. */
export async function swaggerDocument(serverVersion: string): Promise<JsonObject> {
  const schemas = await loadSchemas();
  const { resources } = BUILT_IN_CATALOG;
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: serverVersion },
    paths: operationPaths(resources),
    definitions: componentSchemas(schemas, resources, (model) => `#/definitions/${schemaName(model)}`),
  };
}
