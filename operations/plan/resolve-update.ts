import type { Deps } from '../../clients/ports.ts';
import { checkEksSettings } from '../../domain/eks-update/settings.ts';
import { checkUpdateTarget, isRecorded, renewedLabels, versionOf } from '../../domain/eks-update/target.ts';
import { InvalidInput, UnsupportedNodegroup } from '../../domain/errors.ts';
import type { ResolvedTarget, ResolvedUpdate, TargetFacts } from '../../domain/plan/target.ts';
import type { UpdateRequest } from '../../domain/state.ts';
import type { EksNodegroup, LaunchTemplateVersion, MachineImage } from '../../domain/types.ts';
import { findFollowable } from '../eks-update/find-followable.ts';
import { imageOf, resolveTarget } from './resolve-target.ts';

type TemplateVersion = NonNullable<UpdateRequest['launchTemplate']>;

/**
 * Read the version of the owner's template that the input names.
 *
 * @throws {InvalidInput} when there is none, or when its AMI, or the lack of one, is not what the group was created with
 */
async function findOwnVersion(
  deps: Deps,
  { name, amiType }: EksNodegroup,
  { id, version }: TemplateVersion,
): Promise<LaunchTemplateVersion> {
  const found = await deps.ec2.findLaunchTemplateVersion(id, version);
  if (found === undefined) throw new InvalidInput(`launch template ${id} has no version ${version}`);
  if ((amiType === 'CUSTOM') !== (found.imageId !== undefined)) {
    const [has, needs] = amiType === 'CUSTOM' ? ['names no AMI', 'names one'] : ['names an AMI', 'names none'];
    throw new InvalidInput(
      `version ${version} of launch template ${id} ${has}, but node group ${name} was created with a template that ${needs}, and EKS never changes that: create a new node group`,
    );
  }
  return found;
}

/** A new version of the owner's template: with its own AMI, or with the release that the group has. */
async function byTemplate(
  deps: Deps,
  nodegroup: EksNodegroup,
  template: TemplateVersion,
  currentImage: MachineImage | undefined,
): Promise<ResolvedTarget> {
  const { imageId } = await findOwnVersion(deps, nodegroup, template);
  const source = `version ${template.version} of launch template ${template.id}`;
  if (imageId !== undefined) return { image: await imageOf(deps, imageId, source), source };
  if (currentImage === undefined) {
    throw new UnsupportedNodegroup(
      `the AMI that node group ${nodegroup.name} uses does not exist any more: name a "releaseVersion"`,
    );
  }
  return {
    image: currentImage,
    releaseVersion: nodegroup.releaseVersion,
    source: `${source}, with the AMI in use`,
  };
}

const previousOf = ({ version, releaseVersion, amiType, launchTemplate }: EksNodegroup) => ({
  version,
  ...(amiType !== 'CUSTOM' && { releaseVersion }),
  ...(launchTemplate !== undefined && { launchTemplateVersion: launchTemplate.version }),
});

/**
 * Resolve what EKS is to be asked for, refusing before anything is touched what EKS would refuse.
 *
 * @throws {InvalidInput} {AmiNotFound} {UnsupportedNodegroup}
 * @throws {UpgradeInProgress} when another update is under way; one with the same target is followed
 */
export async function resolveUpdate(
  deps: Deps,
  facts: TargetFacts & { readonly nodegroup: EksNodegroup },
): Promise<ResolvedUpdate> {
  const { input, nodegroup, kubernetesVersion, currentImage } = facts;
  const isCustom = nodegroup.amiType === 'CUSTOM';
  checkEksSettings(input, nodegroup);
  const template = checkUpdateTarget(nodegroup, input.target);
  const version = isCustom ? undefined : versionOf(nodegroup, kubernetesVersion, input.target);
  const target =
    template === undefined
      ? await resolveTarget(deps, { ...facts, kubernetesVersion: version ?? kubernetesVersion })
      : await byTemplate(deps, nodegroup, template, currentImage);
  const request = {
    ...(version !== undefined && { version }),
    ...(target.releaseVersion !== undefined && { releaseVersion: target.releaseVersion }),
    ...(template !== undefined && { launchTemplate: template }),
  };
  const of = { clusterName: input.clusterName, nodegroupName: nodegroup.name };
  const running = nodegroup.status === 'UPDATING' ? await findFollowable(deps, of, request) : undefined;
  return {
    ...target,
    nodegroupName: nodegroup.name,
    // While an update is under way EKS may record what it goes to already.
    update: {
      ...request,
      ...(running === undefined ? { previous: previousOf(nodegroup) } : { runningUpdateId: running.id }),
    },
    renewedLabels: renewedLabels(target.image.imageId, template ?? nodegroup.launchTemplate),
    isRecorded: running === undefined && isRecorded(nodegroup, request),
  };
}
