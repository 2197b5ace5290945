import type { Random } from '../../../world/random.ts';

/** The one subnet of a zone. */
export interface Subnet {
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly cidrBlock: string;
  /** Addresses that are free now. */
  countFree(): number;
}

/** The VPC of a sandbox: 10.0.0.0/16, one /19 per zone. */
export interface Network {
  readonly vpcId: string;
  readonly securityGroupId: string;
  readonly cidrBlock: string;
  readonly subnets: readonly Subnet[];
  subnetOf(zone: string): Subnet;
  /** Take a private address in a zone; undefined when the subnet is full. */
  takeAddress(zone: string): string | undefined;
  releaseAddress(address: string): void;
}

const SUBNET_BITS = 13;
/** A subnet without the five addresses that AWS keeps: the first four and the last. */
const USABLE_ADDRESSES = 2 ** SUBNET_BITS - 5;
/** Coprime to USABLE_ADDRESSES, so that walking by it visits every address once and neighbours look unrelated. */
const STRIDE = 2477;
const MOST_ZONES = 2 ** (16 - SUBNET_BITS);

const directionCodes: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
};

/** Zone id as AWS abbreviates regions: the zone eu-west-1a of this account is euw1-az1. */
const zoneIdOf = (region: string, zone: string, index: number) => {
  const [area = '', direction = '', number = ''] = region.split('-');
  const letter = zone.slice(region.length);
  const position = /^[a-z]$/.test(letter) ? letter.charCodeAt(0) - 96 : index + 1;
  return `${area}${directionCodes[direction] ?? direction.slice(0, 2)}${number}-az${position}`;
};

/**
 * Lay out the network for the zones of a scenario.
 *
 * @throws Error for more zones than a VPC has room for here
 */
export function createNetwork(region: string, zones: readonly string[], random: Random): Network {
  if (zones.length > MOST_ZONES) throw new Error(`a sandbox has at most ${MOST_ZONES} zones, not ${zones.length}`);
  const taken = new Set<string>();
  const cursors = new Map<string, number>();

  const addressAt = (zoneIndex: number, step: number) => {
    const offset = zoneIndex * 2 ** SUBNET_BITS + 4 + ((step * STRIDE) % USABLE_ADDRESSES);
    return `10.0.${offset >> 8}.${offset & 0xff}`;
  };
  const inSubnet = (zoneIndex: number, address: string) =>
    Number(address.split('.')[2]) >> (SUBNET_BITS - 8) === zoneIndex;

  const subnets = zones.map(
    (zone, index): Subnet => ({
      subnetId: `subnet-0${random.hex(16)}`,
      availabilityZone: zone,
      availabilityZoneId: zoneIdOf(region, zone, index),
      cidrBlock: `10.0.${(index * 2 ** SUBNET_BITS) >> 8}.0/${32 - SUBNET_BITS}`,
      countFree: () => USABLE_ADDRESSES - [...taken].filter((address) => inSubnet(index, address)).length,
    }),
  );

  return {
    vpcId: `vpc-0${random.hex(16)}`,
    securityGroupId: `sg-0${random.hex(16)}`,
    cidrBlock: '10.0.0.0/16',
    subnets,
    subnetOf(zone) {
      const subnet = subnets.find(({ availabilityZone }) => availabilityZone === zone);
      if (subnet === undefined) throw new Error(`zone ${zone} has no subnet`);
      return subnet;
    },
    takeAddress(zone) {
      const zoneIndex = zones.indexOf(zone);
      const start = cursors.get(zone) ?? 0;
      // Freed addresses come round last: a Node of the same name may still linger in the cluster.
      for (let step = start; step < start + USABLE_ADDRESSES; step += 1) {
        const address = addressAt(zoneIndex, step);
        if (taken.has(address)) continue;
        taken.add(address);
        cursors.set(zone, step + 1);
        return address;
      }
      return undefined;
    },
    releaseAddress(address) {
      taken.delete(address);
    },
  };
}
