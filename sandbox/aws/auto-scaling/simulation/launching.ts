import { causes } from '../state/activities.ts';
import type { AutoScalingGroup } from '../state/group.ts';
import { activityDetails, type SimulationContext } from './context.ts';
import { type LaunchPlan, planLaunch } from './launch-plan.ts';
import { addMember, finishBoot } from './lifecycle.ts';
import { countByZone, emptiestZone } from './zones.ts';

const FIRST_RETRY_SECONDS = 15;
const LONGEST_RETRY_SECONDS = 300;

/** Tags of a new instance: those of the template, then the group's propagated ones, which win. */
export const tagsOfLaunch = (group: AutoScalingGroup, plan: LaunchPlan): Record<string, string> => ({
  ...Object.fromEntries(
    (plan.data.TagSpecifications ?? [])
      .filter(({ ResourceType }) => ResourceType === 'instance')
      .flatMap(({ Tags = [] }) => Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
  ),
  ...Object.fromEntries([...group.tags].filter(([, tag]) => tag.isPropagated).map(([key, tag]) => [key, tag.value])),
  'aws:autoscaling:groupName': group.name,
  ...(plan.launchedTemplate !== undefined && {
    'aws:ec2launchtemplate:id': plan.launchedTemplate.templateId,
    'aws:ec2launchtemplate:version': String(plan.launchedTemplate.versionNumber),
  }),
});

interface LaunchRequest {
  readonly group: AutoScalingGroup;
  readonly zone: string;
  readonly cause: string;
}

/** The units that a launch adds, or who refused it. */
type LaunchOutcome = { readonly units: number } | { readonly refusedBy: 'zone' | 'ec2' };

function refuse(
  context: SimulationContext,
  { group, zone, cause }: LaunchRequest,
  refusedBy: 'zone' | 'ec2',
  failure: string,
): LaunchOutcome {
  const activity = group.activities.start({
    description: 'Launching a new EC2 instance',
    cause,
    details: activityDetails(context, zone),
    status: 'InProgress',
    progress: 0,
  });
  group.activities.end(activity, 'Failed', `${failure} Launching EC2 instance failed.`);
  context.onChanged(group);
  return { refusedBy };
}

function insufficientCapacity(
  { hasCapacity }: SimulationContext,
  group: AutoScalingGroup,
  typeName: string,
  zone: string,
): string {
  const others = group.zones.filter((other) => other !== zone && hasCapacity(other));
  const advice =
    others.length === 0
      ? ''
      : ` You can currently get ${typeName} capacity by not specifying an Availability Zone in your request or choosing ${others.join(', ')}.`;
  return `We currently do not have sufficient ${typeName} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.${advice}`;
}

/** Launch one instance in a zone. */
export function launch(context: SimulationContext, request: LaunchRequest, isForBalance = false): LaunchOutcome {
  const { group, zone, cause } = request;
  const { clock, instances, network, timings } = context;
  const plan = planLaunch(group.source, group.members.values(), context.catalogue);
  if ('failure' in plan) return refuse(context, request, 'ec2', plan.failure);
  if (!context.hasCapacity(zone))
    return refuse(context, request, 'zone', insufficientCapacity(context, group, plan.instanceType.name, zone));
  const instance = instances.launch({
    image: plan.image,
    instanceType: plan.instanceType,
    availabilityZone: zone,
    data: plan.data,
    tags: tagsOfLaunch(group, plan),
    launchedAt: clock.now(),
    state: 'pending',
  });
  if (instance === undefined) {
    const failure = `There are not enough free addresses in subnet '${network.subnetOf(zone).subnetId}' to satisfy the requested number of instances.`;
    return refuse(context, request, 'zone', failure);
  }
  const member = addMember(context, group, instance, plan, isForBalance);
  member.activity = group.activities.start({
    description: `Launching a new EC2 instance: ${instance.instanceId}`,
    cause,
    details: activityDetails(context, zone),
    status: 'PreInService',
    progress: 30,
  });
  member.timer = clock.after(timings.pendingSeconds, () => finishBoot(context, group, member));
  return { units: plan.weight };
}

function retryLater(context: SimulationContext, group: AutoScalingGroup): void {
  const progress = context.progressOf(group);
  const delaySeconds = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** progress.failuresInARow);
  progress.failuresInARow += 1;
  progress.retryTimer = context.clock.after(delaySeconds, () => {
    progress.retryTimer = undefined;
    context.reconcile(group);
  });
}

/**
 * Launch what a group lacks, each instance in the emptiest zone that does not refuse it. What cannot be launched is
 * tried again later.
 *
 * @param presentUnits capacity units that the group has
 */
export function launchMissing(context: SimulationContext, group: AutoScalingGroup, presentUnits: number): void {
  const progress = context.progressOf(group);
  const started = causes.started(context.clock.now(), presentUnits, group.desiredCapacity);
  const cause = [...progress.reasons, started].join('  ');
  const counts = countByZone(group.zones, group.members.values());
  const refused = new Set<string>();
  let units = presentUnits;
  while (units < group.desiredCapacity) {
    const zone = emptiestZone(group.zones, counts, refused);
    if (zone === undefined) break;
    const outcome = launch(context, { group, zone, cause });
    if ('units' in outcome) {
      units += outcome.units;
      counts.set(zone, (counts.get(zone) ?? 0) + 1);
      progress.failuresInARow = 0;
    } else if (outcome.refusedBy === 'zone') refused.add(zone);
    else break;
  }
  if (units < group.desiredCapacity) retryLater(context, group);
}
