/**
 * The error without the frames of its stack: Lambda copies the stack into the cause, and the cause goes into the state of an
 * execution, beside those of hundreds of others.
 */
export function withShortStack(thrown: unknown): unknown {
  if (thrown instanceof Error) thrown.stack = thrown.name;
  return thrown;
}
