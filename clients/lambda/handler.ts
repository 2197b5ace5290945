import { randomInt } from 'node:crypto';
import type { Clock, Deps } from '../ports.ts';
import { createDeps } from './deps.ts';
import { runStep, type Step } from './step.ts';
import { systemClock } from './system-clock.ts';

export { createDeps, type DepsOptions, preloadClients } from './deps.ts';

/** What a handler takes from its surroundings; Lambda's own unless given. */
export interface HandlerSurroundings {
  readonly createDeps: () => Deps;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: (line: string) => void;
  /** Name of the step in the log. */
  readonly stepName: string | undefined;
}

const RANDOM_RANGE = 2 ** 47;

/** The clients of a Lambda function: its region and role, as its environment says. */
function depsFromEnvironment(): Deps {
  // Lambda sets the first; the second is what people export in a shell.
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (region === undefined) throw new Error('AWS_REGION is not set: it says which region to work in');
  return createDeps({ region, clock: systemClock, random: () => randomInt(RANDOM_RANGE) / RANDOM_RANGE });
}

/** The ids in an event by which a log line is found again. */
function idsOf(event: unknown): { executionArn?: string; instanceId?: string } {
  const {
    run,
    node,
    executionArn = run?.executionArn,
  } = (event ?? {}) as {
    run?: { executionArn?: unknown };
    node?: { instanceId?: unknown };
    executionArn?: unknown;
  };
  const instanceId = node?.instanceId;
  return {
    ...(typeof executionArn === 'string' ? { executionArn } : {}),
    ...(typeof instanceId === 'string' ? { instanceId } : {}),
  };
}

function statusOf(output: unknown): string {
  const { status = 'done' } = (output ?? {}) as { status?: unknown };
  return String(status);
}

/**
 * Make a Lambda handler of a step: clients are built once per container, at the first event; each event leaves one line of
 * JSON in the log, with ids, status and duration, and the error's name and sentence if it failed.
 *
 * @throws what the step throws, so that Step Functions sees the error's name
 */
export function toHandler<Input, Output>(
  step: Step<Input, Output>,
  surroundings: Partial<HandlerSurroundings> = {},
): (event: unknown) => Promise<Output> {
  const { clock = systemClock, log = console.log, createDeps: connect = depsFromEnvironment } = surroundings;
  let deps: Deps | undefined;

  return async (event) => {
    const startedAt = clock.now().getTime();
    const report = (outcome: { status: string; error?: { name: string; message: string } }) =>
      log(
        JSON.stringify({
          step: surroundings.stepName ?? process.env.AWS_LAMBDA_FUNCTION_NAME,
          ...idsOf(event),
          ...outcome,
          durationMilliseconds: clock.now().getTime() - startedAt,
        }),
      );
    try {
      deps ??= connect();
      const output = await runStep(step, event, deps);
      report({ status: statusOf(output) });
      return output;
    } catch (thrown) {
      const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
      report({ status: 'failed', error: { name, message } });
      throw thrown;
    }
  };
}
