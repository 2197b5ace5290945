import assert from 'node:assert/strict';
import {
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DeleteScheduledActionCommand,
  DeleteTagsCommand,
  DescribeScheduledActionsCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutScheduledUpdateGroupActionCommand,
} from '@aws-sdk/client-auto-scaling';
import type { AwsBehaviour } from './behaviours.ts';
import { type Side, WORLD } from './side.ts';

const GROUP = { AutoScalingGroupName: WORLD.group };
const MOVE_SECONDS = 60;

const clientOf = ({ config }: Side) => new AutoScalingClient(config);

async function groupOf({ deps }: Side) {
  const group = await deps.autoScaling.findGroup(WORLD.group);
  assert.ok(group, 'the group is there');
  return group;
}

const stateOf = async (side: Side, id: string) =>
  (await groupOf(side)).instances.find(({ instanceId }) => instanceId === id)?.lifecycleState;

/** What somebody else may do to a group during an upgrade; each leaves the group as it was. */
export const changesByOthers: readonly AwsBehaviour[] = [
  [
    'move an instance to standby and lower the desired capacity, and back',
    async (side) => {
      const { desiredCapacity, instances } = await groupOf(side);
      const id = instances[0]?.instanceId ?? '';
      const moved = { ...GROUP, InstanceIds: [id] };
      await clientOf(side).send(new EnterStandbyCommand({ ...moved, ShouldDecrementDesiredCapacity: true }));
      await side.letPass(MOVE_SECONDS);
      assert.equal(await stateOf(side, id), 'Standby');
      assert.equal((await groupOf(side)).desiredCapacity, desiredCapacity - 1);
      await clientOf(side).send(new ExitStandbyCommand(moved));
      await side.letPass(MOVE_SECONDS);
      assert.equal(await stateOf(side, id), 'InService');
      assert.equal((await groupOf(side)).desiredCapacity, desiredCapacity);
    },
  ],
  [
    'set a tag of a group, and remove it',
    async (side) => {
      const tag = { ResourceId: WORLD.group, ResourceType: 'auto-scaling-group', Key: 'contract-owner' };
      await clientOf(side).send(
        new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Value: 'me', PropagateAtLaunch: false }] }),
      );
      assert.equal((await groupOf(side)).tags['contract-owner'], 'me');
      await clientOf(side).send(new DeleteTagsCommand({ Tags: [tag] }));
      assert.equal((await groupOf(side)).tags['contract-owner'], undefined);
    },
  ],
  [
    'keep a scheduled action of a group until it is deleted',
    async (side) => {
      const named = { ...GROUP, ScheduledActionName: 'contract-evening' };
      const listed = async () => {
        const answer = await clientOf(side).send(new DescribeScheduledActionsCommand(GROUP));
        return (answer.ScheduledUpdateGroupActions ?? []).map((action) => [
          action.ScheduledActionName,
          action.Recurrence,
          action.MinSize,
          action.DesiredCapacity,
        ]);
      };
      const sizes = { MinSize: 1, DesiredCapacity: 1 };
      await clientOf(side).send(
        new PutScheduledUpdateGroupActionCommand({ ...named, Recurrence: '0 22 * * *', ...sizes }),
      );
      assert.deepEqual(await listed(), [['contract-evening', '0 22 * * *', 1, 1]]);
      await clientOf(side).send(new DeleteScheduledActionCommand(named));
      assert.deepEqual(await listed(), []);
    },
  ],
];
