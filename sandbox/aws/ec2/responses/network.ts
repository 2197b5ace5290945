import type { RegionState } from '../../region-state.ts';
import type { Subnet } from '../state/network.ts';

/** A subnet as DescribeSubnets shows it. */
export const subnetShape = (subnet: Subnet, { network, scenario }: RegionState) => ({
  SubnetId: subnet.subnetId,
  SubnetArn: `arn:aws:ec2:${scenario.region}:${scenario.accountId}:subnet/${subnet.subnetId}`,
  VpcId: network.vpcId,
  OwnerId: scenario.accountId,
  State: 'available',
  CidrBlock: subnet.cidrBlock,
  AvailabilityZone: subnet.availabilityZone,
  AvailabilityZoneId: subnet.availabilityZoneId,
  AvailableIpAddressCount: subnet.countFree(),
  DefaultForAz: false,
  MapPublicIpOnLaunch: false,
  Tags: [],
});

/** A zone as DescribeAvailabilityZones shows it. */
export const zoneShape = ({ availabilityZone, availabilityZoneId }: Subnet, { scenario }: RegionState) => ({
  ZoneName: availabilityZone,
  ZoneId: availabilityZoneId,
  ZoneType: 'availability-zone',
  RegionName: scenario.region,
  GroupName: scenario.region,
  NetworkBorderGroup: scenario.region,
  OptInStatus: 'opt-in-not-required',
  State: 'available',
  Messages: [],
});
