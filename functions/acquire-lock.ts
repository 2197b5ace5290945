import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { runSchema } from '../domain/state.ts';
import { acquireLease } from '../operations/lease/control-record.ts';

/**
 * Hold the group's Lease for this execution, or take it over from one that no longer runs.
 *
 * @throws {UpgradeInProgress} when another running execution holds it
 */
export const acquireLock = defineStep(z.strictObject({ run: runSchema }), async ({ run }, deps) => ({
  status: await acquireLease(deps, run),
}));

export const handler = toHandler(acquireLock);
