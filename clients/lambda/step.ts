import * as z from 'zod';
import { InvalidInput } from '../../domain/errors.ts';
import type { Deps } from '../ports.ts';

/** One Task state: what it takes, and what it does. */
export interface Step<Input, Output> {
  readonly input: z.ZodType<Input>;
  readonly run: (input: Input, deps: Deps) => Promise<Output>;
}

/** Declare a step: the schema of its input and its body. */
export const defineStep = <Input, Output>(
  input: z.ZodType<Input>,
  run: (input: Input, deps: Deps) => Promise<Output>,
): Step<Input, Output> => ({ input, run });

/**
 * Parse an event strictly and run a step on it.
 *
 * @throws {InvalidInput} when the event does not match the step's schema
 */
export async function runStep<Input, Output>(step: Step<Input, Output>, event: unknown, deps: Deps): Promise<Output> {
  const parsed = step.input.safeParse(event);
  if (!parsed.success) throw new InvalidInput(z.prettifyError(parsed.error));
  return step.run(parsed.data, deps);
}
