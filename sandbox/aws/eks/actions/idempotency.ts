import type { AwsError } from '../../aws-error.ts';

/** Requests that were carried out, by their client tokens. */
export interface Idempotency<T> {
  /**
   * Carry out a request, or give the result of the same request that came with this token before.
   *
   * @throws what `mismatch` makes, when the token came with another request
   */
  once(token: string | undefined, request: object, carryOut: () => T, mismatch: () => AwsError): T;
}

/** Create an empty memory of client tokens. */
export function createIdempotency<T>(): Idempotency<T> {
  const known = new Map<string, { readonly request: string; readonly result: T }>();
  return {
    once(token, request, carryOut, mismatch) {
      if (token === undefined) return carryOut();
      const asked = JSON.stringify(request);
      const before = known.get(token);
      if (before !== undefined && before.request !== asked) throw mismatch();
      if (before !== undefined) return before.result;
      const result = carryOut();
      known.set(token, { request: asked, result });
      return result;
    },
  };
}
