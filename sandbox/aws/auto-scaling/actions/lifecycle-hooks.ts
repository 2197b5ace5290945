import { list, required, string, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { hookShape } from '../responses.ts';
import { invalid } from '../validation-error.ts';
import { getGroup, groupNameMember } from './find-group.ts';

const describeHooks = (state: RegionState) =>
  action(
    { ...groupNameMember, LifecycleHookNames: list(string) },
    ({ AutoScalingGroupName, LifecycleHookNames: names = [] }) => {
      const group = getGroup(state, AutoScalingGroupName);
      const hooks = group.hooks.filter(({ name }) => names.length === 0 || names.includes(name));
      return { LifecycleHooks: hooks.map((hook) => hookShape(group, hook)) };
    },
  );

const completeAction = (state: RegionState) =>
  action(
    {
      ...groupNameMember,
      LifecycleHookName: required(string),
      LifecycleActionResult: required(string),
      LifecycleActionToken: within(string, 36, 36),
      InstanceId: string,
    },
    ({ AutoScalingGroupName, LifecycleHookName, LifecycleActionResult: result, LifecycleActionToken, InstanceId }) => {
      const group = getGroup(state, AutoScalingGroupName);
      if (result !== 'CONTINUE' && result !== 'ABANDON')
        throw invalid('Lifecycle Action Result must be one of ABANDON or CONTINUE');
      const waiting = [...group.members.values()].find(
        ({ lifecycleAction, instance }) =>
          lifecycleAction?.hook.name === LifecycleHookName &&
          (lifecycleAction.token === LifecycleActionToken || instance.instanceId === InstanceId),
      )?.lifecycleAction;
      if (waiting === undefined)
        throw invalid(
          InstanceId === undefined
            ? `No active Lifecycle Action found with token ${LifecycleActionToken}`
            : `No active Lifecycle Action found with instance ID ${InstanceId}`,
        );
      waiting.proceed(result);
      return {};
    },
  );

/** Lifecycle hooks, and the instances that wait for them. */
export const lifecycleHookActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeLifecycleHooks: describeHooks(state),
  CompleteLifecycleAction: completeAction(state),
});
