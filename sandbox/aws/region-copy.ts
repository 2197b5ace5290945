import { createRandom } from '../world/random.ts';
import type { AutoScalingGroup, Member } from './auto-scaling/state/group.ts';
import type { Instance } from './ec2/state/instances.ts';
import { createLaunchTemplates } from './ec2/state/launch-templates.ts';
import type { Nodegroup } from './eks/state/nodegroup.ts';
import { createNodegroups } from './eks/state/nodegroups.ts';
import type { RegionState } from './region-state.ts';

const copyInstance = (instance: Instance): Instance => ({ ...instance, tags: { ...instance.tags } });

function copyGroup(group: AutoScalingGroup, instances: ReadonlyMap<string, Instance>): AutoScalingGroup {
  const copyMember = (member: Member): Member => ({
    ...member,
    instance: instances.get(member.instance.instanceId) ?? copyInstance(member.instance),
  });
  const activities = group.activities.list().map((activity) => ({ ...activity }));
  return {
    ...group,
    members: new Map([...group.members].map(([id, member]) => [id, copyMember(member)])),
    suspended: new Map(group.suspended),
    tags: new Map(group.tags),
    settings: { ...group.settings },
    refreshes: group.refreshes.map((refresh) => ({ ...refresh })),
    scheduledActions: new Map(group.scheduledActions),
    activities: { ...group.activities, list: () => activities },
  };
}

const copyNodegroup = (nodegroup: Nodegroup): Nodegroup => ({
  ...nodegroup,
  configurations: new Map(nodegroup.configurations),
  updates: nodegroup.updates.map((update) => ({ ...update })),
});

/** Copy what the describe actions of a region read, so that it stays as it is now. */
export function copyRegion(state: RegionState): RegionState {
  const instances = new Map(state.instances.all().map((instance) => [instance.instanceId, copyInstance(instance)]));
  const groups = new Map([...state.autoScaling.groups].map(([name, group]) => [name, copyGroup(group, instances)]));
  const groupOf = (instanceId: string) => [...groups.values()].find(({ members }) => members.has(instanceId));
  const nodegroups = createNodegroups();
  for (const { name } of state.scenario.clusters)
    for (const nodegroup of state.nodegroups.of(name)) nodegroups.add(copyNodegroup(nodegroup));
  const templates = state.launchTemplates
    .all()
    .map((template) => ({ ...template, versions: new Map(template.versions) }));
  return {
    ...state,
    instances: { ...state.instances, all: () => [...instances.values()], find: (id) => instances.get(id) },
    autoScaling: {
      ...state.autoScaling,
      groups,
      find(instanceId) {
        const group = groupOf(instanceId);
        const member = group?.members.get(instanceId);
        return group && member && { group, member };
      },
    },
    nodegroups,
    launchTemplates: createLaunchTemplates(state.clock, createRandom(0), templates),
  };
}
