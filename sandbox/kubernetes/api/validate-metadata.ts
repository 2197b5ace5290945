import type { NewObject } from '../objects.ts';
import type { FieldError } from './failures.ts';
import { invalid, required } from './field-errors.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const NAME_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const LABEL_KEY_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const TOO_LONG_LABEL = 'must be no more than 63 characters';

const RBAC = 'rbac.authorization.k8s.io';

/** Names of roles are only parts of a path: `system:node` is one. */
const isPathSegment = (name: string): boolean => name !== '.' && name !== '..' && !/[/%]/.test(name);

function checkName({ metadata }: NewObject, group: string): readonly FieldError[] {
  if (!metadata.name) return [required('metadata.name', 'name or generateName is required')];
  if (metadata.name.length > 253)
    return [invalid('metadata.name', metadata.name, 'must be no more than 253 characters')];
  if (group === RBAC && isPathSegment(metadata.name)) return [];
  return SUBDOMAIN.test(metadata.name) ? [] : [invalid('metadata.name', metadata.name, NAME_RULE)];
}

/** Check the key of a label, annotation or taint. */
export function checkKey(field: string, key: string): readonly FieldError[] {
  const [name = '', prefix] = key.split('/').reverse();
  if (!QUALIFIED_PART.test(name)) return [invalid(field, key, LABEL_KEY_RULE)];
  if (name.length > 63) return [invalid(field, key, `name part ${TOO_LONG_LABEL}`)];
  return prefix === undefined || SUBDOMAIN.test(prefix) ? [] : [invalid(field, key, `prefix part ${NAME_RULE}`)];
}

/** Check the value of a label or taint. */
export function checkLabelValue(field: string, value: unknown): readonly FieldError[] {
  if (typeof value !== 'string') return [invalid(field, value, 'must be a string')];
  if (value !== '' && !QUALIFIED_PART.test(value)) return [invalid(field, value, LABEL_VALUE_RULE)];
  return value.length > 63 ? [invalid(field, value, TOO_LONG_LABEL)] : [];
}

const MOST_ANNOTATION_BYTES = 256 * 1024;

function checkAnnotationSize(annotations: Readonly<Record<string, string>>): readonly FieldError[] {
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  if (bytes <= MOST_ANNOTATION_BYTES) return [];
  const message = `Too long: may not be more than ${MOST_ANNOTATION_BYTES} bytes`;
  return [{ reason: 'FieldValueTooLong', field: 'metadata.annotations', message }];
}

/** Check what all kinds have in common. */
export const checkMetadata = (object: NewObject, group: string): readonly FieldError[] => [
  ...checkName(object, group),
  ...Object.entries(object.metadata.labels ?? {}).flatMap(([key, value]) => [
    ...checkKey('metadata.labels', key),
    ...checkLabelValue('metadata.labels', value),
  ]),
  ...checkAnnotationSize(object.metadata.annotations ?? {}),
  ...Object.keys(object.metadata.annotations ?? {}).flatMap((key) =>
    checkKey('metadata.annotations', key.toLowerCase()),
  ),
];
