import type {
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
  AutoScalingGroup as ServiceGroup,
  UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { LaunchSource } from '../../domain/types.ts';

/** Where a group takes its launch template from: its own setting, or the base template of its mixed policy. */
export function toLaunchSource(group: ServiceGroup): LaunchSource | undefined {
  const policy = group.MixedInstancesPolicy;
  const template = policy?.LaunchTemplate?.LaunchTemplateSpecification ?? group.LaunchTemplate;
  if (template?.LaunchTemplateId === undefined) return undefined;
  const overrides = policy?.LaunchTemplate?.Overrides ?? [];
  return omitUndefined({
    launchTemplateId: template.LaunchTemplateId,
    // A group created without a version uses the default version, and its answer has no version.
    version: template.Version ?? '$Default',
    mixedInstancesPolicy: policy as Readonly<Record<string, unknown>> | undefined,
    overridingTemplates: overrides.flatMap(({ InstanceType, LaunchTemplateSpecification: own, ImageId }) => {
      const which = InstanceType === undefined ? 'an override' : `the override for ${InstanceType}`;
      return [
        ...(own === undefined
          ? []
          : [`${which} has its own launch template ${own.LaunchTemplateId ?? own.LaunchTemplateName}`]),
        ...(ImageId === undefined ? [] : [`${which} has its own AMI ${ImageId}`]),
      ];
    }),
    usesWeights: overrides.some(({ WeightedCapacity }) => WeightedCapacity !== undefined),
  });
}

/** The service answers with id and name, and refuses a request that has both. */
const withoutName = ({ LaunchTemplateName, ...template }: LaunchTemplateSpecification): LaunchTemplateSpecification =>
  template.LaunchTemplateId === undefined ? omitUndefined({ LaunchTemplateName, ...template }) : template;

/**
 * The part of an UpdateAutoScalingGroup request that makes a group launch from another version of its template.
 *
 * A top-level LaunchTemplate would replace a mixed policy, and what a partial policy does is not documented: a policy is
 * sent back whole, with only the version changed.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
 */
export function launchingFrom(
  { launchTemplateId, mixedInstancesPolicy }: LaunchSource,
  version: string,
): Pick<UpdateAutoScalingGroupCommandInput, 'LaunchTemplate' | 'MixedInstancesPolicy'> {
  const base = { LaunchTemplateId: launchTemplateId, Version: version };
  if (mixedInstancesPolicy === undefined) return { LaunchTemplate: base };
  const policy = mixedInstancesPolicy as MixedInstancesPolicy;
  const Overrides = policy.LaunchTemplate?.Overrides?.map((override) =>
    override.LaunchTemplateSpecification === undefined
      ? override
      : { ...override, LaunchTemplateSpecification: withoutName(override.LaunchTemplateSpecification) },
  );
  return {
    MixedInstancesPolicy: {
      ...policy,
      LaunchTemplate: omitUndefined({ ...policy.LaunchTemplate, LaunchTemplateSpecification: base, Overrides }),
    },
  };
}
