import * as z from 'zod';
import { toHandler } from '../clients/lambda.ts';
import { acquireLease } from '../clients/operations/control-record.ts';
import { defineStep } from '../clients/step.ts';
import { runSchema } from '../domain/run.ts';

/**
 * Hold the group's Lease for this execution, or take it over from one that no longer runs.
 *
 * @throws {UpgradeInProgress} when another running execution holds it
 */
export const acquireLock = defineStep(z.strictObject({ run: runSchema }), async ({ run }, deps) => ({
  status: await acquireLease(deps, run),
}));

export const handler = toHandler(acquireLock);
