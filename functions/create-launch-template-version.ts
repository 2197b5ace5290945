import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { clientTokenOf, describeVersion } from '../domain/nodegroup/launch-template.ts';
import { previousVersionOf } from '../domain/nodegroup/original-settings.ts';
import { workflowRunSchema } from '../domain/state.ts';
import { readGroup } from '../operations/nodegroup/observe-group.ts';
import { pinToSource } from '../operations/scale/set-up-group.ts';

/**
 * Create the template version with the target AMI: everything else, user data included, comes from the version in use.
 *
 * A version that the plan found to have the AMI already is used as it is. The client token makes a retry return the same
 * version.
 */
export const createLaunchTemplateVersion = defineStep(
  z.strictObject({ run: workflowRunSchema }),
  async ({ run }, deps) => {
    const { launchTemplateId, sourceVersion, launchTemplateVersion, amiId } = run.target;
    const group = await readGroup(deps, run.autoScalingGroupName, { withInstances: false });
    const ids = { launchTemplateId, previousVersion: previousVersionOf(group, run.target) };
    if (launchTemplateVersion !== undefined) return { ...ids, version: launchTemplateVersion, isNew: false };
    // A group on $Latest would launch from the new version before anything else is in place.
    await pinToSource(deps, run, group);
    const created = await deps.ec2.createLaunchTemplateVersion({
      launchTemplateId,
      sourceVersion,
      imageId: amiId,
      description: describeVersion(run),
      clientToken: clientTokenOf(run),
    });
    return { ...ids, version: String(created.version), isNew: true };
  },
);

export const handler = toHandler(createLaunchTemplateVersion);
