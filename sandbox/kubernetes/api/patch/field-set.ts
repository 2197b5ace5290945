import { isJsonObject, type JsonObject, jsonObjectIn } from './json-value.ts';
import { isAtomicMap, listRule } from './list-rules.ts';

/**
 * A step into an object, as managedFields writes it: `f:NAME` a field, `k:{"name":"x"}` an item of a keyed list,
 * `v:"x"` a member of a set, `.` the map or item itself.
 */
export type FieldStep = string;

/** Paths of fields, by their printed form. */
export type FieldSet = ReadonlyMap<string, readonly FieldStep[]>;

const idOf = (path: readonly FieldStep[]) => path.join('\n');

/** Fields that the server fills in; nobody owns them. */
const UNOWNED_METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
  'generateName',
]);

const itemStep = (item: unknown, keys: readonly string[]): FieldStep =>
  `k:${JSON.stringify(
    Object.fromEntries(
      [...keys]
        .sort()
        .map((key) => [key, jsonObjectIn(item)[key] ?? (key === 'protocol' ? 'TCP' : undefined)])
        .filter(([, value]) => value !== undefined),
    ),
  )}`;

/** Every step one level below a value, with the value there; `undefined` for a leaf. */
function children(
  value: unknown,
  names: readonly string[],
): [step: FieldStep, value: unknown, names: readonly string[]][] | undefined {
  if (isJsonObject(value)) {
    if (isAtomicMap(names)) return undefined;
    return Object.entries(value).map(([field, inner]) => [`f:${field}`, inner, [...names, field]]);
  }
  if (!Array.isArray(value)) return undefined;
  const rule = listRule(names);
  if (rule.type === 'map') return value.map((item) => [itemStep(item, rule.mapKeys), item, names]);
  if (rule.type === 'set') return value.map((item) => [`v:${JSON.stringify(item)}`, undefined, names]);
  return undefined;
}

/**
 * List the fields an object sets, leaves and the maps and items that hold them.
 *
 * `apiVersion`, `kind` and what the server writes into metadata belong to nobody and are left out.
 */
export function fieldsOf(object: JsonObject): FieldSet {
  const fields = new Map<string, readonly FieldStep[]>();
  const visit = (value: unknown, path: readonly FieldStep[], names: readonly string[]) => {
    const inner = children(value, names);
    const isItem = path.at(-1)?.startsWith('k:');
    if (inner === undefined || inner.length === 0 || isItem) fields.set(idOf(path), path);
    for (const [step, child, childNames] of inner ?? []) {
      if (names.length === 1 && names[0] === 'metadata' && UNOWNED_METADATA.has(step.slice(2))) continue;
      visit(child, [...path, step], childNames);
    }
  };
  for (const [field, value] of Object.entries(object)) {
    if (field === 'apiVersion' || field === 'kind') continue;
    if (field === 'metadata' && isJsonObject(value) && Object.keys(value).every((name) => UNOWNED_METADATA.has(name)))
      continue;
    visit(value, [`f:${field}`], [field]);
  }
  return fields;
}

/** Read the value at a path. */
export function valueAtPath(object: unknown, path: readonly FieldStep[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (step.startsWith('f:')) return isJsonObject(value) ? value[step.slice(2)] : undefined;
    if (!Array.isArray(value)) return undefined;
    if (step.startsWith('v:')) return value.find((item) => JSON.stringify(item) === step.slice(2));
    return value.find((item) => isItemAt(item, step));
  }, object);
}

function isItemAt(item: unknown, step: FieldStep): boolean {
  const keys: JsonObject = JSON.parse(step.slice(2));
  return (
    isJsonObject(item) &&
    Object.entries(keys).every(([key, value]) => (item[key] ?? (key === 'protocol' ? 'TCP' : undefined)) === value)
  );
}

/** Remove what is at a path; containers on the way are copied. */
export function withoutPath(value: unknown, path: readonly FieldStep[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value)) {
    const isHere = step.startsWith('v:')
      ? (item: unknown) => JSON.stringify(item) === step.slice(2)
      : (item: unknown) => isItemAt(item, step);
    return rest.length === 0
      ? value.filter((item) => !isHere(item))
      : value.map((item) => (isHere(item) ? withoutPath(item, rest) : item));
  }
  if (!isJsonObject(value)) return value;
  const field = step.slice(2);
  if (!(field in value)) return value;
  const { [field]: inner, ...others } = value;
  if (rest.length === 0) return others;
  const remaining = withoutPath(inner, rest);
  const isEmptied = isJsonObject(remaining)
    ? Object.keys(remaining).length === 0
    : Array.isArray(remaining) && remaining.length === 0;
  // A map that only held what was removed goes with it.
  return isEmptied && path.length > 1 ? others : { ...value, [field]: remaining };
}

/** Print a path as conflicts do: `.spec.containers[name="web"].image`. */
export const printPath = (path: readonly FieldStep[]): string =>
  path
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
      const keys: JsonObject = JSON.parse(step.slice(2));
      return `[${Object.entries(keys)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',')}]`;
    })
    .join('');

/** Write a field set as `fieldsV1`. */
export function toFieldsV1(fields: FieldSet): JsonObject {
  const root: Record<string, unknown> = {};
  for (const path of fields.values()) {
    let node = root;
    for (const step of path) {
      node[step] ??= {};
      node = node[step] as Record<string, unknown>;
    }
    if (path.at(-1)?.startsWith('k:')) node['.'] = {};
  }
  return root;
}

/** Read `fieldsV1` back. */
export function fromFieldsV1(fieldsV1: unknown): FieldSet {
  const fields = new Map<string, readonly FieldStep[]>();
  const visit = (node: unknown, path: readonly FieldStep[]) => {
    const steps = Object.entries(isJsonObject(node) ? node : {});
    if (steps.length === 0 && path.length > 0) fields.set(idOf(path), path);
    for (const [step, inner] of steps) {
      if (step === '.') fields.set(idOf(path), path);
      else visit(inner, [...path, step]);
    }
  };
  visit(fieldsV1, []);
  return fields;
}
