import type {
  AutoScalingGroup,
  LaunchSource,
  Override,
  TemplateSpecification,
} from '../aws/auto-scaling/state/group.ts';
import type { ActorOf } from '../world/scenario/actor.ts';

/** One request of Auto Scaling: the action and its input. */
export type GroupRequest = readonly [action: string, input: Readonly<Record<string, unknown>>];

type GroupActor = ActorOf<
  | 'setSizes'
  | 'setTags'
  | 'removeTags'
  | 'setTemplateVersion'
  | 'scheduleSizes'
  | 'startInstanceRefresh'
  | 'cancelInstanceRefresh'
  | 'enterStandby'
  | 'exitStandby'
>;

const sizesOf = ({ minSize, maxSize, desiredCapacity }: ActorOf<'setSizes' | 'scheduleSizes'>) => ({
  MinSize: minSize,
  MaxSize: maxSize,
  DesiredCapacity: desiredCapacity,
});

const tag = (group: string, Key: string) => ({ ResourceId: group, ResourceType: 'auto-scaling-group', Key });

const templateInput = ({ templateId, version }: TemplateSpecification) => ({
  LaunchTemplateId: templateId,
  Version: version,
});

const overrideInput = ({ instanceType, weightedCapacity, imageId, template }: Override) => ({
  InstanceType: instanceType,
  WeightedCapacity: weightedCapacity,
  ImageId: imageId,
  LaunchTemplateSpecification: template && templateInput(template),
});

/** What a group launches from, with another version of its template. */
function withVersion(source: LaunchSource, version: string): Readonly<Record<string, unknown>> {
  if (source.kind === 'launch-configuration') return { LaunchConfigurationName: source.name };
  const template = templateInput({ ...source.template, version });
  if (source.kind === 'launch-template') return { LaunchTemplate: template };
  return {
    MixedInstancesPolicy: {
      LaunchTemplate: { LaunchTemplateSpecification: template, Overrides: source.overrides.map(overrideInput) },
      InstancesDistribution: source.distribution,
    },
  };
}

const inStandby = (group: AutoScalingGroup) =>
  [...group.members.values()]
    .filter(({ lifecycleState }) => lifecycleState === 'Standby')
    .map(({ instance }) => instance.instanceId);

/**
 * Put what an actor does to a group into a request.
 *
 * @param now         milliseconds since the epoch
 * @param instanceIds of the instances that it chose
 */
export function groupRequest(
  actor: GroupActor,
  group: AutoScalingGroup,
  now: number,
  instanceIds: readonly string[],
): GroupRequest {
  const named = { AutoScalingGroupName: group.name };
  switch (actor.kind) {
    case 'setSizes':
      return ['UpdateAutoScalingGroup', { ...named, ...sizesOf(actor) }];
    case 'setTemplateVersion':
      return ['UpdateAutoScalingGroup', { ...named, ...withVersion(group.source, actor.version) }];
    case 'setTags': {
      const tags = Object.entries(actor.tags).map(([key, Value]) => ({
        ...tag(group.name, key),
        Value,
        PropagateAtLaunch: false,
      }));
      return ['CreateOrUpdateTags', { Tags: tags }];
    }
    case 'removeTags':
      return ['DeleteTags', { Tags: actor.keys.map((key) => tag(group.name, key)) }];
    case 'scheduleSizes': {
      const { name, afterSeconds, recurrence } = actor;
      const when =
        afterSeconds === undefined ? { Recurrence: recurrence } : { StartTime: new Date(now + afterSeconds * 1000) };
      return ['PutScheduledUpdateGroupAction', { ...named, ScheduledActionName: name, ...when, ...sizesOf(actor) }];
    }
    case 'startInstanceRefresh': {
      const { minHealthyPercentage, warmupSeconds, skipMatching } = actor;
      const preferences = {
        MinHealthyPercentage: minHealthyPercentage,
        InstanceWarmup: warmupSeconds,
        SkipMatching: skipMatching,
      };
      return ['StartInstanceRefresh', { ...named, Preferences: preferences }];
    }
    case 'cancelInstanceRefresh':
      return ['CancelInstanceRefresh', named];
    case 'enterStandby':
      return [
        'EnterStandby',
        { ...named, InstanceIds: instanceIds, ShouldDecrementDesiredCapacity: actor.decrementDesired },
      ];
    case 'exitStandby':
      return ['ExitStandby', { ...named, InstanceIds: inStandby(group) }];
  }
}
