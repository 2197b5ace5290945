import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { createAwsEndpoint } from '../../aws/endpoint.ts';
import { createRegion } from '../../aws/region.ts';
import type { Machine } from '../../world/machines.ts';
import { createRandom } from '../../world/random.ts';
import { type ScenarioInput, scenarioSchema } from '../../world/scenario.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';
import { sdkConfig } from './sdk-transport.ts';

export const oldAmi = 'ami-0aaaaaaaaaaaaaaaa';
export const newAmi = 'ami-0bbbbbbbbbbbbbbbb';
export const armAmi = 'ami-0cccccccccccccccc';
export const brokenAmi = 'ami-0dddddddddddddddd';
export const missingAmi = 'ami-0eeeeeeeeeeeeeeee';

const images: ScenarioInput['images'] = [
  {
    id: oldAmi,
    name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251201',
    releaseVersion: '1.33.4-20251201',
    createdAt: '2025-12-01T00:00:00.000Z',
  },
  {
    id: newAmi,
    name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20260101',
    releaseVersion: '1.33.5-20260101',
    isRecommended: true,
  },
  { id: armAmi, name: 'arm', amiType: 'AL2023_ARM_64_STANDARD', architecture: 'arm64', isRecommended: true },
  { id: brokenAmi, name: 'broken', boots: 'launch-fails' },
];

type GroupInput = ScenarioInput['clusters'][number]['groups'][number];

/** A group of six nodes in three zones, unless told otherwise. */
export const groupOf = (group: Partial<GroupInput> = {}): GroupInput => ({
  name: 'workers',
  zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  minSize: 3,
  maxSize: 12,
  desiredCapacity: 6,
  amiId: oldAmi,
  ...group,
});

/** A region on a virtual clock with SDK clients, and a note of what its machines did. */
export function createTestRegion(
  groups: GroupInput[] = [groupOf()],
  extra: Omit<Partial<ScenarioInput>, 'clusters'> = {},
) {
  const scenario = scenarioSchema.parse({ images, ...extra, clusters: [{ name: 'prod', groups }] });
  const clock = createVirtualClock(Date.parse(scenario.startsAt));
  const machineEvents: {
    event: 'existed' | 'in-service' | 'stopping' | 'gone';
    instanceId: string;
    atSeconds: number;
  }[] = [];
  const machines: Machine[] = [];
  const startedAt = clock.now();
  const note = (event: (typeof machineEvents)[number]['event'], instanceId: string) =>
    machineEvents.push({ event, instanceId, atSeconds: (clock.now() - startedAt) / 1000 });

  const region = createRegion({
    scenario,
    clock,
    random: createRandom(scenario.seed),
    machineObservers: new Map([
      [
        'prod',
        {
          machineExisted(machine) {
            machines.push(machine);
            note('existed', machine.instanceId);
          },
          machineInService(machine) {
            machines.push(machine);
            note('in-service', machine.instanceId);
          },
          machineStopping: (instanceId) => void note('stopping', instanceId),
          machineGone: (instanceId) => void note('gone', instanceId),
        },
      ],
    ]),
    kubernetesEndpoints: (clusterName) => ({
      endpoint: `https://${clusterName}.invalid`,
      certificateAuthorityData: 'Y2E=',
    }),
    asNodeManager: () => async () => ({ status: 503, headers: {}, body: 'no API server' }),
  });
  const handle = createAwsEndpoint({
    services: region.services,
    clock,
    faults: scenario.faults,
    region: scenario.region,
    accountId: scenario.accountId,
  });
  const config = sdkConfig(handle);

  const group = (name = groups[0]?.name ?? '') => {
    const found = region.state.autoScaling.groups.get(name);
    if (found === undefined) throw new Error(`the fixture has no group ${name}`);
    return found;
  };
  const membersOf = (name?: string) => [...group(name).members.values()];
  const inService = (name?: string) => membersOf(name).filter(({ lifecycleState }) => lifecycleState === 'InService');
  const zoneCounts = (name?: string) => {
    const counts: Record<string, number> = {};
    for (const { instance } of inService(name))
      counts[instance.availabilityZone] = (counts[instance.availabilityZone] ?? 0) + 1;
    return counts;
  };

  return {
    region,
    scenario,
    clock,
    handle,
    config,
    machineEvents,
    machines,
    ec2: new EC2Client(config),
    autoScaling: new AutoScalingClient(config),
    group,
    membersOf,
    inService,
    zoneCounts,
  };
}

/** The name and message that a promise is rejected with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof Error) return { name: thrown.name, message: thrown.message };
    throw thrown;
  }
  throw new Error('the call succeeded');
}
