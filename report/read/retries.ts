import type { Retry } from '../model/model.ts';
import { unwrapCause } from './failure.ts';
import type { Visit } from './visits.ts';

/** Tries that failed and were repeated, of the parent (without an instance) or of the child of an instance. */
export function retriesOf(visits: readonly Visit[], instanceId?: string): Retry[] {
  return visits.flatMap(({ state, failures, tries }) =>
    failures.slice(0, Math.max(0, tries - 1)).map(({ at, error, cause }) => ({
      state,
      ...(instanceId === undefined ? {} : { instanceId }),
      error,
      message: unwrapCause(cause),
      count: 1,
      lastAt: new Date(at).toISOString(),
    })),
  );
}

/** Count what is the same once. */
export function mergeRetries(retries: readonly Retry[]): Retry[] {
  const merged = new Map<string, Retry>();
  for (const retry of retries) {
    const key = [retry.state, retry.instanceId, retry.error, retry.message].join('\n');
    merged.set(key, { ...retry, count: (merged.get(key)?.count ?? 0) + retry.count });
  }
  return [...merged.values()];
}
