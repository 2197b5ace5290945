import { isOlderRelease, minorOfRelease } from '../ami/releases.ts';
import { InvalidInput, UnpublishedAmi } from '../errors.ts';
import type { UpgradeInput } from '../input/input.ts';
import { executionNameOf } from '../nodegroup/node-ownership.ts';
import type { Run, UpdateRequest } from '../state.ts';
import { checksumOf } from '../text.ts';
import type { EksNodegroup, EksUpdate } from '../types.ts';

/** Labels by which EKS recognises nodes with the newest configuration. @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html (scale up phase) */
const LABELS = {
  image: 'eks.amazonaws.com/nodegroup-image',
  templateId: 'eks.amazonaws.com/sourceLaunchTemplateId',
  templateVersion: 'eks.amazonaws.com/sourceLaunchTemplateVersion',
} as const;

/** Label of every node of a managed node group, with its name. */
export const NODEGROUP_LABEL = 'eks.amazonaws.com/nodegroup';

/** The labels that a renewed node will carry. */
export const renewedLabels = (
  amiId: string,
  template: { readonly id: string; readonly version: string } | undefined,
): Record<string, string> => ({
  [LABELS.image]: amiId,
  ...(template !== undefined && { [LABELS.templateId]: template.id, [LABELS.templateVersion]: template.version }),
});

/**
 * Refuse a target that EKS would refuse for this kind of group, in its own words.
 *
 * @returns the version of the owner's launch template that the target names
 * @throws {InvalidInput}
 */
export function checkUpdateTarget(
  { name, amiType, launchTemplate }: EksNodegroup,
  target: UpgradeInput['target'],
): UpdateRequest['launchTemplate'] {
  if (amiType === 'CUSTOM' && target?.releaseVersion !== undefined) {
    throw new UnpublishedAmi(
      `node group ${name} has a custom AMI, which has no releases: name a "launchTemplateVersion". EKS says: You cannot specify the field releaseVersion when using custom AMIs.`,
    );
  }
  if (amiType === 'CUSTOM' && target?.launchTemplateVersion === undefined) {
    throw new UnpublishedAmi(
      `node group ${name} has a custom AMI, so AWS recommends no newer one: create a version of its launch template${launchTemplate === undefined ? '' : ` ${launchTemplate.id}`} with the new AMI, and name it as {"target": {"launchTemplateVersion": "…"}}. EKS says: Launch template details can't be null for Custom ami type node group`,
    );
  }
  if (target?.launchTemplateVersion === undefined) return undefined;
  if (launchTemplate === undefined) {
    throw new InvalidInput(
      `node group ${name} was created without a launch template of yours, so EKS accepts no version of one: name a "releaseVersion", or leave "target" out`,
    );
  }
  return { id: launchTemplate.id, version: target.launchTemplateVersion };
}

/**
 * Decide which Kubernetes minor to ask EKS for. It is always given, because AWS's documents disagree on what happens without.
 *
 * @throws {InvalidInput} for one that EKS would refuse, in its own words
 */
export function versionOf(nodegroup: EksNodegroup, clusterVersion: string, target: UpgradeInput['target']): string {
  if (target?.launchTemplateVersion !== undefined) return nodegroup.version;
  const named =
    target?.releaseVersion === undefined ? undefined : minorOfRelease(target.releaseVersion, nodegroup.amiType);
  const version = named ?? clusterVersion;
  if (version === clusterVersion || version === nodegroup.version) return version;
  throw new InvalidInput(
    `release ${target?.releaseVersion} is for Kubernetes ${version}, but the control plane is ${clusterVersion} and the node group ${nodegroup.version}. EKS says: Nodegroup Kubernetes version should be equal to Cluster kubernetes version ${clusterVersion} or NodeGroup kubernetes version ${nodegroup.version}`,
  );
}

/** Decide whether the group, as EKS records it, already is what would be asked for. */
export function isRecorded(
  { version, releaseVersion, launchTemplate }: EksNodegroup,
  request: Pick<UpdateRequest, 'version' | 'releaseVersion' | 'launchTemplate'>,
): boolean {
  return (
    (request.version ?? version) === version &&
    (request.releaseVersion ?? releaseVersion) === releaseVersion &&
    (request.launchTemplate?.version ?? launchTemplate?.version) === launchTemplate?.version
  );
}

/**
 * Decide whether an update has our target: then it is followed.
 *
 * A Kubernetes version alone does not decide it: it stands for whatever release was the newest when the update began.
 */
export function hasSameTarget(update: EksUpdate, request: UpdateRequest): boolean {
  const { Version, ReleaseVersion, LaunchTemplateVersion } = update.params;
  const pairs = [
    [Version, request.version],
    [ReleaseVersion, request.releaseVersion],
    [LaunchTemplateVersion, request.launchTemplate?.version],
  ].filter(([given, wanted]) => given !== undefined && wanted !== undefined);
  const specific = ReleaseVersion ?? LaunchTemplateVersion;
  return (
    update.type === 'VersionUpdate' && specific !== undefined && pairs.every(([given, wanted]) => given === wanted)
  );
}

/** Why "force" has no effect on an update that somebody else started. */
export const FORCE_CAME_LATE =
  '"force" has no effect on an update that is under way: whether EKS deletes blocking pods was decided when it began. If it fails, start again';

/** Warnings about an update, before EKS is asked for it. */
export function warningsOfUpdate(
  update: UpdateRequest,
  { amiType, alarms, force }: { amiType: string | undefined; alarms: readonly string[]; force: boolean },
): string[] {
  const { runningUpdateId, releaseVersion, previous } = update;
  const [from, to] = [previous?.releaseVersion, releaseVersion];
  const isDowngrade =
    from !== undefined && to !== undefined && amiType !== undefined && isOlderRelease(to, from, amiType);
  return [
    ...(runningUpdateId === undefined
      ? []
      : [
          `EKS update ${runningUpdateId} with the same target is under way: this run follows it and starts no other`,
          ...(force ? [FORCE_CAME_LATE] : []),
        ]),
    ...(isDowngrade
      ? [
          `${to} is older than ${from}: AWS documents that a node group cannot go back to an earlier AMI version, so EKS may refuse`,
        ]
      : []),
    ...(alarms.length === 0
      ? []
      : [
          runningUpdateId === undefined
            ? 'an update of EKS cannot be stopped: an alarm before the start prevents the update; a later alarm ends the run, but EKS continues'
            : 'an update of EKS cannot be stopped: an alarm ends the run, but EKS continues',
        ]),
  ];
}

/** Describe an update by its type, id and target. */
export function describeUpdate({ id, type, params }: EksUpdate): string {
  const values = Object.entries(params).map(([name, value]) => `${name} ${value}`);
  return `${type} ${id}${values.length === 0 ? '' : ` (${values.join(', ')})`}`;
}

/** Idempotency token of the request: one execution starts one update. At most 64 characters, the lowest limit among AWS services. */
export function updateToken(run: Pick<Run, 'executionArn'>): string {
  const name = executionNameOf(run.executionArn).replace(/[^\w-]/g, '');
  return `eks-nodegroup-upgrade-${checksumOf(run.executionArn)}-${name}`.slice(0, 64);
}
