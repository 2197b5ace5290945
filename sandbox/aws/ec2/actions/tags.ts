import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { ec2Action } from './dry-run.ts';
import { filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';

const taggedItems = (resourceId: string, resourceType: string, tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({
    ResourceId: resourceId,
    ResourceType: resourceType,
    Key,
    Value,
  }));

/** Tags of instances and launch templates. */
export const tagActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeTags: ec2Action({ Filters: filtersShape, ...pagingMembers }, ({ Filters, ...paging }) => {
    const all = [
      ...state.instances.all().flatMap(({ instanceId, tags }) => taggedItems(instanceId, 'instance', tags)),
      ...state.launchTemplates.all().flatMap(({ id, tags }) => taggedItems(id, 'launch-template', tags)),
    ];
    const matches = matcherOf<(typeof all)[number]>(Filters, {
      key: ({ Key }) => [Key],
      value: ({ Value }) => [Value],
      'resource-id': ({ ResourceId }) => [ResourceId],
      'resource-type': ({ ResourceType }) => [ResourceType],
    });
    const page = ec2Page(all.filter(matches), ({ ResourceId, Key }) => `${ResourceId}/${Key}`, paging);
    return { Tags: page.items, NextToken: page.nextToken };
  }),
});
