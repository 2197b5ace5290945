import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { withControl } from '../domain/admission/control.ts';
import { raisedSizes, sizesOf } from '../domain/nodegroup/original-settings.ts';
import { workflowRunSchema } from '../domain/state.ts';
import { changeControl } from '../operations/lease/control-record.ts';
import { observeGroup } from '../operations/nodegroup/observe-group.ts';

const addSeconds = (instant: Date, seconds: number) => new Date(instant.getTime() + seconds * 1000).toISOString();

/**
 * Raise maximum and desired size by the surge, in one call, so that replacements come first.
 *
 * What an earlier run added and did not take back counts: nothing surges twice.
 */
export const scaleUp = defineStep(z.strictObject({ run: workflowRunSchema }), async ({ run }, deps) => {
  const { group, members } = await observeGroup(deps, run);
  const outdated = members.filter(({ isOutdated }) => isOutdated).length;
  const raise = outdated === 0 ? undefined : raisedSizes(group, run.surge);
  const requestedAt = deps.clock.now();
  if (raise !== undefined) {
    // What was absorbed before belongs to the accounts of an earlier surge.
    await changeControl(await deps.cluster(run.clusterName), run, (lease) =>
      withControl(lease, { absorbed: undefined }),
    );
    await deps.autoScaling.setTags(group.name, raise.tags);
    await deps.autoScaling.resize(group.name, raise.sizes);
  }
  return {
    status: raise === undefined ? 'notNeeded' : 'raised',
    sizes: { ...sizesOf(group), ...raise?.sizes },
    requestedAt: requestedAt.toISOString(),
    deadlineAt: addSeconds(requestedAt, run.nodeReadyTimeoutSeconds),
  };
});

export const handler = toHandler(scaleUp);
