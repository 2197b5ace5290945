import * as z from 'zod';
import type { Run } from '../state.ts';
import { checksumOf } from '../text.ts';
import type { AutoScalingGroup } from '../types.ts';
import { executionNameOf } from './node-ownership.ts';

/** Output of CreateLaunchTemplateVersion: the version the run goes to, and the one to go back to. */
export const launchTemplateSchema = z.strictObject({
  launchTemplateId: z.string(),
  version: z.string().describe('number of the version with the target AMI'),
  previousVersion: z.string().describe('number of the version in use before; the target of a rollback'),
  isNew: z.boolean(),
});
export type LaunchTemplate = z.infer<typeof launchTemplateSchema>;

/** Whether a group launches from a version: a number alone says nothing, because every template counts from 1. */
export const launchesFrom = (
  { launchSource }: Pick<AutoScalingGroup, 'launchSource'>,
  { launchTemplateId, version }: Pick<LaunchTemplate, 'launchTemplateId' | 'version'>,
): boolean => launchSource?.launchTemplateId === launchTemplateId && launchSource.version === version;

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
export function clientTokenOf(run: Run): string {
  const name = executionNameOf(run.executionArn);
  const token = encodeURIComponent(`eks-nodegroup-upgrade-${name}`);
  if (token.length <= MOST_TOKEN_CHARACTERS) return token;
  // A name in another script is several times as long when encoded; what is cut off comes back as a checksum.
  const checksum = checksumOf(name);
  return `${token.slice(0, MOST_TOKEN_CHARACTERS - checksum.length - 1)}-${checksum}`;
}
