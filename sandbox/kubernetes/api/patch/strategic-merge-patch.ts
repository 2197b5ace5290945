import { failures } from '../failures.ts';
import { isJsonObject, type JsonObject } from './json-value.ts';
import { listRule } from './list-rules.ts';

const DIRECTIVE = '$patch';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';
const RETAIN_KEYS = '$retainKeys';

const isDirectiveField = (field: string) => field.startsWith('$');

/** Drop directives from a value that has nothing to merge with. */
function withoutDirectives(value: unknown, path: readonly string[]): unknown {
  if (isJsonObject(value)) return mergeObject({}, value, path);
  if (Array.isArray(value)) {
    const rule = listRule(path);
    return rule.type === 'map' ? mergeMapList([], value, rule.mergeKey, path) : value;
  }
  return value;
}

/**
 * Put a merged list into kube-apiserver's order: items of the patch in the patch's order, the others in their old one, and
 * an old item before one of the patch only where it stood before it.
 *
 * @param identity what two items have in common that are the same
 */
function inElementOrder(
  merged: readonly unknown[],
  patch: readonly unknown[],
  original: readonly unknown[],
  identity: (item: unknown) => unknown,
): unknown[] {
  const rankIn = (list: readonly unknown[]) => new Map(list.map((item, index) => [identity(item), index]));
  const patchRank = rankIn(patch);
  const originalRank = rankIn(original);
  const patched = merged
    .filter((item) => patchRank.has(identity(item)))
    .sort((left, right) => (patchRank.get(identity(left)) ?? 0) - (patchRank.get(identity(right)) ?? 0));
  const others = merged.filter((item) => !patchRank.has(identity(item)));
  const result: unknown[] = [];
  while (patched.length > 0 && others.length > 0) {
    const [otherRank, ownRank] = [originalRank.get(identity(others[0])), originalRank.get(identity(patched[0]))];
    const isBefore = otherRank !== undefined && ownRank !== undefined && otherRank < ownRank;
    result.push((isBefore ? others : patched).shift());
  }
  return [...result, ...others, ...patched];
}

function mergeMapList(
  current: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  path: readonly string[],
): unknown[] {
  const items = patch.map((item) => {
    if (!isJsonObject(item))
      throw failures.badRequest(`${path.join('.')}: expected a list of objects to merge by "${mergeKey}"`);
    return item;
  });
  const isReplacement = items.some((item) => item[DIRECTIVE] === 'replace' && item[mergeKey] === undefined);
  const result: unknown[] = isReplacement ? [] : [...current];
  for (const item of items) {
    const directive = item[DIRECTIVE];
    if (directive === 'replace' && item[mergeKey] === undefined) continue;
    const key = item[mergeKey];
    if (key === undefined)
      throw failures.badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
    const index = result.findIndex((existing) => isJsonObject(existing) && existing[mergeKey] === key);
    if (directive === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(mergeObject({}, item, path));
    else result[index] = mergeObject(result[index] as JsonObject, item, path);
  }
  return inElementOrder(result, items, current, (item) => (isJsonObject(item) ? item[mergeKey] : item));
}

/** Put a list into the order a client asked for; what it did not name keeps its place after what it did. */
function reorder(list: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): unknown[] {
  const identity = (item: unknown) => (mergeKey !== undefined && isJsonObject(item) ? item[mergeKey] : item);
  const rank = new Map(order.map((item, index) => [identity(item), index]));
  const position = (item: unknown) => rank.get(identity(item)) ?? Number.POSITIVE_INFINITY;
  return [...list].sort((left, right) => {
    const [leftPosition, rightPosition] = [position(left), position(right)];
    return leftPosition === rightPosition ? 0 : leftPosition - rightPosition;
  });
}

function mergeList(current: unknown, patch: readonly unknown[], path: readonly string[]): unknown[] {
  const rule = listRule(path);
  const existing = Array.isArray(current) ? current : [];
  if (rule.type === 'map') return mergeMapList(existing, patch, rule.mergeKey, path);
  if (rule.type === 'set')
    return inElementOrder([...new Set([...existing, ...patch])], patch, existing, (item) => item);
  return [...patch];
}

function mergeObject(current: JsonObject, patch: JsonObject, path: readonly string[]): JsonObject {
  const directive = patch[DIRECTIVE];
  if (directive === 'delete') return {};
  const result: Record<string, unknown> = directive === 'replace' ? {} : { ...current };
  for (const [field, value] of Object.entries(patch)) {
    if (isDirectiveField(field)) continue;
    const fieldPath = [...path, field];
    const existing = result[field];
    if (value === null) delete result[field];
    else if (isJsonObject(value) && value[DIRECTIVE] === 'delete') delete result[field];
    else if (Array.isArray(value)) result[field] = mergeList(existing, value, fieldPath);
    else if (isJsonObject(value) && isJsonObject(existing)) result[field] = mergeObject(existing, value, fieldPath);
    else result[field] = withoutDirectives(value, fieldPath);
  }
  applyFieldDirectives(result, patch, path);
  return result;
}

/** Directives that stand beside the field they are about. */
function applyFieldDirectives(result: Record<string, unknown>, patch: JsonObject, path: readonly string[]): void {
  for (const [name, value] of Object.entries(patch)) {
    if (name === RETAIN_KEYS && Array.isArray(value)) {
      for (const field of Object.keys(result)) if (!value.includes(field)) delete result[field];
    } else if (name.startsWith(DELETE_FROM_LIST) && Array.isArray(value)) {
      const field = name.slice(DELETE_FROM_LIST.length);
      const list = result[field];
      if (Array.isArray(list)) result[field] = list.filter((item) => !value.includes(item));
    } else if (name.startsWith(ELEMENT_ORDER) && Array.isArray(value)) {
      const field = name.slice(ELEMENT_ORDER.length);
      const rule = listRule([...path, field]);
      const list = result[field];
      if (Array.isArray(list)) result[field] = reorder(list, value, rule.type === 'map' ? rule.mergeKey : undefined);
    }
  }
}

/**
 * Apply a strategic merge patch.
 *
 * @throws ApiFailure 400 or 422 when the patch does not fit the object
 * @see https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function applyStrategicMergePatch(target: JsonObject, patch: unknown): JsonObject {
  if (!isJsonObject(patch)) throw failures.badRequest('error decoding patch: a strategic merge patch is an object');
  return mergeObject(target, patch, []);
}
