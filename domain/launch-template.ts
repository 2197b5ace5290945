import * as z from 'zod';
import { executionNameOf } from './marks.ts';
import type { Run } from './run.ts';

/** Output of CreateLaunchTemplateVersion: the version the run goes to, and the one to go back to. */
export const launchTemplateSchema = z.strictObject({
  launchTemplateId: z.string(),
  version: z.string().describe('number of the version with the target AMI'),
  previousVersion: z.string().describe('number of the version in use before; the target of a rollback'),
  isNew: z.boolean(),
});
export type LaunchTemplate = z.infer<typeof launchTemplateSchema>;

const MOST_DESCRIPTION_CHARACTERS = 255;
const MOST_TOKEN_CHARACTERS = 128;

/** Description of the new version: what it is and who made it. */
export const describeVersion = (run: Run): string =>
  `${run.target.amiId}, otherwise as version ${run.target.sourceVersion}; by eks-nodegroup-upgrade ${executionNameOf(run.executionArn)}`.slice(
    0,
    MOST_DESCRIPTION_CHARACTERS,
  );

/**
 * Idempotency token of the new version: one execution makes one.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html (at most 128 ASCII characters)
 */
export const clientTokenOf = (run: Run): string =>
  encodeURIComponent(`eks-nodegroup-upgrade-${executionNameOf(run.executionArn)}`).slice(0, MOST_TOKEN_CHARACTERS);
