import assert from 'node:assert/strict';
import {
  CancelInstanceRefreshCommand,
  DeleteScheduledActionCommand,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
  DescribeScheduledActionsCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutScheduledUpdateGroupActionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { createTestRegion, groupOf, rejectionOf } from '../region-fixture.ts';

const GROUP = { AutoScalingGroupName: 'workers' };
type World = ReturnType<typeof createTestRegion>;

const standby = (world: World, ids: readonly string[], decrement = true) =>
  world.autoScaling.send(
    new EnterStandbyCommand({ ...GROUP, InstanceIds: [...ids], ShouldDecrementDesiredCapacity: decrement }),
  );
const back = (world: World, ids: readonly string[]) =>
  world.autoScaling.send(new ExitStandbyCommand({ ...GROUP, InstanceIds: [...ids] }));
const idsOf = (world: World) => world.membersOf().map(({ instance }) => instance.instanceId);
const stateOf = (world: World, id: string) => world.group().members.get(id)?.lifecycleState;

describe('standby', () => {
  it('takes an instance out of the capacity and keeps it in the group', async () => {
    const world = createTestRegion();
    const [id = ''] = idsOf(world);
    const { Activities: [activity] = [] } = await standby(world, [id]);
    assert.equal(activity?.StatusCode, 'InProgress');
    assert.match(
      activity?.Cause ?? '',
      /was moved to standby in response to a user request, shrinking the capacity from 6 to 5\.$/,
    );
    assert.equal(stateOf(world, id), 'EnteringStandby');
    await world.clock.advance(120);
    assert.equal(stateOf(world, id), 'Standby');
    assert.equal(world.group().desiredCapacity, 5);
    assert.equal(world.membersOf().length, 6);
  });

  it('has the instance replaced when the desired capacity stays', async () => {
    const world = createTestRegion();
    const [id = ''] = idsOf(world);
    await standby(world, [id], false);
    await world.clock.advance(120);
    assert.equal(world.inService().length, 6);
    assert.equal(world.membersOf().length, 7);
  });

  it('ends with the instance in service, and its machine is not announced again', async () => {
    const world = createTestRegion();
    const [id = ''] = idsOf(world);
    await standby(world, [id]);
    await world.clock.advance(60);
    await back(world, [id]);
    assert.equal(stateOf(world, id), 'Pending');
    await world.clock.advance(60);
    assert.equal(stateOf(world, id), 'InService');
    assert.equal(world.group().desiredCapacity, 6);
    assert.deepEqual(
      world.machineEvents.filter(({ event }) => event !== 'existed'),
      [],
    );
  });

  it('is refused below the minimum, above the maximum, and for an instance in another state', async () => {
    const world = createTestRegion([groupOf({ minSize: 6, maxSize: 6 })]);
    const [id = ''] = idsOf(world);
    assert.match((await rejectionOf(standby(world, [id]))).message, /min-size=6.*To place into standby 1 instance/);
    assert.match((await rejectionOf(back(world, [id]))).message, /is not in Standby/);
    assert.match((await rejectionOf(standby(world, ['i-0']))).message, /is not part of Auto Scaling group workers/);
    await standby(world, [id], false);
    await world.clock.advance(120);
    assert.match((await rejectionOf(back(world, [id]))).message, /max-size=6.*out of standby/);
  });

  it('does not shield an instance from being terminated', async () => {
    const world = createTestRegion();
    const [id = ''] = idsOf(world);
    await standby(world, [id]);
    await world.clock.advance(60);
    const command = new TerminateInstanceInAutoScalingGroupCommand({
      InstanceId: id,
      ShouldDecrementDesiredCapacity: false,
    });
    await world.autoScaling.send(command);
    await world.clock.advance(120);
    assert.equal(stateOf(world, id), undefined);
    assert.equal(world.membersOf().length, 5);
  });
});

const start = (world: World, preferences: object = {}) =>
  world.autoScaling.send(new StartInstanceRefreshCommand({ ...GROUP, Preferences: preferences }));
const refreshes = async (world: World) =>
  (await world.autoScaling.send(new DescribeInstanceRefreshesCommand(GROUP))).InstanceRefreshes ?? [];

describe('an instance refresh', () => {
  it('replaces every instance, keeps enough in service, and says how far it is', async () => {
    const world = createTestRegion();
    const before = idsOf(world);
    const { InstanceRefreshId } = await start(world, { MinHealthyPercentage: 50 });
    const [pending] = await refreshes(world);
    assert.deepEqual([pending?.InstanceRefreshId, pending?.Status], [InstanceRefreshId, 'Pending']);
    let fewest = before.length;
    let halfWay: number | undefined;
    for (let minute = 0; minute < 20; minute += 1) {
      await world.clock.advance(20);
      fewest = Math.min(fewest, world.inService().length);
      const [refresh] = await refreshes(world);
      if (refresh?.Status === 'InProgress' && (refresh.PercentageComplete ?? 0) > 0)
        halfWay ??= refresh.InstancesToUpdate;
    }
    assert.equal(fewest, 3);
    assert.equal(halfWay, 3);
    const [ended] = await refreshes(world);
    assert.deepEqual([ended?.Status, ended?.PercentageComplete, ended?.InstancesToUpdate], ['Successful', 100, 0]);
    assert.deepEqual(
      idsOf(world).filter((id) => before.includes(id)),
      [],
    );
    const { Activities = [] } = await world.autoScaling.send(new DescribeScalingActivitiesCommand(GROUP));
    assert.equal(Activities.filter(({ Cause }) => Cause?.includes('in response to an instance refresh')).length, 6);
  });

  it('leaves alone what already runs the version of the group, when asked to', async () => {
    const world = createTestRegion();
    await start(world, { SkipMatching: true });
    await world.clock.advance(60);
    const [refresh] = await refreshes(world);
    assert.deepEqual([refresh?.Status, refresh?.PercentageComplete], ['Successful', 100]);
    assert.deepEqual(
      world.machineEvents.filter(({ event }) => event === 'stopping'),
      [],
    );
  });

  it('is alone, can be cancelled, and leaves what is not yet replaced', async () => {
    const world = createTestRegion();
    const cancel = () => world.autoScaling.send(new CancelInstanceRefreshCommand(GROUP));
    assert.equal((await rejectionOf(cancel())).name, 'ActiveInstanceRefreshNotFoundFault');
    await start(world);
    assert.equal((await rejectionOf(start(world))).name, 'InstanceRefreshInProgressFault');
    await world.clock.advance(30);
    await cancel();
    assert.equal((await refreshes(world))[0]?.Status, 'Cancelling');
    await world.clock.advance(300);
    assert.equal((await refreshes(world))[0]?.Status, 'Cancelled');
    assert.equal(world.inService().length, 6);
    assert.equal(world.machineEvents.filter(({ event }) => event === 'stopping').length, 1);
  });

  it('waits for protected instances, and fails after an hour', async () => {
    const world = createTestRegion([groupOf({ protectedFromScaleIn: true })]);
    await start(world);
    await world.clock.advance(3000);
    assert.equal((await refreshes(world))[0]?.Status, 'InProgress');
    await world.clock.advance(900);
    assert.equal((await refreshes(world))[0]?.Status, 'Failed');
    assert.equal(world.inService().length, 6);
  });

  it('does not go on while the process is suspended', async () => {
    const world = createTestRegion();
    await world.autoScaling.send(new SuspendProcessesCommand({ ...GROUP, ScalingProcesses: ['InstanceRefresh'] }));
    await start(world);
    await world.clock.advance(600);
    assert.deepEqual(
      world.machineEvents.filter(({ event }) => event === 'stopping'),
      [],
    );
  });
});

const put = (world: World, input: object) =>
  world.autoScaling.send(
    new PutScheduledUpdateGroupActionCommand({ ...GROUP, ScheduledActionName: 'evening', ...input }),
  );
const scheduled = async (world: World) =>
  (await world.autoScaling.send(new DescribeScheduledActionsCommand(GROUP))).ScheduledUpdateGroupActions ?? [];
const inSeconds = ({ clock }: World, seconds: number) => new Date(clock.now() + seconds * 1000);

describe('a scheduled action', () => {
  it('sets the sizes at its instant and is forgotten', async () => {
    const world = createTestRegion();
    await put(world, { StartTime: inSeconds(world, 600), MinSize: 1, DesiredCapacity: 4 });
    const [action] = await scheduled(world);
    assert.deepEqual([action?.ScheduledActionName, action?.DesiredCapacity, action?.MinSize], ['evening', 4, 1]);
    assert.match(action?.ScheduledActionARN ?? '', /:scheduledUpdateGroupAction:.*:scheduledActionName\/evening$/);
    await world.clock.advance(599);
    assert.equal(world.group().desiredCapacity, 6);
    await world.clock.advance(120);
    assert.deepEqual([world.group().minSize, world.group().desiredCapacity, world.inService().length], [1, 4, 4]);
    assert.deepEqual(await scheduled(world), []);
    const { Activities = [] } = await world.autoScaling.send(new DescribeScalingActivitiesCommand(GROUP));
    assert.match(
      Activities[0]?.Cause ?? '',
      /a scheduled action update of AutoScalingGroup constraints to min: 1, max: 12, desired: 4 changing the desired capacity from 6 to 4/,
    );
  });

  it('with a minimum alone raises the desired capacity to it', async () => {
    const world = createTestRegion();
    await put(world, { StartTime: inSeconds(world, 60), MinSize: 8 });
    await world.clock.advance(61);
    assert.deepEqual([world.group().minSize, world.group().desiredCapacity], [8, 8]);
  });

  it('that recurs comes again, until its end', async () => {
    const world = createTestRegion();
    await put(world, { Recurrence: '0 * * * *', EndTime: inSeconds(world, 2.5 * 3600), DesiredCapacity: 5 });
    for (const hour of [1, 2]) {
      world.group().desiredCapacity = 6;
      await world.clock.advance(3600);
      assert.equal(world.group().desiredCapacity, 5, `after ${hour} hours`);
    }
    assert.deepEqual(await scheduled(world), []);
  });

  it('is missed for good while the process is suspended', async () => {
    const world = createTestRegion();
    await put(world, { StartTime: inSeconds(world, 60), DesiredCapacity: 5 });
    await world.autoScaling.send(new SuspendProcessesCommand({ ...GROUP, ScalingProcesses: ['ScheduledActions'] }));
    await world.clock.advance(120);
    assert.equal(world.group().desiredCapacity, 6);
    assert.deepEqual(await scheduled(world), []);
  });

  it('of the same name replaces the one before, and can be deleted', async () => {
    const world = createTestRegion();
    await put(world, { StartTime: inSeconds(world, 60), DesiredCapacity: 5 });
    await put(world, { StartTime: inSeconds(world, 90), DesiredCapacity: 4 });
    assert.equal((await scheduled(world)).length, 1);
    const remove = () =>
      world.autoScaling.send(new DeleteScheduledActionCommand({ ...GROUP, ScheduledActionName: 'evening' }));
    await remove();
    await world.clock.advance(120);
    assert.equal(world.group().desiredCapacity, 6);
    assert.match((await rejectionOf(remove())).message, /Scheduled action evening not found/);
  });

  const refused: readonly [title: string, input: (world: World) => object, message: RegExp][] = [
    ['without a size', (world) => ({ StartTime: inSeconds(world, 1) }), /At least one of min size/],
    ['in the past', (world) => ({ StartTime: inSeconds(world, -1), MinSize: 1 }), /in the past/],
    ['without an instant', () => ({ MinSize: 1 }), /start time and recurrence/],
    [
      'with a recurrence that is none',
      () => ({ Recurrence: 'daily', MinSize: 1 }),
      /recurrence string: daily is invalid/,
    ],
    ['in another time zone', () => ({ Recurrence: '0 1 * * *', TimeZone: 'Asia/Tokyo', MinSize: 1 }), /Asia\/Tokyo/],
  ];
  for (const [title, input, message] of refused)
    it(`is refused ${title}`, async () => {
      const world = createTestRegion();
      const { name, message: said } = await rejectionOf(put(world, input(world)));
      assert.equal(name, 'ValidationError');
      assert.match(said, message);
    });
});
