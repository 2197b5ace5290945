/**
 * Say on standard error that the sandbox itself failed, in one line; whoever asked gets an answer all the same.
 *
 * @param where what was being done, e.g. `GET /api/v1/nodes`
 */
export function reportFault(where: string, thrown: unknown): void {
  const why = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  console.error(`The sandbox failed at ${where}: ${why.replaceAll(/\s*\n\s*/g, ' ')}`);
}

/** Whether something thrown says that a request was nested so deeply that no program could walk through it. */
export const isNestedTooDeeply = (thrown: unknown): boolean =>
  thrown instanceof RangeError && thrown.message.includes('call stack');
