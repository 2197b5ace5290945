import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { runSchema } from '../domain/state.ts';
import { acquireLease } from '../operations/lease/acquire-lease.ts';

/**
 * Hold the group's Lease for this execution, or take it over from one that no longer runs, with what that one has in hand.
 *
 * @throws {UpgradeInProgress} when another execution that is alive holds it
 * @throws {InvalidInput} when its namespace does not exist, or the record was edited into nonsense
 */
export const acquireLock = defineStep(z.strictObject({ run: runSchema }), async ({ run }, deps) =>
  acquireLease(deps, run),
);

export const handler = toHandler(acquireLock);
