import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { continuedSchema } from '../domain/admission/continuation.ts';
import { takeOverFrom } from '../operations/admission/take-over.ts';

const inputSchema = z.strictObject({ continued: z.unknown(), executionName: z.string() });

/**
 * Take up the run of the execution before this one, whose history is full.
 *
 * @throws {InvalidInput} when that execution has not handed it over to this one
 */
export const takeOver = defineStep(inputSchema, async ({ continued, executionName }, deps) =>
  takeOverFrom(deps, continuedSchema.safeParse(continued).data, executionName),
);

export const handler = toHandler(takeOver);
