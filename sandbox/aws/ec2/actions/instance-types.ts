import { awsError } from '../../aws-error.ts';
import { boolean, list, string } from '../../input-shapes.ts';
import type { Action } from '../../service-from-actions.ts';
import { instanceTypeShape } from '../responses/instance-types.ts';
import { allInstanceTypes, findInstanceType, type InstanceType } from '../state/instance-types.ts';
import { ec2Action } from './dry-run.ts';
import { type FieldsByFilter, filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';

const byName = (left: InstanceType, right: InstanceType) => (left.name < right.name ? -1 : 1);

const instanceTypeFilters: FieldsByFilter<InstanceType> = {
  'instance-type': ({ name }) => [name],
  'processor-info.supported-architecture': ({ architecture }) => [architecture],
  'current-generation': ({ isCurrentGeneration }) => [String(isCurrentGeneration)],
  'burstable-performance-supported': ({ isBurstable }) => [String(isBurstable)],
};

/** Instance types. */
export const instanceTypeActions: Readonly<Record<string, Action>> = {
  DescribeInstanceTypes: ec2Action(
    {
      InstanceTypes: list(string, 'InstanceType'),
      Filters: filtersShape,
      IncludeUnsupportedInRegion: boolean,
      ...pagingMembers,
    },
    ({ InstanceTypes: names = [], Filters, ...paging }) => {
      const unknown = names.filter((name) => findInstanceType(name) === undefined);
      if (unknown.length > 0)
        throw awsError(
          'InvalidInstanceType',
          `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
        );
      const matches = matcherOf<InstanceType>(Filters, instanceTypeFilters);
      const asked = names.map(findInstanceType).filter((type) => type !== undefined);
      const found = (names.length > 0 ? asked : allInstanceTypes()).filter(matches).sort(byName);
      const page = ec2Page(found, ({ name }) => name, paging, {
        idsParameter: names.length > 0 ? 'instanceTypes' : undefined,
      });
      return { InstanceTypes: page.items.map(instanceTypeShape), NextToken: page.nextToken };
    },
  ),
};
