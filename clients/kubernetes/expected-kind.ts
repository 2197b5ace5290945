import { ServiceUnavailable } from '../../domain/errors.ts';

/** Kinds that are answers only: nothing stores them, so that they have no version. */
const UNSTORED: ReadonlySet<string> = new Set(['Status', 'SubjectAccessReview']);

/** What every object of the API may have. */
interface AnyObject {
  readonly kind?: unknown;
  readonly metadata?: { readonly resourceVersion?: unknown };
  readonly items?: unknown;
  readonly status?: unknown;
}

const areObjects = (items: unknown): boolean =>
  Array.isArray(items) && items.every((item) => typeof item === 'object' && item !== null);

/** True for a whole object of a kind: with its version, a list with its items, a Status that reports success. */
function isWhole(body: object, kind: string): boolean {
  const { kind: found, metadata, items, status } = body as AnyObject;
  if (found !== kind) return false;
  if (UNSTORED.has(kind)) return kind !== 'Status' || status === 'Success';
  const version = metadata?.resourceVersion;
  return typeof version === 'string' && version !== '' && (!kind.endsWith('List') || areObjects(items));
}

/**
 * Check that an answer that reports success is what was asked for. Proxies and load balancers answer in the name of the API
 * server, and an empty answer must never pass for an empty list.
 *
 * @param kinds any of them will do
 * @throws {ServiceUnavailable} it is no answer, and is asked for again
 */
export function requireKind(body: object, doing: string, ...kinds: readonly string[]): void {
  if (kinds.some((kind) => isWhole(body, kind))) return;
  throw new ServiceUnavailable(`${doing} failed for now: what answered is no complete ${kinds.join(' or ')}`);
}
