import type { GroupNode } from '../nodegroup/nodegroup.ts';
import { plural } from '../text.ts';
import type { LaunchTemplateVersion, MachineImage } from '../types.ts';

const MOST_NAMED = 10;

const listed = (names: readonly string[]): string => {
  const more = names.length - MOST_NAMED;
  return [...names.slice(0, MOST_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(', ');
};

/** Say that the template boots its own disk, whatever the AMI: a new node would run what the old ones run. */
export function noteOfSnapshot(
  { snapshots = {} }: Pick<LaunchTemplateVersion, 'snapshots'>,
  { imageId, rootDeviceName }: Pick<MachineImage, 'imageId' | 'rootDeviceName'>,
): string[] {
  const snapshot = rootDeviceName === undefined ? undefined : snapshots[rootDeviceName];
  if (snapshot === undefined) return [];
  return [
    `the template boots ${rootDeviceName} from ${snapshot}, whatever its AMI: new nodes would run what is on that snapshot, not ${imageId}. Remove SnapshotId from the block device mapping of the template first`,
  ];
}

/** Say which other groups launch the new version too, because they follow `$Latest` of the same template. */
export function noteOfFollowers(followers: readonly string[], imageId: string): string[] {
  if (followers.length === 0) return [];
  const groups = followers.length === 1 ? 'another Auto Scaling group follows' : 'other Auto Scaling groups follow';
  return [
    `${groups} $Latest of the same launch template, and will launch ${imageId} from now on: ${listed(followers)}. Point them at a number first, if they are not to`,
  ];
}

/** Say that protection from scale-in does not keep a node; `undefined` where none is protected. */
export function noteOfProtection(members: readonly GroupNode[]): string | undefined {
  const ids = members.flatMap((node) => (node.isOutdated && node.isProtectedFromScaleIn ? [node.instanceId] : []));
  return ids.length === 0
    ? undefined
    : `${plural(ids.length, 'outdated node')} protected from scale-in: replaced all the same, as the protection is one from Auto Scaling's own scale-in (${listed(ids)})`;
}
