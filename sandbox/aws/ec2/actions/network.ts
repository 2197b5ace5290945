import { awsError } from '../../aws-error.ts';
import { boolean, list, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { subnetShape, zoneShape } from '../responses/network.ts';
import type { Subnet } from '../state/network.ts';
import { ec2Action } from './dry-run.ts';
import { type FieldsByFilter, filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';

const subnetFilters = ({ network }: RegionState): FieldsByFilter<Subnet> => ({
  'subnet-id': ({ subnetId }) => [subnetId],
  'vpc-id': () => [network.vpcId],
  'availability-zone': ({ availabilityZone }) => [availabilityZone],
  'availability-zone-id': ({ availabilityZoneId }) => [availabilityZoneId],
  'cidr-block': ({ cidrBlock }) => [cidrBlock],
  state: () => ['available'],
});

const describeSubnets = (state: RegionState) =>
  ec2Action(
    { SubnetIds: list(string, 'SubnetId'), Filters: filtersShape, ...pagingMembers },
    ({ SubnetIds: ids = [], Filters, ...paging }) => {
      const missing = ids.find((id) => state.network.subnets.every(({ subnetId }) => subnetId !== id));
      if (missing !== undefined)
        throw awsError('InvalidSubnetID.NotFound', `The subnet ID '${missing}' does not exist`);
      const matches = matcherOf<Subnet>(Filters, subnetFilters(state));
      const found = state.network.subnets.filter(
        (subnet) => matches(subnet) && (ids.length === 0 || ids.includes(subnet.subnetId)),
      );
      const page = ec2Page(found, ({ subnetId }) => subnetId, paging, {
        idsParameter: ids.length > 0 ? 'subnetIds' : undefined,
      });
      return { Subnets: page.items.map((subnet) => subnetShape(subnet, state)), NextToken: page.nextToken };
    },
  );

const zoneFilters = ({ scenario }: RegionState): FieldsByFilter<Subnet> => ({
  'zone-name': ({ availabilityZone }) => [availabilityZone],
  'zone-id': ({ availabilityZoneId }) => [availabilityZoneId],
  'region-name': () => [scenario.region],
  state: () => ['available'],
});

const describeAvailabilityZones = (state: RegionState) =>
  ec2Action(
    {
      ZoneNames: list(string, 'ZoneName'),
      ZoneIds: list(string, 'ZoneId'),
      AllAvailabilityZones: boolean,
      Filters: filtersShape,
    },
    ({ ZoneNames = [], ZoneIds = [], Filters }) => {
      const unknown = ZoneNames.find((name) =>
        state.network.subnets.every(({ availabilityZone }) => availabilityZone !== name),
      );
      if (unknown !== undefined) throw awsError('InvalidParameterValue', `Invalid availability zone: [${unknown}]`);
      const matches = matcherOf<Subnet>(Filters, zoneFilters(state));
      return {
        AvailabilityZones: state.network.subnets
          .filter(
            (subnet) =>
              matches(subnet) &&
              (ZoneNames.length === 0 || ZoneNames.includes(subnet.availabilityZone)) &&
              (ZoneIds.length === 0 || ZoneIds.includes(subnet.availabilityZoneId)),
          )
          .map((subnet) => zoneShape(subnet, state)),
      };
    },
  );

/** Subnets and zones. */
export const networkActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeSubnets: describeSubnets(state),
  DescribeAvailabilityZones: describeAvailabilityZones(state),
});
