import { isAwsError } from '../../aws-error.ts';
import {
  boolean,
  choice,
  type InputOf,
  integer,
  list,
  required,
  string,
  structure,
  within,
} from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { terminationPolicyNames } from '../simulation/termination-policy.ts';
import { causes } from '../state/activities.ts';
import type { AutoScalingGroup, LaunchSource, TemplateSpecification } from '../state/group.ts';
import { invalid } from '../validation-error.ts';

const templateSpecification = structure({ LaunchTemplateId: string, LaunchTemplateName: string, Version: string });

/** Members of UpdateAutoScalingGroup's input. */
export const updateGroupMembers = {
  AutoScalingGroupName: required(string),
  LaunchConfigurationName: string,
  LaunchTemplate: templateSpecification,
  MixedInstancesPolicy: structure({
    LaunchTemplate: structure({
      LaunchTemplateSpecification: templateSpecification,
      Overrides: list(
        structure({
          InstanceType: string,
          WeightedCapacity: string,
          LaunchTemplateSpecification: templateSpecification,
          ImageId: string,
        }),
      ),
    }),
    InstancesDistribution: structure({
      OnDemandAllocationStrategy: string,
      OnDemandBaseCapacity: integer,
      OnDemandPercentageAboveBaseCapacity: integer,
      SpotAllocationStrategy: string,
      SpotInstancePools: integer,
      SpotMaxPrice: string,
    }),
  }),
  MinSize: within(integer, 0),
  MaxSize: within(integer, 0),
  DesiredCapacity: within(integer, 0),
  AvailabilityZones: list(string),
  VPCZoneIdentifier: string,
  TerminationPolicies: list(string),
  NewInstancesProtectedFromScaleIn: boolean,
  DefaultCooldown: integer,
  HealthCheckType: string,
  HealthCheckGracePeriod: integer,
  PlacementGroup: string,
  ServiceLinkedRoleARN: string,
  MaxInstanceLifetime: integer,
  CapacityRebalance: boolean,
  Context: string,
  DesiredCapacityType: string,
  DefaultInstanceWarmup: integer,
  InstanceMaintenancePolicy: structure({ MinHealthyPercentage: integer, MaxHealthyPercentage: integer }),
  AvailabilityZoneDistribution: structure({
    CapacityDistributionStrategy: choice('balanced-only', 'balanced-best-effort'),
  }),
  AvailabilityZoneImpairmentPolicy: structure({
    ZonalShiftEnabled: boolean,
    ImpairedZoneHealthCheckBehavior: choice('ReplaceUnhealthy', 'IgnoreUnhealthy'),
  }),
  DeletionProtection: choice('none', 'prevent-force-deletion', 'prevent-all-deletion'),
};

/** What is stored and shown again, and nothing more. */
const storedOnly = [
  'DefaultCooldown',
  'HealthCheckType',
  'HealthCheckGracePeriod',
  'PlacementGroup',
  'ServiceLinkedRoleARN',
  'MaxInstanceLifetime',
  'CapacityRebalance',
  'Context',
  'DesiredCapacityType',
  'DefaultInstanceWarmup',
  'InstanceMaintenancePolicy',
  'AvailabilityZoneDistribution',
  'AvailabilityZoneImpairmentPolicy',
  'DeletionProtection',
] as const;

type Update = InputOf<typeof updateGroupMembers>;
type Specification = NonNullable<Update['LaunchTemplate']>;

const checkTemplate = (
  { LaunchTemplateId, LaunchTemplateName, Version = '$Default' }: Specification,
  { launchTemplates }: RegionState,
): TemplateSpecification => {
  if ((LaunchTemplateId === undefined) === (LaunchTemplateName === undefined))
    throw invalid('Valid requests must contain either launchTemplateId or LaunchTemplateName');
  try {
    const template = launchTemplates.get({ LaunchTemplateId, LaunchTemplateName });
    launchTemplates.getVersion(template, Version);
    return { templateId: template.id, templateName: template.name, version: Version };
  } catch (thrown) {
    throw isAwsError(thrown) ? invalid(`You must use a valid fully-formed launch template. ${thrown.message}`) : thrown;
  }
};

const checkPolicy = (policy: NonNullable<Update['MixedInstancesPolicy']>, state: RegionState): LaunchSource => {
  const specification = policy.LaunchTemplate?.LaunchTemplateSpecification;
  if (specification === undefined)
    throw invalid('MixedInstancesPolicy must contain LaunchTemplate with a LaunchTemplateSpecification.');
  return {
    kind: 'mixed-instances',
    template: checkTemplate(specification, state),
    distribution: policy.InstancesDistribution ?? {},
    overrides: (policy.LaunchTemplate?.Overrides ?? []).map((override) => ({
      instanceType: override.InstanceType,
      weightedCapacity: override.WeightedCapacity,
      imageId: override.ImageId,
      template: override.LaunchTemplateSpecification && checkTemplate(override.LaunchTemplateSpecification, state),
    })),
  };
};

const newSource = (update: Update, state: RegionState): LaunchSource | undefined => {
  const given = [update.LaunchTemplate, update.MixedInstancesPolicy, update.LaunchConfigurationName];
  if (given.filter((form) => form !== undefined).length > 1)
    throw invalid(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  if (update.LaunchConfigurationName !== undefined)
    throw invalid(
      `Launch configuration name not found - Launch configuration ${update.LaunchConfigurationName} not found`,
    );
  if (update.MixedInstancesPolicy !== undefined) return checkPolicy(update.MixedInstancesPolicy, state);
  if (update.LaunchTemplate === undefined) return undefined;
  return { kind: 'launch-template', template: checkTemplate(update.LaunchTemplate, state) };
};

const newZones = (update: Update, { network }: RegionState): readonly string[] | undefined => {
  if (update.VPCZoneIdentifier !== undefined && update.VPCZoneIdentifier !== '')
    return update.VPCZoneIdentifier.split(',').map((id) => {
      const subnet = network.subnets.find(({ subnetId }) => subnetId === id.trim());
      if (subnet === undefined) throw invalid(`The subnet ID '${id.trim()}' does not exist`);
      return subnet.availabilityZone;
    });
  for (const zone of update.AvailabilityZones ?? [])
    if (network.subnets.every(({ availabilityZone }) => availabilityZone !== zone))
      throw invalid(`Invalid availability zone(s) [${zone}]`);
  return update.AvailabilityZones?.length ? update.AvailabilityZones : undefined;
};

type GroupSizes = Pick<Update, 'MinSize' | 'MaxSize' | 'DesiredCapacity'>;

/** Sizes after an update: a bound that passes the desired capacity takes it along, an explicit misfit is refused. */
function resolveSizes(
  group: Pick<AutoScalingGroup, 'minSize' | 'maxSize' | 'desiredCapacity'>,
  { MinSize, MaxSize, DesiredCapacity }: GroupSizes,
): { min: number; max: number; desired: number } {
  const min = MinSize ?? group.minSize;
  const max = MaxSize ?? group.maxSize;
  if (min > max) throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  if (DesiredCapacity !== undefined && (DesiredCapacity < min || DesiredCapacity > max))
    throw invalid(
      `Desired capacity:${DesiredCapacity} must be between the specified min size:${min} and max size:${max}`,
    );
  return { min, max, desired: DesiredCapacity ?? Math.min(max, Math.max(min, group.desiredCapacity)) };
}

type SayCause = typeof causes.groupUpdated;

function applySizes(
  group: AutoScalingGroup,
  { min, max, desired }: ReturnType<typeof resolveSizes>,
  { autoScaling, clock }: RegionState,
  sayCause: SayCause,
): void {
  const before = group.desiredCapacity;
  Object.assign(group, { minSize: min, maxSize: max, desiredCapacity: desired });
  autoScaling.wake(group, desired === before ? undefined : sayCause(clock.now(), { min, max, desired }, before));
}

/**
 * Change the sizes of a group as a scheduled action does.
 *
 * @throws ValidationError
 */
export const updateOnSchedule = (group: AutoScalingGroup, sizes: GroupSizes, state: RegionState): void =>
  applySizes(group, resolveSizes(group, sizes), state, causes.scheduled);

/**
 * Change a group, all or nothing; what follows from it happens later.
 *
 * @throws ValidationError
 */
export function updateGroup(group: AutoScalingGroup, update: Update, state: RegionState): void {
  const source = newSource(update, state);
  const zones = newZones(update, state);
  const sizes = resolveSizes(group, update);
  const unknownPolicy = update.TerminationPolicies?.find((name) => !terminationPolicyNames.includes(name));
  if (unknownPolicy !== undefined) throw invalid(`Invalid termination policy: ${unknownPolicy}`);

  group.source = source ?? group.source;
  group.zones = zones ?? group.zones;
  group.terminationPolicies = update.TerminationPolicies ?? group.terminationPolicies;
  group.protectsNewInstances = update.NewInstancesProtectedFromScaleIn ?? group.protectsNewInstances;
  for (const name of storedOnly) if (update[name] !== undefined) group.settings[name] = update[name];
  applySizes(group, sizes, state, causes.groupUpdated);
}
