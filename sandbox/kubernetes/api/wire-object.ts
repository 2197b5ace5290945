import type { KubernetesObject } from '../objects.ts';
import { apiVersionOf, type ResourceDefinition } from './resources.ts';

/** Everything but `kind` and `apiVersion`, as JSON; computed once per version of an object. */
const remainders = new WeakMap<KubernetesObject, string>();

/** events.k8s.io shows the same Event under other field names. */
const convertedEvents = new WeakMap<KubernetesObject, KubernetesObject>();

/** Fields that core/v1 and events.k8s.io/v1 name differently: [core name, new name]. */
const RENAMED_EVENT_FIELDS = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
] as const;

const renameFields = (object: KubernetesObject, apiVersion: string, names: ReadonlyMap<string, string>) => ({
  ...(Object.fromEntries(
    Object.entries(object).map(([field, value]) => [names.get(field) ?? field, value]),
  ) as KubernetesObject),
  apiVersion,
});

const TO_NEW_EVENT: ReadonlyMap<string, string> = new Map(
  RENAMED_EVENT_FIELDS.map(([core, renamed]) => [core, renamed]),
);
const TO_CORE_EVENT: ReadonlyMap<string, string> = new Map(
  RENAMED_EVENT_FIELDS.map(([core, renamed]) => [renamed, core]),
);

const isNewEvent = (definition: ResourceDefinition) => definition.group === 'events.k8s.io';

/** A stored object as this resource shows it. */
export function toWire(definition: ResourceDefinition, object: KubernetesObject): KubernetesObject {
  if (!isNewEvent(definition)) return object;
  const known = convertedEvents.get(object);
  if (known !== undefined) return known;
  const converted = renameFields(object, apiVersionOf(definition), TO_NEW_EVENT);
  convertedEvents.set(object, converted);
  return converted;
}

/** An object sent by a client as the store keeps it. */
export const fromWire = (definition: ResourceDefinition, object: KubernetesObject): KubernetesObject =>
  isNewEvent(definition) ? renameFields(object, 'v1', TO_CORE_EVENT) : object;

function remainderOf(object: KubernetesObject): string {
  const known = remainders.get(object);
  if (known !== undefined) return known;
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  const text = JSON.stringify(rest);
  remainders.set(object, text);
  return text;
}

/** JSON of an object, `kind` first as kube-apiserver prints it. */
export const objectJson = (definition: ResourceDefinition, object: KubernetesObject): string =>
  `{"kind":"${definition.kind}","apiVersion":"${apiVersionOf(definition)}",${remainderOf(toWire(definition, object)).slice(1)}`;

/** JSON of an object within a list, where built-in types leave `kind` and `apiVersion` out, and custom ones do not. */
export const itemJson = (definition: ResourceDefinition, object: KubernetesObject): string =>
  definition.isCustom ? objectJson(definition, object) : remainderOf(toWire(definition, object));

/** The object reduced to its metadata, as metadata-only clients ask for it. */
export const partialMetadata = (object: KubernetesObject) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
});
