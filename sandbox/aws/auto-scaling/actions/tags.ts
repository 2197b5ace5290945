import { awsError } from '../../aws-error.ts';
import { boolean, type InputOf, list, required, string, structure, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { tagShapes } from '../responses.ts';
import type { AutoScalingGroup } from '../state/group.ts';
import { invalid } from '../validation-error.ts';
import { type Filter, filtersShape } from './filters.ts';
import { getGroup } from './find-group.ts';
import { autoScalingPage, pagingMembers } from './pages.ts';

const MOST_TAGS_A_GROUP = 50;

const tagMembers = {
  ResourceId: string,
  ResourceType: string,
  Key: required(within(string, 1, 128)),
  Value: within(string, 0, 256),
  PropagateAtLaunch: boolean,
};
const tags = list(structure(tagMembers));

type TagInput = InputOf<typeof tagMembers>;
type TagShape = ReturnType<typeof tagShapes>[number];

/** @throws ValidationError when a tag is not for a group that exists */
function getTaggedGroup(state: RegionState, { ResourceId = '', ResourceType }: TagInput): AutoScalingGroup {
  if (ResourceType !== 'auto-scaling-group')
    throw invalid(`Invalid resource type: ${ResourceType}. Valid resource types are: [auto-scaling-group].`);
  return getGroup(state, ResourceId);
}

const createOrUpdateTags = (state: RegionState) =>
  action({ Tags: required(within(tags, 1, 25)) }, ({ Tags }) => {
    const changes = Tags.map((tag) => {
      if (tag.Key.startsWith('aws:')) throw invalid(`The tag key '${tag.Key}' is reserved: it starts with aws:`);
      return { group: getTaggedGroup(state, tag), tag };
    });
    for (const { group, tag } of changes) {
      if (!group.tags.has(tag.Key) && group.tags.size >= MOST_TAGS_A_GROUP)
        throw awsError('LimitExceeded', `A group has at most ${MOST_TAGS_A_GROUP} tags.`);
      group.tags.set(tag.Key, { value: tag.Value ?? '', isPropagated: tag.PropagateAtLaunch ?? false });
    }
    return {};
  });

const deleteTags = (state: RegionState) =>
  action({ Tags: required(tags) }, ({ Tags }) => {
    for (const tag of Tags) {
      const group = getTaggedGroup(state, tag);
      const existing = group.tags.get(tag.Key);
      // A tag that is given with a value is deleted only with that value.
      if (existing !== undefined && (tag.Value === undefined || tag.Value === existing.value))
        group.tags.delete(tag.Key);
    }
    return {};
  });

const fieldByFilter: Readonly<Record<string, (tag: TagShape) => string>> = {
  'auto-scaling-group': ({ ResourceId }) => ResourceId,
  key: ({ Key }) => Key,
  value: ({ Value }) => Value,
  'propagate-at-launch': ({ PropagateAtLaunch }) => String(PropagateAtLaunch),
};

const tagTest = ({ Name = '', Values = [] }: Filter) => {
  const field = fieldByFilter[Name];
  if (field === undefined)
    throw invalid(
      `Filter type ${Name} is not correct. Allowed Filter types are: auto-scaling-group key value propagate-at-launch`,
    );
  return (tag: TagShape) => Values.includes(field(tag));
};

const describeTags = (state: RegionState) =>
  action({ Filters: filtersShape, ...pagingMembers }, ({ Filters = [], ...paging }) => {
    const tests = Filters.map(tagTest);
    const found = [...state.autoScaling.groups.values()]
      .flatMap(tagShapes)
      .filter((tag) => tests.every((test) => test(tag)));
    const page = autoScalingPage(found, ({ ResourceId, Key }) => `${ResourceId}/${Key}`, paging);
    return { Tags: page.items, NextToken: page.nextToken };
  });

/** Tags of groups. */
export const tagActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  CreateOrUpdateTags: createOrUpdateTags(state),
  DeleteTags: deleteTags(state),
  DescribeTags: describeTags(state),
});
