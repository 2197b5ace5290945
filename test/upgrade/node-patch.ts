/** What a patch changes of a node; `null` removes a key. */
export interface NodeChange {
  readonly metadata?: { labels?: Record<string, string | null>; annotations?: Record<string, string | null> };
  readonly spec?: { unschedulable?: boolean; taints?: { key: string; value?: string; effect: string }[] };
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

const unescaped = (token: string) => token.replaceAll('~1', '/').replaceAll('~0', '~');

/**
 * Read the body of a patch: a merge patch as it is, the operations of a JSON Patch as the merge patch that changes the same.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6902
 */
export function changeOf(body: string): NodeChange {
  const patch: unknown = JSON.parse(body);
  if (!Array.isArray(patch)) return patch as NodeChange;
  const change: Record<string, Record<string, unknown>> = {};
  for (const { op, path, value } of patch as Operation[]) {
    if (op === 'test') continue;
    const [part = '', field = '', key] = path.split('/').slice(1).map(unescaped);
    const fields = { ...change[part] };
    const changed = op === 'remove' ? null : value;
    if (key === undefined) fields[field] = changed;
    else fields[field] = { ...(fields[field] as object | undefined), [key]: changed };
    change[part] = fields;
  }
  return change;
}
