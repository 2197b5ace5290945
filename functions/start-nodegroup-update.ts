import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { eksRunSchema } from '../domain/state.ts';
import { startUpdate } from '../operations/eks-update/start-update.ts';

/**
 * Ask EKS to update the node group, or follow an update with the same target. A retry starts no second update.
 *
 * @throws {UpgradeCancelled} {AlarmTriggered} {UpgradeInProgress} {InvalidInput} before anything is started
 */
export const startNodegroupUpdate = defineStep(z.strictObject({ run: eksRunSchema }), async ({ run }, deps) =>
  startUpdate(deps, run),
);

export const handler = toHandler(startNodegroupUpdate);
