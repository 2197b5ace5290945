import type { Deps } from '../../clients/ports.ts';
import { type AmiType, amiParameters, releaseParameter } from '../../domain/ami/ami.ts';
import { AmiNotFound, InvalidInput } from '../../domain/errors.ts';
import { type ResolvedTarget, requireAmiType, type TargetFacts } from '../../domain/plan/target.ts';
import type { LaunchSource, LaunchTemplateVersion, MachineImage } from '../../domain/types.ts';

const AMI_ID = /^ami-[0-9a-f]{8,17}$/;

/** Find an AMI. @throws {AmiNotFound} */
export async function imageOf(deps: Deps, amiId: string, origin: string): Promise<MachineImage> {
  if (!AMI_ID.test(amiId)) throw new AmiNotFound(`${origin} holds "${amiId}", which is not an AMI id`);
  const image = await deps.ec2.findImage(amiId);
  if (image === undefined) {
    throw new AmiNotFound(`${amiId} (${origin}) does not exist in this region, or is not shared with this account`);
  }
  return image;
}

async function fromParameter(deps: Deps, name: string, hint: string): Promise<MachineImage> {
  const amiId = await deps.parameters.find(name);
  if (amiId === undefined) throw new AmiNotFound(`there is no SSM parameter ${name}: ${hint}`);
  return imageOf(deps, amiId, `the SSM parameter ${name}`);
}

/** The release version that is published beside an AMI id. */
async function publishedRelease(deps: Deps, amiType: AmiType, kubernetesVersion: string): Promise<string | undefined> {
  const parameters = amiParameters(amiType, kubernetesVersion);
  if (parameters === undefined) return undefined;
  const value = await deps.parameters.find(parameters.release);
  if (value === undefined || !parameters.isReleaseInJson) return value;
  try {
    return (JSON.parse(value) as { release_version?: string }).release_version;
  } catch {
    return undefined;
  }
}

async function recommended(deps: Deps, facts: TargetFacts): Promise<ResolvedTarget> {
  const amiType = requireAmiType(facts);
  const parameters = amiParameters(amiType, facts.kubernetesVersion);
  if (parameters === undefined) {
    throw new AmiNotFound(`AWS documents no SSM parameter for ${amiType}: name the "target" of the upgrade`);
  }
  const image = await fromParameter(
    deps,
    parameters.imageId,
    `AWS publishes no ${amiType} AMI for Kubernetes ${facts.kubernetesVersion}; name another "amiType" or a "target"`,
  );
  const releaseVersion = await publishedRelease(deps, amiType, facts.kubernetesVersion);
  return {
    image,
    amiType,
    ...(releaseVersion !== undefined && { releaseVersion }),
    source: `recommended by ${parameters.imageId}`,
  };
}

async function byRelease(deps: Deps, facts: TargetFacts, releaseVersion: string): Promise<ResolvedTarget> {
  const amiType = requireAmiType(facts);
  const { kubernetesVersion } = facts;
  const name = releaseParameter(amiType, kubernetesVersion, releaseVersion);
  if (name === undefined) {
    throw new InvalidInput(
      `"${releaseVersion}" is not a release version of ${amiType} for Kubernetes ${kubernetesVersion}: write it like 1.33.5-20260101 (Amazon Linux) or 1.49.0 (Bottlerocket), or name the AMI`,
    );
  }
  const hint = `there is no release ${releaseVersion} of ${amiType} for Kubernetes ${kubernetesVersion}`;
  const image = await fromParameter(deps, name, hint);
  return { image, amiType, releaseVersion, source: `release ${releaseVersion} by ${name}` };
}

async function byVersion(deps: Deps, facts: TargetFacts, version: string): Promise<ResolvedTarget> {
  const { launchTemplateId } = facts.launchSource;
  const found = await deps.ec2.findLaunchTemplateVersion(launchTemplateId, version);
  if (found === undefined) throw new InvalidInput(`launch template ${launchTemplateId} has no version ${version}`);
  if (found.imageId === undefined) {
    throw new InvalidInput(`version ${version} of launch template ${launchTemplateId} names no AMI`);
  }
  const image = await imageOf(deps, found.imageId, `version ${version} of ${launchTemplateId}`);
  return {
    image,
    source: `version ${version} of launch template ${launchTemplateId}`,
    launchTemplateVersion: version,
    snapshots: found.snapshots ?? {},
  };
}

/**
 * Resolve the AMI of the upgrade, once: `recommended` moves while a run is under way.
 *
 * @throws {AmiNotFound} when it does not exist or nobody publishes it
 * @throws {InvalidInput} when the input does not determine one
 */
export async function resolveTarget(deps: Deps, facts: TargetFacts): Promise<ResolvedTarget> {
  const { target } = facts.input;
  if (target?.amiId !== undefined) {
    return { image: await imageOf(deps, target.amiId, 'the target'), source: 'named in the input' };
  }
  if (target?.launchTemplateVersion !== undefined) return byVersion(deps, facts, target.launchTemplateVersion);
  if (target?.releaseVersion !== undefined) return byRelease(deps, facts, target.releaseVersion);
  if (target?.ssmParameter !== undefined) {
    const image = await fromParameter(deps, target.ssmParameter, 'check its name');
    return { image, source: `SSM parameter ${target.ssmParameter}` };
  }
  return recommended(deps, facts);
}

/** Number of the template version in use. @throws {InvalidInput} when it does not exist any more */
export async function versionInUse(deps: Deps, source: LaunchSource): Promise<LaunchTemplateVersion> {
  const version = await deps.ec2.findLaunchTemplateVersion(source.launchTemplateId, source.version);
  if (version !== undefined) return version;
  throw new InvalidInput(
    `the group launches from version ${source.version} of ${source.launchTemplateId}, which does not exist: point it at an existing version`,
  );
}
