import type { Retry } from '../model/model.ts';
import { unwrapCause } from './failure.ts';
import type { Visit } from './history.ts';

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
  const merged = Map.groupBy(retries, (retry) =>
    [retry.state, retry.instanceId, retry.error, retry.message].join('\n'),
  );
  return [...merged.values()].map((same) => ({ ...(same.at(-1) as Retry), count: same.length }));
}
