import type { JsonObject } from './patch/json-value.ts';
import { listRule } from './patch/list-rules.ts';
import { apiVersionOf, GROUPS, RESOURCES, type ResourceDefinition } from './resources.ts';
import { loadSchemas, type Schemas, splitType } from './schemas.ts';

const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** Where a type stands in an object, for list rules that depend on the parent field. */
const PARENT_FIELDS: Readonly<Record<string, string>> = { V1Container: 'containers' };

/** `V1NodeSpec` is published as `io.k8s.api.NodeSpec`; `kubectl explain` prints the last part. */
const schemaName = (model: string) => `io.k8s.api.${model.replace(/^(Core|Events)?V1(?=[A-Z])/, '')}`;

const groupPath = (group: string, version: string) => (group === '' ? `api/${version}` : `apis/${group}/${version}`);

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

/** Schemas of some models and of everything they refer to. */
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

const queryParameter = (name: string) => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } });
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(queryParameter);

/** Operations by path: enough for clients to see which kinds can be patched, and how. */
function operationPaths(definitions: readonly ResourceDefinition[]): JsonObject {
  return Object.fromEntries(
    definitions
      .filter(({ isReview }) => !isReview)
      .map((definition) => {
        const { group, version, kind, resource, isNamespaced } = definition;
        const scope = isNamespaced ? '/namespaces/{namespace}' : '';
        const gvk = { 'x-kubernetes-group-version-kind': { group, version, kind } };
        const responses = { 200: { description: 'OK' } };
        const patch = {
          'x-kubernetes-action': 'patch',
          ...gvk,
          parameters: WRITE_PARAMETERS,
          requestBody: { content: Object.fromEntries(PATCH_TYPES.map((type) => [type, {}])) },
          responses,
        };
        const get = { 'x-kubernetes-action': 'get', ...gvk, responses };
        return [`/${groupPath(group, version)}${scope}/${resource}/{name}`, { get, patch }];
      }),
  );
}

/** `/openapi/v3`: where the document of each group version is. */
export const openApiIndex = (): JsonObject => ({
  paths: Object.fromEntries(
    GROUPS.map(({ group, version }) => {
      const path = groupPath(group, version);
      return [path, { serverRelativeURL: `/openapi/v3/${path}` }];
    }),
  ),
});

/**
 * Build the OpenAPI v3 document of one group version.
 *
 * @param path e.g. `api/v1`, `apis/apps/v1`
 * @returns `undefined` when no such group version is served
 */
export async function openApiDocument(path: string, serverVersion: string): Promise<JsonObject | undefined> {
  const found = GROUPS.find(({ group, version }) => groupPath(group, version) === path);
  if (found === undefined) return undefined;
  const definitions = RESOURCES.filter((definition) => apiVersionOf(definition) === apiVersionOf(found));
  const schemas = await loadSchemas();
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: serverVersion },
    paths: operationPaths(definitions),
    components: {
      schemas: componentSchemas(schemas, definitions, (model) => `#/components/schemas/${schemaName(model)}`),
    },
  };
}

/** Build the OpenAPI v2 document of everything served, for older clients that read JSON. */
export async function swaggerDocument(serverVersion: string): Promise<JsonObject> {
  const schemas = await loadSchemas();
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: serverVersion },
    paths: {},
    definitions: componentSchemas(schemas, RESOURCES, (model) => `#/definitions/${schemaName(model)}`),
  };
}
