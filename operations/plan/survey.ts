import type { Cluster, Deps } from '../../clients/ports.ts';
import { checkDowngrade, releaseInUse } from '../../domain/ami/releases.ts';
import { NODEGROUP_LABEL } from '../../domain/eks-update/target.ts';
import {
  AccessDenied,
  AlarmTriggered,
  ClusterNotFound,
  InvalidInput,
  NodegroupNotFound,
  UnsupportedNodegroup,
} from '../../domain/errors.ts';
import type { UpgradeInput } from '../../domain/input/input.ts';
import { joinGroup } from '../../domain/nodegroup/nodegroup.ts';
import type { PlanFacts } from '../../domain/plan/plan.ts';
import { checkCanary, checkCluster, checkGroup, checkNodegroup } from '../../domain/plan/preflight.ts';
import type { Run } from '../../domain/state.ts';
import type { EksCluster, EksNodegroup } from '../../domain/types.ts';
import { findControl } from '../lease/control-record.ts';
import { readGroup } from '../nodegroup/observe-group.ts';
import { checkImage, resolveTarget, versionInUse } from './resolve-target.ts';
import { resolveUpdate } from './resolve-update.ts';

/** Find a cluster that can be worked on. @throws {ClusterNotFound} {UnsupportedNodegroup} {ClusterUnreachable} */
export async function requireCluster(deps: Deps, name: string): Promise<EksCluster> {
  const cluster = await deps.eks.findCluster(name);
  if (cluster === undefined) throw new ClusterNotFound(`there is no EKS cluster "${name}" in this account and region`);
  checkCluster(cluster);
  return cluster;
}

async function findManaged(deps: Deps, input: UpgradeInput, engine: Run['engine']): Promise<EksNodegroup | undefined> {
  if (input.nodegroupName === undefined) return undefined;
  const nodegroup = await deps.eks.findNodegroup(input.clusterName, input.nodegroupName);
  if (nodegroup === undefined) {
    throw new NodegroupNotFound(`cluster ${input.clusterName} has no managed node group "${input.nodegroupName}"`);
  }
  checkNodegroup(nodegroup, engine);
  return nodegroup;
}

/** The engine that upgrades the group: EKS its own, unless the input says otherwise. @throws {InvalidInput} */
function engineOf({ engine, nodegroupName }: UpgradeInput): Run['engine'] {
  if (engine === 'eks' && nodegroupName === undefined) {
    throw new InvalidInput(
      '"engine" is "eks", but only a managed node group can be upgraded by EKS: leave "engine" out',
    );
  }
  return engine ?? (nodegroupName === undefined ? 'workflow' : 'eks');
}

/** Rights without which a run would stop half-way. */
function rightsOf(input: UpgradeInput, engine: Run['engine']) {
  // EKS evicts and deletes pods itself.
  if (engine === 'eks') {
    return [
      { verb: 'watch', group: '', resource: 'pods' },
      { verb: 'update', group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-system' },
    ];
  }
  return [
    { verb: 'patch', group: '', resource: 'nodes' },
    { verb: 'create', group: '', resource: 'pods', subresource: 'eviction' },
    { verb: 'update', group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-system' },
    ...(input.force ? [{ verb: 'delete', group: '', resource: 'pods' }] : []),
  ];
}

async function checkRights(cluster: Cluster, input: UpgradeInput, engine: Run['engine']): Promise<void> {
  for (const right of rightsOf(input, engine)) {
    if (await cluster.may(right)) continue;
    const resource = right.subresource === undefined ? right.resource : `${right.resource}/${right.subresource}`;
    throw new AccessDenied(
      `the workflow may not ${right.verb} ${resource} in cluster ${input.clusterName}: apply kubernetes/rbac${input.force ? '-force' : ''}.yaml and give its role the access entry`,
    );
  }
}

async function checkAlarms(deps: Deps, input: UpgradeInput): Promise<string[]> {
  if (input.alarms.length === 0) return [];
  const states = await deps.alarms.states(input.alarms);
  const missing = input.alarms.filter((name) => states[name] === undefined);
  if (missing.length > 0)
    throw new InvalidInput(`"alarms" names ${missing.join(', ')}, which CloudWatch does not have`);
  const ringing = input.alarms.filter((name) => states[name] === 'ALARM');
  if (ringing.length > 0 && !input.dryRun) {
    throw new AlarmTriggered(`in ALARM before the start: ${ringing.join(', ')}`);
  }
  return ringing.map((name) => `alarm ${name} is in ALARM: the run would not start`);
}

/**
 * Look up everything a plan is made from, refusing what cannot be upgraded before anything is touched.
 *
 * @throws the `refused` errors of domain/errors.ts
 */
export async function survey(
  deps: Deps,
  request: { input: UpgradeInput; executionArn: string; startedAt: string },
): Promise<PlanFacts> {
  const { input } = request;
  const engine = engineOf(input);
  const eksCluster = await requireCluster(deps, input.clusterName);
  const nodegroup = await findManaged(deps, input, engine);
  const group = await readGroup(deps, nodegroup?.autoScalingGroupName ?? (input.autoScalingGroupName as string));
  const launchSource = checkGroup(group, nodegroup === undefined ? 'self-managed' : engine);
  if (await deps.autoScaling.hasActiveInstanceRefresh(group.name)) {
    throw new UnsupportedNodegroup(`an instance refresh of ${group.name} is under way: cancel it, or wait for it`);
  }
  const alarmNotes = await checkAlarms(deps, input);

  const [inUse, instances] = await Promise.all([versionInUse(deps, launchSource), deps.ec2.listInstances(group.name)]);
  const currentImageId = inUse.imageId ?? instances[0]?.imageId;
  const currentImage = currentImageId === undefined ? undefined : await deps.ec2.findImage(currentImageId);
  const kubernetesVersion = eksCluster.version;
  const targetFacts = { input, kubernetesVersion, launchSource, currentImage, nodegroupAmiType: nodegroup?.amiType };
  const byEks =
    nodegroup !== undefined && engine === 'eks' ? await resolveUpdate(deps, { ...targetFacts, nodegroup }) : undefined;
  const resolved = byEks ?? (await resolveTarget(deps, targetFacts));
  checkDowngrade({
    input,
    releaseVersion: resolved.releaseVersion,
    inUse: byEks === undefined ? releaseInUse(currentImage?.name, resolved.amiType) : nodegroup?.releaseVersion,
    amiType: resolved.amiType,
  });
  checkImage({
    image: resolved.image,
    // A template version brings its own user data along, so it may change the family.
    currentImage: input.target?.launchTemplateVersion === undefined ? currentImage : undefined,
    architectures: [...new Set(instances.map(({ architecture }) => architecture))],
    kubernetesVersion,
  });

  const cluster = await deps.cluster(input.clusterName);
  await cluster.serverVersion();
  const [nodes, pods, budgets, lease] = [
    await cluster.listNodes(),
    await cluster.listPods(),
    await cluster.listBudgets(),
    await findControl(cluster, group.name),
  ];
  await checkRights(cluster, input, engine);

  const version =
    resolved.launchTemplateVersion ?? (inUse.imageId === resolved.image.imageId ? String(inUse.version) : undefined);
  const newest = {
    amiId: resolved.image.imageId,
    ...(resolved.releaseVersion !== undefined && { releaseVersion: resolved.releaseVersion }),
    launchTemplateId: launchSource.launchTemplateId,
    sourceVersion: String(inUse.version),
  };
  const ofEngine =
    byEks === undefined
      ? {
          engine: 'workflow' as const,
          target: {
            ...newest,
            ...(version !== undefined && { launchTemplateVersion: version }),
            comparesVersion: resolved.launchTemplateVersion !== undefined,
          },
          ...(nodegroup !== undefined && {
            requiredLabels: { ...nodegroup.labels, [NODEGROUP_LABEL]: nodegroup.name },
          }),
        }
      : {
          engine: 'eks' as const,
          nodegroupName: byEks.nodegroupName,
          target: { ...newest, renewedLabels: byEks.renewedLabels },
          update: byEks.update,
          isRecorded: byEks.isRecorded,
        };
  const { target } = ofEngine;
  const requiredLabels = ofEngine.engine === 'workflow' ? ofEngine.requiredLabels : undefined;
  const members = joinGroup({ group, instances, nodes, target, requiredLabels });
  checkCanary(input, members.length);
  if (members.length > 0 && members.every(({ node }) => node === undefined)) {
    throw new UnsupportedNodegroup(
      `none of the ${members.length} instances of ${group.name} is a node of cluster ${input.clusterName}: check both names`,
    );
  }
  const holder = lease?.holder;
  const isBlocked = holder !== undefined && holder !== '' && (await deps.executions.isRunning(holder));
  return {
    ...request,
    kubernetesVersion,
    group,
    members,
    instanceTypes: [...new Set(instances.map(({ instanceType }) => instanceType))].sort(),
    nodegroupUpdateConfig: nodegroup?.updateConfig as UpgradeInput['updateConfig'] | undefined,
    ...ofEngine,
    image: resolved.image,
    amiType: resolved.amiType,
    targetSource: resolved.source,
    imageAlias: inUse.imageAlias,
    pods,
    budgets,
    notes: [...alarmNotes, ...(isBlocked ? [`${holder} is upgrading this group now`] : [])],
  };
}
