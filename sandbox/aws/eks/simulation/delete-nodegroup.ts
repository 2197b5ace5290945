import { causes } from '../../auto-scaling/state/activities.ts';
import type { RegionState } from '../../region-state.ts';
import type { Nodegroup } from '../state/nodegroup.ts';
import { CHECK_SECONDS } from './update-run.ts';

/**
 * Delete a group: its nodes, drained by EKS's own hook, then its Auto Scaling group and launch template.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html
 */
export function deleteNodegroup(state: RegionState, nodegroup: Nodegroup): void {
  const { clock, autoScaling, launchTemplates, nodegroups, groupProfiles } = state;
  nodegroup.status = 'DELETING';
  nodegroup.modifiedAt = clock.now();
  const group = autoScaling.groups.get(nodegroup.autoScalingGroupName);
  void clock.run(async () => {
    await clock.sleep(1);
    if (group !== undefined) {
      Object.assign(group, { minSize: 0, desiredCapacity: 0 });
      for (const member of [...group.members.values()])
        autoScaling.terminate({ group, member }, causes.requested(clock.now(), member.instance.instanceId));
      while (group.members.size > 0) await clock.sleep(CHECK_SECONDS);
      autoScaling.remove(group);
      groupProfiles.delete(group.name);
    }
    launchTemplates.remove(launchTemplates.get({ LaunchTemplateId: nodegroup.templateId }));
    nodegroups.remove(nodegroup);
  });
}
