import type { AutoScalingGroup } from '../../auto-scaling/state/group.ts';
import type { LaunchTemplateData } from '../../ec2/state/launch-template-data.ts';
import type { RegionState } from '../../region-state.ts';
import type { NodeConfiguration, Nodegroup, SourceTemplate } from '../state/nodegroup.ts';
import { serviceRoleOf } from '../state/nodegroup-from-scenario.ts';
import { UpdateFailure } from '../state/update.ts';

/** AMI types whose user data EKS merges with its own, which it can in one format only. */
const MIME_AMI_TYPE = /^AL2/;

/**
 * What the owner's template gives to EKS's own.
 *
 * @throws {UpdateFailure} for user data that cannot be merged
 * @see https://github.com/terraform-aws-modules/terraform-aws-eks/issues/1770 (the text)
 */
export function dataOfSource(
  { launchTemplates }: RegionState,
  { amiType }: Pick<Nodegroup, 'amiType'>,
  source: SourceTemplate,
): LaunchTemplateData {
  const template = launchTemplates.get({ LaunchTemplateId: source.id });
  const { data } = launchTemplates.getVersion(template, source.version);
  const userData = Buffer.from(data.UserData ?? '', 'base64').toString();
  if (userData !== '' && MIME_AMI_TYPE.test(amiType) && !/^(MIME-Version|Content-Type):/i.test(userData))
    throw new UpdateFailure('Unknown', 'User data was not in the MIME multipart format.');
  return data;
}

/**
 * Make a new version of EKS's own launch template, and remember what nodes get from it.
 *
 * The owner's template is copied, never launched from.
 *
 * @throws {UpdateFailure}
 * @see https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
 */
export function addConfiguration(
  state: RegionState,
  nodegroup: Nodegroup,
  wanted: Omit<NodeConfiguration, 'templateVersion'>,
): NodeConfiguration {
  const { launchTemplates, scenario } = state;
  const template = launchTemplates.get({ LaunchTemplateId: nodegroup.templateId });
  const current = launchTemplates.getVersion(template, String(nodegroup.configuration.templateVersion)).data;
  const { IamInstanceProfile, InstanceType, SecurityGroupIds } = current;
  const base =
    wanted.source === undefined
      ? current
      : { IamInstanceProfile, InstanceType, SecurityGroupIds, ...dataOfSource(state, nodegroup, wanted.source) };
  const { number } = launchTemplates.addVersion(template, {
    data: { ...base, ImageId: wanted.imageId },
    createdBy: serviceRoleOf(scenario.accountId),
  });
  const configuration = { ...wanted, templateVersion: number };
  nodegroup.configurations.set(number, configuration);
  return configuration;
}

/** Make the Auto Scaling group of a managed group launch with a configuration. */
export function launchFrom(
  { autoScaling }: RegionState,
  group: AutoScalingGroup,
  { templateVersion }: NodeConfiguration,
): void {
  if (group.source.kind === 'launch-configuration') return;
  group.source = { ...group.source, template: { ...group.source.template, version: String(templateVersion) } };
  autoScaling.wake(group);
}
