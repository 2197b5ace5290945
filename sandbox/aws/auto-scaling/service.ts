import { isoSeconds } from '../../world/clock.ts';
import { awsError } from '../aws-error.ts';
import type { AwsService } from '../aws-service.ts';
import { boolean, integer, list, required, string, structure, within } from '../input-shapes.ts';
import { pageOf } from '../pages.ts';
import type { RegionState } from '../region-state.ts';
import { action, createService, validationRefusal } from '../service-from-actions.ts';
import { invalid, updateGroup, updateGroupMembers } from './actions/update-group.ts';
import { activityShape, groupShape, hookShape, instanceShape, tagShapes, warmPoolShape } from './responses.ts';
import { causes } from './state/activities.ts';
import { type AutoScalingGroup, isCounted, type ScalingProcess, scalingProcesses } from './state/group.ts';

const paging = { NextToken: string, MaxRecords: within(integer, 0) };
const filters = list(structure({ Name: string, Values: list(string) }));
const tags = list(
  structure({
    ResourceId: string,
    ResourceType: string,
    Key: required(within(string, 1, 128)),
    Value: within(string, 0, 256),
    PropagateAtLaunch: boolean,
  }),
);
const groupName = { AutoScalingGroupName: required(within(string, 1, 255)) };

const MOST_INSTANCES_A_CALL = 50;
const MOST_TAGS_A_GROUP = 50;
const invalidToken = () => awsError('InvalidNextToken', 'The token is invalid');

const pageSize = (asked: number | undefined, preset: number, most: number): number => {
  if (asked !== undefined && asked > most) throw invalid(`MaxRecords must be less than or equal to ${most}`);
  return asked || preset;
};

/** Auto Scaling's filters: `tag:KEY` with values, `tag-key`, `tag-value`. */
const matchesTagFilters = (
  group: AutoScalingGroup,
  given: readonly { Name?: string | undefined; Values?: string[] | undefined }[],
) =>
  given.every(({ Name = '', Values = [] }) => {
    if (Name === 'tag-key') return Values.some((key) => group.tags.has(key));
    if (Name === 'tag-value') return [...group.tags.values()].some(({ value }) => Values.includes(value));
    if (Name.startsWith('tag:')) return Values.includes(group.tags.get(Name.slice('tag:'.length))?.value ?? '\0');
    throw invalid(`Filter ${Name} is not supported.`);
  });

/**
 * Amazon EC2 Auto Scaling.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/Welcome.html
 */
export function createAutoScalingService(state: RegionState): AwsService {
  const { autoScaling, clock } = state;
  const allGroups = () => [...autoScaling.groups.values()];

  const getGroup = (name: string): AutoScalingGroup => {
    const group = autoScaling.groups.get(name);
    if (group === undefined) throw invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
    return group;
  };

  const getMembership = (instanceId: string) => {
    const membership = autoScaling.find(instanceId);
    if (membership === undefined)
      throw invalid(`Instance Id not found - No managed instance found for instance ID ${instanceId}`);
    return membership;
  };

  const getTaggedGroup = ({
    ResourceId,
    ResourceType,
  }: {
    ResourceId?: string | undefined;
    ResourceType?: string | undefined;
  }) => {
    if (ResourceType !== 'auto-scaling-group')
      throw invalid(`Invalid resource type: ${ResourceType}. Valid resource types are: [auto-scaling-group].`);
    return getGroup(ResourceId ?? '');
  };

  const readProcesses = (names: readonly string[] | undefined): ScalingProcess[] => {
    if (names === undefined || names.length === 0) return [...scalingProcesses];
    return names.map((name) => {
      const process = scalingProcesses.find((known) => known === name);
      if (process === undefined) throw invalid(`Unknown process type: ${name}`);
      return process;
    });
  };

  return createService(
    'autoscaling',
    {
      protocol: 'aws-query',
      version: '2011-01-01',
      xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    },
    validationRefusal('ValidationError'),
    {
      DescribeAutoScalingGroups: action(
        { AutoScalingGroupNames: list(string), IncludeInstances: boolean, Filters: filters, ...paging },
        ({ AutoScalingGroupNames: names = [], IncludeInstances = true, Filters = [], NextToken, MaxRecords }) => {
          const found = allGroups().filter(
            (group) => (names.length === 0 || names.includes(group.name)) && matchesTagFilters(group, Filters),
          );
          const size = pageSize(MaxRecords, 50, 100);
          const page = pageOf(found, ({ name }) => name, { token: NextToken, size }, invalidToken);
          return {
            AutoScalingGroups: page.items.map((group) => groupShape(group, state, IncludeInstances)),
            NextToken: page.nextToken,
          };
        },
      ),

      DescribeAutoScalingInstances: action(
        { InstanceIds: list(string), ...paging },
        ({ InstanceIds: ids = [], NextToken, MaxRecords }) => {
          if (ids.length > MOST_INSTANCES_A_CALL)
            throw invalid(`The number of instance ids that may be passed in is limited to ${MOST_INSTANCES_A_CALL}`);
          const memberships =
            ids.length > 0
              ? ids.map((id) => autoScaling.find(id)).filter((membership) => membership !== undefined)
              : allGroups().flatMap((group) => [...group.members.values()].map((member) => ({ group, member })));
          const size = pageSize(MaxRecords, 50, 50);
          const keyOf = ({ member }: (typeof memberships)[number]) => member.instance.instanceId;
          const page = pageOf(memberships, keyOf, { token: NextToken, size }, invalidToken);
          return {
            AutoScalingInstances: page.items.map(({ group, member }) => instanceShape(group, member, state)),
            NextToken: page.nextToken,
          };
        },
      ),

      UpdateAutoScalingGroup: action(updateGroupMembers, (update) => {
        updateGroup(getGroup(update.AutoScalingGroupName), update, state);
        return {};
      }),

      SetDesiredCapacity: action(
        { ...groupName, DesiredCapacity: required(within(integer, 0)), HonorCooldown: boolean },
        ({ AutoScalingGroupName, DesiredCapacity: desired, HonorCooldown }) => {
          const group = getGroup(AutoScalingGroupName);
          if (desired > group.maxSize)
            throw invalid(
              `New SetDesiredCapacity value ${desired} is above max value ${group.maxSize} for the AutoScalingGroup.`,
            );
          if (desired < group.minSize)
            throw invalid(
              `New SetDesiredCapacity value ${desired} is below min value ${group.minSize} for the AutoScalingGroup.`,
            );
          const cooldownSeconds = Number(group.settings.DefaultCooldown);
          const recent = group.activities
            .list()
            .find(({ endedAt }) => (endedAt ?? clock.now()) + cooldownSeconds * 1000 > clock.now());
          if (HonorCooldown && recent !== undefined)
            throw awsError('ScalingActivityInProgress', `Activity ${recent.activityId} is in progress.`);
          const before = group.desiredCapacity;
          group.desiredCapacity = desired;
          autoScaling.wake(group, before === desired ? undefined : causes.desiredSet(clock.now(), before, desired));
          return {};
        },
      ),

      TerminateInstanceInAutoScalingGroup: action(
        { InstanceId: required(within(string, 1, 19)), ShouldDecrementDesiredCapacity: required(boolean) },
        ({ InstanceId, ShouldDecrementDesiredCapacity: mustDecrement }) => {
          const { group, member } = getMembership(InstanceId);
          // A second request finds the activity of the first, and decrements nothing.
          if (!isCounted(member) && member.activity !== undefined)
            return { Activity: activityShape(group, member.activity) };
          const before = group.desiredCapacity;
          if (mustDecrement) {
            if (before - member.weight < group.minSize)
              throw invalid(
                `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
              );
            group.desiredCapacity = before - member.weight;
          }
          const cause = mustDecrement
            ? causes.requestedWithDecrement(clock.now(), InstanceId, before, group.desiredCapacity)
            : causes.requested(clock.now(), InstanceId);
          return { Activity: activityShape(group, autoScaling.terminate({ group, member }, cause)) };
        },
      ),

      DescribeScalingActivities: action(
        {
          ActivityIds: list(string),
          AutoScalingGroupName: string,
          IncludeDeletedGroups: boolean,
          Filters: list(structure({ Name: string, Values: list(string) })),
          ...paging,
        },
        ({ ActivityIds: ids, AutoScalingGroupName, Filters = [], NextToken, MaxRecords }) => {
          const groups = AutoScalingGroupName === undefined ? allGroups() : [getGroup(AutoScalingGroupName)];
          const matches = activityMatcher(Filters);
          const found = groups
            .flatMap((group) => group.activities.list().map((activity) => ({ group, activity })))
            .filter(({ activity }) => ids === undefined || ids.length === 0 || ids.includes(activity.activityId))
            .filter(({ activity }) => matches(activity.startedAt, activity.status));
          const size = pageSize(MaxRecords, 100, 100);
          const keyOf = ({ activity }: (typeof found)[number]) => activity.activityId;
          const page = pageOf(found, keyOf, { token: NextToken, size }, invalidToken);
          return {
            Activities: page.items.map(({ group, activity }) => activityShape(group, activity)),
            NextToken: page.nextToken,
          };
        },
      ),

      CreateOrUpdateTags: action({ Tags: required(within(tags, 1, 25)) }, ({ Tags }) => {
        const changes = Tags.map((tag) => {
          if (tag.Key.startsWith('aws:')) throw invalid(`The tag key '${tag.Key}' is reserved: it starts with aws:`);
          return { group: getTaggedGroup(tag), tag };
        });
        for (const { group, tag } of changes) {
          if (!group.tags.has(tag.Key) && group.tags.size >= MOST_TAGS_A_GROUP)
            throw awsError('LimitExceeded', `A group has at most ${MOST_TAGS_A_GROUP} tags.`);
          group.tags.set(tag.Key, { value: tag.Value ?? '', isPropagated: tag.PropagateAtLaunch ?? false });
        }
        return {};
      }),

      DeleteTags: action({ Tags: required(tags) }, ({ Tags }) => {
        for (const tag of Tags) {
          const group = getTaggedGroup(tag);
          const existing = group.tags.get(tag.Key);
          // A tag that is given with a value is deleted only with that value.
          if (existing !== undefined && (tag.Value === undefined || tag.Value === existing.value))
            group.tags.delete(tag.Key);
        }
        return {};
      }),

      DescribeTags: action({ Filters: filters, ...paging }, ({ Filters = [], NextToken, MaxRecords }) => {
        const fields: Record<string, (tag: ReturnType<typeof tagShapes>[number]) => string> = {
          'auto-scaling-group': ({ ResourceId }) => ResourceId,
          key: ({ Key }) => Key,
          value: ({ Value }) => Value,
          'propagate-at-launch': ({ PropagateAtLaunch }) => String(PropagateAtLaunch),
        };
        const tests = Filters.map(({ Name = '', Values = [] }) => {
          const field = fields[Name];
          if (field === undefined)
            throw invalid(
              `Filter type ${Name} is not correct. Allowed Filter types are: auto-scaling-group key value propagate-at-launch`,
            );
          return (tag: ReturnType<typeof tagShapes>[number]) => Values.includes(field(tag));
        });
        const found = allGroups()
          .flatMap(tagShapes)
          .filter((tag) => tests.every((test) => test(tag)));
        const size = pageSize(MaxRecords, 50, 100);
        const keyOf = ({ ResourceId, Key }: (typeof found)[number]) => `${ResourceId}/${Key}`;
        const page = pageOf(found, keyOf, { token: NextToken, size }, invalidToken);
        return { Tags: page.items, NextToken: page.nextToken };
      }),

      SuspendProcesses: action(
        { ...groupName, ScalingProcesses: list(string) },
        ({ AutoScalingGroupName, ScalingProcesses }) => {
          const group = getGroup(AutoScalingGroupName);
          for (const process of readProcesses(ScalingProcesses))
            if (!group.suspended.has(process))
              group.suspended.set(process, `User suspended at ${isoSeconds(clock.now())}`);
          return {};
        },
      ),

      ResumeProcesses: action(
        { ...groupName, ScalingProcesses: list(string) },
        ({ AutoScalingGroupName, ScalingProcesses }) => {
          const group = getGroup(AutoScalingGroupName);
          for (const process of readProcesses(ScalingProcesses)) group.suspended.delete(process);
          autoScaling.wake(group);
          return {};
        },
      ),

      DescribeLifecycleHooks: action(
        { ...groupName, LifecycleHookNames: list(string) },
        ({ AutoScalingGroupName, LifecycleHookNames: names = [] }) => {
          const group = getGroup(AutoScalingGroupName);
          return {
            LifecycleHooks: group.hooks
              .filter(({ name }) => names.length === 0 || names.includes(name))
              .map((hook) => hookShape(group, hook)),
          };
        },
      ),

      CompleteLifecycleAction: action(
        {
          ...groupName,
          LifecycleHookName: required(string),
          LifecycleActionResult: required(string),
          LifecycleActionToken: within(string, 36, 36),
          InstanceId: string,
        },
        ({
          AutoScalingGroupName,
          LifecycleHookName,
          LifecycleActionResult: result,
          LifecycleActionToken,
          InstanceId,
        }) => {
          const group = getGroup(AutoScalingGroupName);
          if (result !== 'CONTINUE' && result !== 'ABANDON')
            throw invalid('Lifecycle Action Result must be one of ABANDON or CONTINUE');
          const held = [...group.members.values()].find(
            ({ heldBy, instance }) =>
              heldBy?.hook.name === LifecycleHookName &&
              (heldBy.token === LifecycleActionToken || instance.instanceId === InstanceId),
          )?.heldBy;
          if (held === undefined)
            throw invalid(
              InstanceId === undefined
                ? `No active Lifecycle Action found with token ${LifecycleActionToken}`
                : `No active Lifecycle Action found with instance ID ${InstanceId}`,
            );
          held.proceed(result);
          return {};
        },
      ),

      DescribeWarmPool: action({ ...groupName, ...paging }, ({ AutoScalingGroupName }) => ({
        WarmPoolConfiguration: warmPoolShape(getGroup(AutoScalingGroupName)),
        Instances: [],
      })),

      DescribeInstanceRefreshes: action(
        { ...groupName, InstanceRefreshIds: list(string), ...paging },
        ({ AutoScalingGroupName }) => {
          getGroup(AutoScalingGroupName);
          return { InstanceRefreshes: [] };
        },
      ),

      SetInstanceProtection: action(
        {
          ...groupName,
          InstanceIds: required(within(list(string), 1, MOST_INSTANCES_A_CALL)),
          ProtectedFromScaleIn: required(boolean),
        },
        ({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn }) => {
          const group = getGroup(AutoScalingGroupName);
          const members = InstanceIds.map((id) => {
            const member = group.members.get(id);
            if (member === undefined)
              throw invalid(`The instance ${id} is not part of Auto Scaling group ${AutoScalingGroupName}.`);
            if (member.lifecycleState !== 'InService')
              throw invalid(`The instance ${id} is not in InService or EnteringStandby or Standby.`);
            return member;
          });
          for (const member of members) member.isProtected = ProtectedFromScaleIn;
          autoScaling.wake(group);
          return {};
        },
      ),
    },
  );
}

/** Filters of DescribeScalingActivities: when an activity started, and its status. */
function activityMatcher(given: readonly { Name?: string | undefined; Values?: string[] | undefined }[]) {
  const tests = given.map(({ Name = '', Values = [] }) => {
    const instants = Values.map((value) => Date.parse(value));
    if (Name === 'Status') return (_startedAt: number, status: string) => Values.includes(status);
    if ((Name === 'StartTimeLowerBound' || Name === 'StartTimeUpperBound') && instants.some(Number.isNaN))
      throw invalid(`The value of filter ${Name} is not an ISO-8601 instant`);
    if (Name === 'StartTimeLowerBound') return (startedAt: number) => instants.every((instant) => startedAt >= instant);
    if (Name === 'StartTimeUpperBound') return (startedAt: number) => instants.every((instant) => startedAt <= instant);
    throw invalid(`Filter ${Name} is not supported.`);
  });
  return (startedAt: number, status: string) => tests.every((test) => test(startedAt, status));
}
