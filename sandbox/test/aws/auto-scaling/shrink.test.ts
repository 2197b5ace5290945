import assert from 'node:assert/strict';
import {
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { selectForTermination } from '../../../aws/auto-scaling/simulation/termination-policy.ts';
import type { LaunchSource, Member } from '../../../aws/auto-scaling/state/group.ts';
import { createRandom } from '../../../world/random.ts';
import { createTestRegion, groupOf, newAmi } from '../region-fixture.ts';

const HOUR_MS = 3_600_000;
const now = 100 * HOUR_MS;

/** A member with what the policies look at. */
const member = (
  id: string,
  facts: {
    zone?: string;
    version?: number;
    template?: string;
    configuration?: string;
    ageMs?: number;
    isProtected?: boolean;
  } = {},
) =>
  ({
    instance: { instanceId: id, availabilityZone: facts.zone ?? 'a', launchedAt: now - (facts.ageMs ?? HOUR_MS) },
    lifecycleState: 'InService',
    isProtected: facts.isProtected ?? false,
    launchConfigurationName: facts.configuration,
    launchedTemplate:
      facts.configuration === undefined
        ? { templateId: facts.template ?? 'lt-1', templateName: 'n', versionNumber: facts.version ?? 1 }
        : undefined,
  }) as unknown as Member;

const source: LaunchSource = {
  kind: 'launch-template',
  template: { templateId: 'lt-1', templateName: 'n', version: '1' },
};

const select = (members: Member[], policies = ['Default']) =>
  selectForTermination(members, { zones: ['a', 'b', 'c'], source, policies, now, random: createRandom(1) })?.instance
    .instanceId;

describe('the termination policy', () => {
  const cases: [string, Member[], string | undefined, string[]?][] = [
    [
      'takes from the zone with most instances, even when another has an older version',
      [member('new', { version: 2 }), member('kept', { isProtected: true }), member('old', { zone: 'b' })],
      'new',
    ],
    [
      'leaves a zone alone whose instances are all protected',
      [member('p1', { isProtected: true }), member('p2', { isProtected: true }), member('free', { zone: 'b' })],
      'free',
    ],
    [
      'takes launch configurations before templates',
      [member('template'), member('configuration', { configuration: 'ancient', ageMs: 1000 })],
      'configuration',
    ],
    [
      'takes another template before the oldest version of the present one',
      [member('own', { version: 1 }), member('other', { template: 'lt-2', version: 9 })],
      'other',
    ],
    ['takes the oldest version', [member('v3', { version: 3 }), member('v2', { version: 2 })], 'v2'],
    [
      'takes the one closest to its next hour',
      [member('early', { ageMs: 10 * 60_000 }), member('late', { ageMs: 50 * 60_000 })],
      'late',
    ],
    ['takes none when all are protected', [member('a', { isProtected: true })], undefined],
    [
      'takes the newest by NewestInstance',
      [member('older', { ageMs: 5000, version: 1 }), member('newer', { ageMs: 1000, version: 2 })],
      'newer',
      ['NewestInstance'],
    ],
    [
      'takes the oldest by OldestInstance',
      [member('older', { ageMs: 5000, version: 2 }), member('newer', { ageMs: 1000, version: 1 })],
      'older',
      ['OldestInstance'],
    ],
  ];
  for (const [title, members, expected, policies] of cases)
    it(title, () => assert.equal(select(members, policies), expected));

  it('leaves the rest to chance, the same for the same seed', () => {
    const members = Array.from({ length: 20 }, (_, index) => member(`m${index}`));
    assert.equal(select(members), select(members));
  });
});

describe('lowering the desired capacity', () => {
  it('ends instances at once, chosen by zone and version, without asking the cluster', async () => {
    const world = createTestRegion([groupOf({ renewedNodes: 3, renewedAmiId: newAmi })]);
    await world.autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity: 3 }),
    );
    await world.clock.advance(60);
    assert.deepEqual(world.zoneCounts(), { 'eu-west-1a': 1, 'eu-west-1b': 1, 'eu-west-1c': 1 });
    assert.deepEqual(new Set(world.inService().map(({ instance }) => instance.image.id)), new Set([newAmi]));
    const { Activities } = await world.autoScaling.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'workers' }),
    );
    assert.match(
      Activities?.[0]?.Cause ?? '',
      /changing the desired capacity from 6 to 3\. {2}At \S+ an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 6 to 3\. {2}At \S+ instance i-\w+ was selected for termination\.$/,
    );
  });

  it('lowers desired but ends nothing while every instance is protected', async () => {
    const world = createTestRegion([groupOf({ protectedFromScaleIn: true })]);
    await world.autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity: 4 }),
    );
    await world.clock.advance(300);
    assert.equal(world.group().desiredCapacity, 4);
    assert.equal(world.inService().length, 6);
    const ids = world.inService().map(({ instance }) => instance.instanceId);
    await world.autoScaling.send(
      new SetInstanceProtectionCommand({
        AutoScalingGroupName: 'workers',
        InstanceIds: ids,
        ProtectedFromScaleIn: false,
      }),
    );
    await world.clock.advance(60);
    assert.equal(world.inService().length, 4);
  });
});

describe('AZRebalance', () => {
  /** Take both instances of the third zone out for good. */
  const unbalance = async (world: ReturnType<typeof createTestRegion>) => {
    for (const { instance } of world.inService().filter(({ instance }) => instance.availabilityZone === 'eu-west-1c'))
      await world.autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: instance.instanceId,
          ShouldDecrementDesiredCapacity: true,
        }),
      );
  };

  it('launches in the emptiest zone first, and then ends one in the fullest', async () => {
    const world = createTestRegion();
    await unbalance(world);
    await world.clock.advance(70);
    assert.equal(world.membersOf().filter(({ lifecycleState }) => lifecycleState === 'Pending').length, 1);
    assert.deepEqual(world.zoneCounts(), { 'eu-west-1a': 2, 'eu-west-1b': 2 });
    await world.clock.advance(120);
    const counts = Object.values(world.zoneCounts());
    assert.deepEqual(counts.sort(), [1, 1, 2]);
    assert.equal(world.group().desiredCapacity, 4);
    assert.ok(
      world
        .group()
        .activities.list()
        .some(({ cause }) => cause.endsWith("launched to aid in balancing the group's zones.")),
    );
  });

  it('does nothing while it is suspended', async () => {
    const world = createTestRegion([groupOf({ suspendedProcesses: ['AZRebalance'] })]);
    await unbalance(world);
    await world.clock.advance(600);
    assert.deepEqual(world.zoneCounts(), { 'eu-west-1a': 2, 'eu-west-1b': 2 });
  });

  it('leaves a difference of one alone', async () => {
    const world = createTestRegion([groupOf({ desiredCapacity: 7 })]);
    await world.clock.advance(600);
    assert.deepEqual(world.group().activities.list(), []);
  });
});
