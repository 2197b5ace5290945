import type { InvokeFunction } from '../step-functions/interpreter/task.ts';
import type { SandboxClock } from '../world/clock.ts';

/**
 * Waits before the calls of an event whose function fails: once more after a minute, and after two.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const RETRY_SECONDS = [60, 120];

/** Call a function with an event, for whose end nobody waits, and again when it fails. */
export async function callLater(
  surroundings: { readonly clock: SandboxClock; readonly invokeFunction: InvokeFunction },
  functionKey: string,
  event: unknown,
  [retrySeconds, ...later]: readonly number[] = RETRY_SECONDS,
): Promise<void> {
  const { clock, invokeFunction } = surroundings;
  try {
    await clock.run(() => invokeFunction(functionKey, structuredClone(event)));
  } catch {
    if (retrySeconds === undefined) return;
    clock.after(retrySeconds, () => void callLater(surroundings, functionKey, event, later));
  }
}
