import { isEqualJson } from '../../equality.ts';
import type { KubernetesObject } from '../../objects.ts';
import { type FieldSet, fieldsOf, fromFieldsV1, toFieldsV1, valueAtPath } from './field-set.ts';

/** Who owns which fields of an object, in memory. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** ISO-8601 UTC. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Who writes, how and when; what an entry of `managedFields` says besides the fields. */
export type Authorship = Omit<Manager, 'fields'>;

/** Read the managers of an object. */
export const managersOf = (object: KubernetesObject): Manager[] =>
  (object.metadata.managedFields ?? []).map((entry) => ({
    name: entry.manager ?? '',
    operation: entry.operation ?? 'Update',
    apiVersion: entry.apiVersion ?? object.apiVersion,
    subresource: entry.subresource ?? '',
    time: entry.time,
    fields: fromFieldsV1(entry.fieldsV1),
  }));

const entryOf = ({ name, operation, apiVersion, subresource, time, fields }: Manager) => ({
  manager: name,
  operation,
  apiVersion,
  ...(time === undefined ? {} : { time }),
  fieldsType: 'FieldsV1',
  fieldsV1: toFieldsV1(fields),
  ...(subresource === '' ? {} : { subresource }),
});

/** Tell whether two writes count as the same manager's. */
export const isSameManager = (left: Authorship, right: Authorship): boolean =>
  left.name === right.name &&
  left.operation === right.operation &&
  left.subresource === right.subresource &&
  left.apiVersion === right.apiVersion;

/** Put managers into an object; those that own nothing any more are dropped. */
export function withManagers(object: KubernetesObject, managers: readonly Manager[]): KubernetesObject {
  const entries = managers.filter(({ fields }) => fields.size > 0).map(entryOf);
  const { managedFields: _replaced, ...metadata } = object.metadata;
  return { ...object, metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: entries } };
}

/** Leave out of a set what another set has. */
export const without = (fields: FieldSet, others: FieldSet): FieldSet =>
  new Map([...fields].filter(([id]) => !others.has(id)));

/** Fields that a write changed or added. */
function changedFields(before: KubernetesObject | undefined, after: KubernetesObject): FieldSet {
  const fields = fieldsOf(after);
  if (before === undefined) return fields;
  const known = fieldsOf(before);
  return new Map(
    [...fields].filter(
      ([id, path]) =>
        !known.has(id) ||
        (!path.at(-1)?.startsWith('k:') && !isEqualJson(valueAtPath(before, path), valueAtPath(after, path))),
    ),
  );
}

/**
 * Record an ordinary write: the writer owns what it changed, and nobody owns what it removed.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function recordUpdate(
  before: KubernetesObject | undefined,
  after: KubernetesObject,
  author: Authorship,
): KubernetesObject {
  const changed = changedFields(before, after);
  const present = fieldsOf(after);
  const managers = (before === undefined ? [] : managersOf(before)).map((manager) => ({
    ...manager,
    fields: new Map(
      [...manager.fields].filter(([id]) => present.has(id) && (isSameManager(manager, author) || !changed.has(id))),
    ),
  }));
  if (changed.size === 0) return withManagers(after, managers);
  const own = managers.find((manager) => isSameManager(manager, author));
  if (own === undefined) return withManagers(after, [...managers, { ...author, fields: changed }]);
  const merged: Manager = { ...author, fields: new Map([...own.fields, ...changed]) };
  return withManagers(after, [...managers.filter((manager) => manager !== own), merged]);
}
