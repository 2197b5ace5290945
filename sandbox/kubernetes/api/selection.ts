import type { ResourceName } from '../kinds/kinds.ts';
import type { KubernetesObject } from '../objects.ts';
import { type FieldSelector, parseFieldSelector } from './field-selector.ts';
import { type LabelPredicate, parseLabelSelector } from './label-selector.ts';
import type { Route } from './route.ts';
import type { ObjectReader } from './watch-cache.ts';

/** Which objects of a resource a list, watch or deletecollection is about. */
export interface Selection {
  readonly namespace: string | undefined;
  readonly labels: LabelPredicate | undefined;
  readonly fields: FieldSelector | undefined;
}

/**
 * Read the selection of a collection request.
 *
 * @throws ApiFailure 400
 */
export const parseSelection = ({ definition, namespace }: Route, query: URLSearchParams): Selection => ({
  namespace,
  labels: parseLabelSelector(query.get('labelSelector')),
  fields: parseFieldSelector(definition, query.get('fieldSelector')),
});

/** Tell whether an object is selected. */
export const isSelected = ({ namespace, labels, fields }: Selection, object: KubernetesObject): boolean =>
  (namespace === undefined || object.metadata.namespace === namespace) &&
  (labels === undefined || labels(object.metadata.labels)) &&
  (fields === undefined || fields.matches(object));

/** First position in a sorted list whose object does not lie before the bound. */
function lowerBound(objects: readonly KubernetesObject[], isBefore: (object: KubernetesObject) => boolean): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const object = objects[middle];
    if (object !== undefined && isBefore(object)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The slice of a sorted list that lies in one namespace. */
function withinNamespace(objects: readonly KubernetesObject[], namespace: string): readonly KubernetesObject[] {
  // Keys are NAMESPACE/NAME, so namespaces sort as if they ended in a slash.
  const bound = `${namespace}/`;
  const start = lowerBound(objects, ({ metadata }) => `${metadata.namespace}/` < bound);
  const end = lowerBound(objects, ({ metadata }) => `${metadata.namespace}/` <= bound);
  return objects.slice(start, end);
}

/** The smallest indexed set that holds every selected object. */
function candidates(store: ObjectReader, resource: ResourceName, { namespace, fields }: Selection) {
  const nodeName = resource === 'pods' ? fields?.required('spec.nodeName') : undefined;
  if (nodeName) return store.podsOnNode(nodeName);
  const name = fields?.required('metadata.name');
  const scope = namespace ?? fields?.required('metadata.namespace');
  const objects = store.list(resource);
  if (name !== undefined && scope !== undefined) {
    const object = store.get(resource, scope, name);
    return object === undefined ? [] : [object];
  }
  return scope === undefined ? objects : withinNamespace(objects, scope);
}

/** Selected objects in etcd's order. */
export function selectObjects(
  store: ObjectReader,
  resource: ResourceName,
  selection: Selection,
): readonly KubernetesObject[] {
  const objects = candidates(store, resource, selection);
  const isUnfiltered = selection.labels === undefined && selection.fields === undefined;
  return isUnfiltered ? objects : objects.filter((object) => isSelected(selection, object));
}
