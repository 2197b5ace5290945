import { isEqualJson } from '../../equality.ts';
import type { KubernetesObject } from '../../objects.ts';
import { failures } from '../failures.ts';
import { type FieldSet, type FieldStep, fieldsOf, printPath, valueAtPath, withoutPath } from './field-set.ts';
import { isJsonObject, type JsonObject } from './json-value.ts';
import { isAtomicMap, listRule } from './list-rules.ts';
import { type Authorship, isSameManager, type Manager, managersOf, withManagers, without } from './managed-fields.ts';

/** Owner of what was there before anybody applied, when nobody had been recorded. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

interface Conflict {
  readonly manager: Manager;
  readonly path: readonly FieldStep[];
}

function printManager({ name, subresource, operation, apiVersion, time }: Manager): string {
  const named = `"${name}"${subresource === '' ? '' : ` with subresource "${subresource}"`}`;
  if (operation === 'Apply') return named;
  return `${named} using ${apiVersion}${time === undefined ? '' : ` at ${time}`}`;
}

function refuseConflicts(conflicts: readonly Conflict[]) {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printManager(manager)}`,
    field: printPath(path),
  }));
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined)
    return failures.applyConflict(
      `Apply failed with 1 conflict: conflict with ${printManager(first.manager)}: ${printPath(first.path)}`,
      causes,
    );
  const byManager = Map.groupBy(conflicts, ({ manager }) => printManager(manager));
  const lines = [...byManager]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([manager, held]) => [`conflicts with ${manager}:`, ...held.map(({ path }) => `- ${printPath(path)}`)]);
  return failures.applyConflict(`Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`, causes);
}

/** Lay an applied configuration over a live object: maps and keyed lists merge, everything else is replaced. */
function overlay(live: unknown, applied: unknown, names: readonly string[]): unknown {
  if (isJsonObject(applied)) {
    if (!isJsonObject(live) || isAtomicMap(names)) return applied;
    const result: Record<string, unknown> = { ...live };
    for (const [field, value] of Object.entries(applied))
      result[field] = overlay(live[field], value, [...names, field]);
    return result;
  }
  if (!Array.isArray(applied) || !Array.isArray(live)) return applied;
  const rule = listRule(names);
  if (rule.type === 'atomic') return applied;
  if (rule.type === 'set') return [...live, ...applied.filter((item) => !live.includes(item))];
  const isSame = (left: unknown, right: unknown) =>
    isJsonObject(left) &&
    isJsonObject(right) &&
    rule.mapKeys.every((key) => {
      const standard = key === 'protocol' ? 'TCP' : undefined;
      return (left[key] ?? standard) === (right[key] ?? standard);
    });
  const merged = live.map((item) => {
    const change = applied.find((candidate) => isSame(candidate, item));
    return change === undefined ? item : overlay(item, change, names);
  });
  return [...merged, ...applied.filter((item) => !live.some((existing) => isSame(existing, item)))];
}

const isItem = (path: readonly FieldStep[]) => path.at(-1)?.startsWith('k:') === true;

function findConflicts(live: KubernetesObject, applied: JsonObject, fields: FieldSet, others: readonly Manager[]) {
  return others.flatMap((manager) =>
    [...fields]
      .filter(
        ([id, path]) =>
          manager.fields.has(id) && !isItem(path) && !isEqualJson(valueAtPath(live, path), valueAtPath(applied, path)),
      )
      .map(([, path]) => ({ manager, path })),
  );
}

/**
 * Apply a configuration (`application/apply-patch+yaml`).
 *
 * What the same manager applied before and now leaves out is removed, unless somebody else owns it too.
 *
 * @param live absent when the object is to be created
 * @param isForced take fields over from other managers
 * @throws ApiFailure 409 naming every field another manager owns with another value
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export function applyConfiguration(
  live: KubernetesObject | undefined,
  applied: KubernetesObject,
  author: Authorship,
  isForced: boolean,
): KubernetesObject {
  if (applied.metadata.managedFields !== undefined) throw failures.badRequest('metadata.managedFields must be nil');
  const fields = fieldsOf(applied);
  if (live === undefined) return withManagers(applied, [{ ...author, fields }]);

  const recorded = managersOf(live);
  const managers: readonly Manager[] =
    recorded.length > 0
      ? recorded
      : [
          {
            ...author,
            name: BEFORE_FIRST_APPLY,
            operation: 'Update',
            fields: fieldsOf(live),
          },
        ];
  const own = managers.find((manager) => isSameManager(manager, author));
  const others = managers.filter((manager) => manager !== own);
  const conflicts = findConflicts(live, applied, fields, others);
  if (conflicts.length > 0 && !isForced) throw refuseConflicts(conflicts);

  const dropped = [...without(own?.fields ?? new Map(), fields)]
    .filter(([id]) => !others.some((manager) => manager.fields.has(id)))
    .map(([, path]) => path)
    // Outer paths first: an item that has lost its key fields could not be found any more.
    .sort((left, right) => left.length - right.length);
  const merged = overlay(live, applied, []);
  const result = dropped.reduce<unknown>((object, path) => withoutPath(object, path), merged) as KubernetesObject;

  const taken = new Map(conflicts.map(({ path }) => [path.join('\n'), path]));
  const remaining = others.map((manager) => ({ ...manager, fields: without(manager.fields, taken) }));
  const isUnchanged = own !== undefined && isEqualJson([...own.fields.keys()].sort(), [...fields.keys()].sort());
  const entry: Manager = {
    ...author,
    time: isUnchanged && isSameContent(live, result) ? own.time : author.time,
    fields,
  };
  return withManagers(result, [...remaining, entry]);
}

const isSameContent = (live: KubernetesObject, result: KubernetesObject) => {
  const { managedFields: _live, ...liveMetadata } = live.metadata;
  const { managedFields: _result, ...resultMetadata } = result.metadata;
  return isEqualJson({ ...live, metadata: liveMetadata }, { ...result, metadata: resultMetadata });
};
