import { type AutoScalingGroup, capacityOf } from '../../auto-scaling/state/group.ts';
import type { RegionState } from '../../region-state.ts';
import type { HealthIssue, Nodegroup } from '../state/nodegroup.ts';

/** How often EKS checks its groups. It takes some minutes for it to notice; how many is not documented. */
const CHECK_SECONDS = 5 * 60;
const CHECKED = new Set(['Ec2LaunchTemplateVersionMismatch', 'AsgInstanceLaunchFailures']);

/**
 * Find out whether somebody else made the Auto Scaling group launch from a version that EKS does not know.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html (managed node group errors)
 */
function templateMismatch({ templateId, configuration }: Nodegroup, { source }: AutoScalingGroup): HealthIssue[] {
  const expected = String(configuration.templateVersion);
  if (source.kind === 'launch-configuration') return [];
  if (source.template.templateId === templateId && source.template.version === expected) return [];
  return [
    {
      code: 'Ec2LaunchTemplateVersionMismatch',
      message: `The Amazon EC2 Launch Template : ${templateId} has a new version associated with your Autoscaling group, which is not managed by Amazon EKS. Expected Launch Template version: ${expected}`,
      resourceIds: [templateId],
    },
  ];
}

/**
 * Find out whether Auto Scaling fails to launch what is missing.
 *
 * @see https://github.com/aws/containers-roadmap/issues/2326 (only a launch that succeeds ends it)
 */
export function launchFailures(group: AutoScalingGroup): HealthIssue[] {
  const [last] = group.activities.list().filter(({ description }) => description.startsWith('Launching'));
  if (last?.status !== 'Failed' || capacityOf(group.members.values()) >= group.desiredCapacity) return [];
  return [{ code: 'AsgInstanceLaunchFailures', message: last.statusMessage ?? '', resourceIds: [group.name] }];
}

/** Compare a group with what EKS recorded of it, unless EKS is changing it. */
function checkHealth(nodegroup: Nodegroup, group: AutoScalingGroup): void {
  if (nodegroup.status !== 'ACTIVE' && nodegroup.status !== 'DEGRADED') return;
  const others = nodegroup.healthIssues.filter(({ code }) => !CHECKED.has(code));
  const wasFound = others.length < nodegroup.healthIssues.length;
  const found = [...templateMismatch(nodegroup, group), ...launchFailures(group)];
  nodegroup.healthIssues = [...others, ...found];
  if (found.length > 0) nodegroup.status = 'DEGRADED';
  else if (wasFound && others.length === 0) nodegroup.status = 'ACTIVE';
}

/** Check a group at the next check of EKS, after something about it has changed. */
export function checkHealthLater(state: RegionState, group: AutoScalingGroup): void {
  const { clock, startedAt, nodegroups } = state;
  const nodegroup = nodegroups.ofAutoScalingGroup(group.name);
  if (nodegroup === undefined || nodegroup.isCheckDue) return;
  nodegroup.isCheckDue = true;
  const sinceCheck = ((clock.now() - startedAt) / 1000) % CHECK_SECONDS;
  clock.after(CHECK_SECONDS - sinceCheck, () => {
    nodegroup.isCheckDue = false;
    checkHealth(nodegroup, group);
  });
}
