import type { CustomResourceDefinition, CustomVersion } from '../kinds/custom-resource-definition.ts';
import type { NewObject } from '../objects.ts';
import type { ObjectStore } from '../store.ts';
import type { FieldError } from './failures.ts';
import { invalid, notSupported, required } from './field-errors.ts';
import { type JsonObject, jsonObjectIn } from './patch/json-value.ts';
import type { ResourceDefinition } from './resources.ts';

const SCOPES = ['Cluster', 'Namespaced'];

const resourceOf = ({ spec }: CustomResourceDefinition, version: CustomVersion): ResourceDefinition => {
  const { plural, kind, singular, shortNames = [], categories = [] } = spec.names;
  return {
    group: spec.group,
    version: version.name,
    resource: plural,
    stored: `${plural}.${spec.group}`,
    singular: singular ?? kind.toLowerCase(),
    kind,
    isNamespaced: spec.scope === 'Namespaced',
    shortNames,
    categories,
    subresources: version.subresources?.status === undefined ? [] : ['status'],
    isCustom: true,
    isReview: false,
    isCreatedByPut: false,
    needsVersionForPut: true,
    description: '',
  };
};

/** The resources that definitions define: one for each version that is served. */
export const customResources = (definitions: readonly CustomResourceDefinition[]): readonly ResourceDefinition[] =>
  definitions.flatMap((definition) =>
    definition.spec.versions.filter(({ served }) => served === true).map((version) => resourceOf(definition, version)),
  );

/** Schema of a version of a custom resource, as its definition gives it. */
export function customSchema(store: Pick<ObjectStore, 'get'>, { stored, version }: ResourceDefinition): JsonObject {
  const versions = store.get('customresourcedefinitions', undefined, stored)?.spec.versions ?? [];
  return versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema ?? { type: 'object' };
}

/** Remove every object of a resource whose definition is gone. */
export function removeCustomObjects(store: ObjectStore, definition: string): void {
  const stored = definition as `${string}.${string}`;
  for (const { metadata } of store.list(stored)) store.remove(stored, metadata.namespace, metadata.name);
}

/** Fill in the names that a definition leaves out, and say that it is served: nothing here takes time for that. */
export function defaultDefinition(object: NewObject): NewObject {
  const spec = jsonObjectIn(object.spec);
  const names = jsonObjectIn(spec.names);
  const kind = String(names.kind ?? '');
  const accepted = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...names };
  const versions = Array.isArray(spec.versions) ? spec.versions : [];
  const storage = versions.filter((version) => jsonObjectIn(version).storage === true);
  return {
    ...object,
    spec: { conversion: { strategy: 'None' }, ...spec, names: accepted },
    status: {
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
        {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
      acceptedNames: accepted,
      storedVersions: storage.map((version) => jsonObjectIn(version).name),
    },
  };
}

/** Check what a definition needs for its resource to be served. */
export function checkDefinition(object: NewObject): readonly FieldError[] {
  const spec = jsonObjectIn(object.spec);
  const { plural, kind } = jsonObjectIn(spec.names);
  const versions = Array.isArray(spec.versions) ? spec.versions.map(jsonObjectIn) : [];
  const expected = `${plural}.${spec.group}`;
  return [
    ...(typeof spec.group === 'string' && spec.group.includes('.') ? [] : [required('spec.group')]),
    ...(typeof plural === 'string' && plural !== '' ? [] : [required('spec.names.plural')]),
    ...(typeof kind === 'string' && kind !== '' ? [] : [required('spec.names.kind')]),
    ...(SCOPES.includes(String(spec.scope)) ? [] : [notSupported('spec.scope', String(spec.scope ?? ''), SCOPES)]),
    ...(versions.filter(({ storage }) => storage === true).length === 1
      ? []
      : [invalid('spec.versions', spec.versions ?? null, 'must have exactly one version marked as storage version')]),
    ...versions.flatMap(({ name }, index) =>
      typeof name === 'string' && name !== '' ? [] : [required(`spec.versions[${index}].name`)],
    ),
    ...(object.metadata.name === expected
      ? []
      : [invalid('metadata.name', object.metadata.name, 'must be spec.names.plural+"."+spec.group')]),
  ];
}
