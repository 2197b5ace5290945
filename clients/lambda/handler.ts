import { randomInt } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Clock, Deps } from '../ports.ts';
import { createDeps } from './deps.ts';
import { withShortStack } from './short-stack.ts';
import { runStep, type Step } from './step.ts';
import { systemClock } from './system-clock.ts';

type Log = (message: string, fields: Record<string, unknown>) => void;

/** What is used of a Powertools logger. */
export interface StepLogger {
  readonly info: Log;
  readonly error: Log;
}

/** What a handler uses besides its event; that of Lambda unless given. */
export interface HandlerSurroundings {
  readonly createDeps: () => Deps;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: StepLogger;
  /** Name of the step in the log. */
  readonly stepName: string | undefined;
}

const SERVICE_NAME = 'eks-nodegroup-upgrade';
const RANDOM_RANGE = 2 ** 47;

/** The clients of a Lambda function, for the region and role in its environment. */
function depsFromEnvironment(): Deps {
  // Lambda sets the first; the second is what people export in a shell.
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (region === undefined) throw new Error('AWS_REGION is not set');
  return createDeps({
    region,
    clock: systemClock,
    random: () => randomInt(RANDOM_RANGE) / RANDOM_RANGE,
    nodeStateMachineArn: process.env.UPGRADE_NODE_STATE_MACHINE_ARN,
  });
}

/** The ids in an event, so that its log record can be found by them. */
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

/** Nothing but texts: an error of the SDK contains its request, whose headers contain credentials. */
function errorOf(thrown: unknown): { name: string; message: string; stack: string } {
  const { name, message, stack = '' } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { name, message, stack };
}

/**
 * Make a Lambda handler of a step. Clients are built once per container, at the first event. Each event leaves one JSON object
 * in the log, with ids, status and duration, and the error with its stack if the step failed.
 *
 * @throws what the step throws, so that Step Functions sees the error's name
 */
export function toHandler<Input, Output>(
  step: Step<Input, Output>,
  surroundings: Partial<HandlerSurroundings> = {},
): (event: unknown) => Promise<Output> {
  const { clock = systemClock, createDeps: connect = depsFromEnvironment } = surroundings;
  let { logger } = surroundings;
  let deps: Deps | undefined;

  return async (event) => {
    const startedAt = clock.now().getTime();
    logger ??= new Logger({ serviceName: SERVICE_NAME });
    const recordOf = (status: string) => ({
      step: surroundings.stepName ?? process.env.AWS_LAMBDA_FUNCTION_NAME ?? '',
      ...idsOf(event),
      status,
      durationMilliseconds: clock.now().getTime() - startedAt,
    });
    try {
      deps ??= connect();
      const output = await runStep(step, event, deps);
      logger.info('step ended', recordOf(statusOf(output)));
      return output;
    } catch (thrown) {
      logger.error('step failed', { ...recordOf('failed'), error: errorOf(thrown) });
      throw withShortStack(thrown);
    }
  };
}
