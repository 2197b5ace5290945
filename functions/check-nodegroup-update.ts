import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { nodegroupUpdateSchema } from '../domain/eks-update/eks-update.ts';
import { eksRunSchema } from '../domain/state.ts';
import { followWithinStep } from '../operations/eks-update/observe-update.ts';

const inputSchema = z.strictObject({ run: eksRunSchema, update: nodegroupUpdateSchema });

/**
 * Follow EKS's update for as long as a step may: which nodes it drains, which pods have left, which pods and budgets block it.
 *
 * @throws {PodEvictionFailure} {NodeCreationFailure} {AccessDenied} {ClusterUnreachable} {NotConverging} when EKS gave up
 * @throws {UpgradeCancelled} {AlarmTriggered} although EKS continues
 */
export const checkNodegroupUpdate = defineStep(inputSchema, async ({ run, update }, deps) =>
  followWithinStep(deps, run, update),
);

export const handler = toHandler(checkNodegroupUpdate);
