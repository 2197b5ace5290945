import { isJsonObject } from './patch/json-value.ts';
import type { ResourceDefinition } from './resources.ts';

/** One field of a type: its name, and its type as TypeScript text (`Array<V1Taint>`). */
interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

/** Fields of the Kubernetes types, by the name of their model. */
export interface Schemas {
  /** `undefined` for what is no object type: scalars, instants, free-form values. */
  attributes(model: string): readonly Attribute[] | undefined;
  modelOf(definition: ResourceDefinition): string;
}

/** Kinds whose models carry the group in their name, because another group has the same kind. */
const DISAMBIGUATED: Readonly<Record<string, string>> = {
  '/Event': 'CoreV1Event',
  'events.k8s.io/Event': 'EventsV1Event',
};

/** No type has this model. */
const UNKNOWN_MODEL = 'Unknown';

/** A custom resource may have the kind of a built-in one, and another type. */
const modelOf = ({ group, kind, version, isCustom }: ResourceDefinition) =>
  isCustom ? UNKNOWN_MODEL : (DISAMBIGUATED[`${group}/${kind}`] ?? `${version.toUpperCase()}${kind}`);

let loaded: Promise<Schemas> | undefined;

/** Load the types; the official client's models are generated from the API's own description. */
export const loadSchemas = (): Promise<Schemas> => {
  loaded ??= import('@kubernetes/client-node').then((library) => {
    const models = library as unknown as Record<string, { attributeTypeMap?: readonly Attribute[] } | undefined>;
    return { attributes: (model) => models[model]?.attributeTypeMap, modelOf };
  });
  return loaded;
};

const ARRAY = /^Array<(.+)>$/;
const MAP = /^\{ \[key: string\]: (.+); \}$/;

/** Split a type text into its container and what it contains. */
export function splitType(type: string): { readonly container: 'array' | 'map' | 'none'; readonly inner: string } {
  const array = ARRAY.exec(type)?.[1];
  if (array !== undefined) return { container: 'array', inner: array };
  const map = MAP.exec(type)?.[1];
  return map === undefined ? { container: 'none', inner: type } : { container: 'map', inner: map };
}

/** Paths of an object's fields that its type does not have, e.g. `spec.foo`. */
export function unknownFields(schemas: Schemas, definition: ResourceDefinition, object: unknown): readonly string[] {
  const visit = (value: unknown, type: string, path: string): readonly string[] => {
    const { container, inner } = splitType(type);
    if (container === 'array')
      return Array.isArray(value) ? value.flatMap((item, index) => visit(item, inner, `${path}[${index}]`)) : [];
    if (!isJsonObject(value)) return [];
    if (container === 'map')
      return Object.entries(value).flatMap(([key, item]) => visit(item, inner, `${path}.${key}`));
    const attributes = schemas.attributes(type);
    if (attributes === undefined) return [];
    const types = new Map(attributes.map((attribute) => [attribute.baseName, attribute.type]));
    return Object.entries(value).flatMap(([field, item]) => {
      const fieldPath = path === '' ? field : `${path}.${field}`;
      const fieldType = types.get(field);
      return fieldType === undefined ? [fieldPath] : visit(item, fieldType, fieldPath);
    });
  };
  return visit(object, schemas.modelOf(definition), '');
}
