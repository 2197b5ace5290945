import type { Deps } from '../../clients/ports.ts';
import { LockLost } from '../../domain/errors.ts';
import type { Conductor } from './conductor.ts';

/** How long the conductor goes on without knowing whether its execution was stopped. */
const LONGEST_SILENCE_SECONDS = 60;

/**
 * Check that the execution still runs: StopExecution does not reach a Lambda that is running.
 *
 * @throws {LockLost} when it was stopped
 * @throws the error of the lookup, once it has failed for a minute; Step Functions retries the step then, if it still runs
 */
export async function checkOwnExecution(deps: Deps, conductor: Conductor): Promise<Conductor> {
  const { request, ownExecutionUnknownSince = deps.clock.now().toISOString() } = conductor;
  const ownExecutionAt = deps.clock.now().toISOString();
  try {
    for (const arn of new Set([request.executionArn, request.run.executionArn])) {
      if (!(await deps.executions.isRunning(arn))) throw new LockLost(`execution ${arn} no longer runs`);
    }
    return { ...conductor, ownExecutionAt, ownExecutionUnknownSince: undefined };
  } catch (error) {
    const silentSeconds = (deps.clock.now().getTime() - Date.parse(ownExecutionUnknownSince)) / 1000;
    if (error instanceof LockLost || silentSeconds >= LONGEST_SILENCE_SECONDS) throw error;
    return { ...conductor, ownExecutionAt, ownExecutionUnknownSince };
  }
}
