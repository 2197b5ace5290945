import type { Deps, NodeExecution } from '../../clients/ports.ts';
import type {
  AutoScalingGroup,
  EksCluster,
  EksNodegroup,
  EksUpdate,
  Instance,
  LaunchFailure,
  LaunchTemplateVersion,
  MachineImage,
} from '../../domain/types.ts';
import { aGroup, anInstance, NEW_AMI, OLD_AMI, OLD_VERSION } from '../domain/builders.ts';
import type { ClockInMemory } from './clock-in-memory.ts';

/** What the AWS ports answer from, and what was asked of them. A test writes into it what its story is about. */
export interface AwsInMemory {
  readonly groups: Map<string, AutoScalingGroup>;
  readonly instances: Map<string, Instance[]>;
  readonly launchFailures: LaunchFailure[];
  /** Terminations at a user's request, of which scaling activities tell. */
  readonly terminations: { instanceId: string; at: Date; effect: 'shrank' | 'replaced' }[];
  readonly refreshedGroups: Set<string>;
  terminationHooks: { name: string; seconds: number }[];
  readonly images: Map<string, MachineImage>;
  readonly templateVersions: LaunchTemplateVersion[];
  readonly clusters: Map<string, EksCluster>;
  readonly nodegroups: Map<string, EksNodegroup>;
  readonly updates: Map<string, EksUpdate>;
  readonly parameters: Map<string, string>;
  readonly alarmStates: Record<string, string>;
  readonly runningExecutions: Set<string>;
  /** Executions that upgrade a node, by name. A test ends one by replacing it. */
  readonly nodeExecutions: Map<string, NodeExecution>;
}

/** A launch template version with an AMI. */
export const aTemplateVersion = (overrides: Partial<LaunchTemplateVersion> = {}): LaunchTemplateVersion => ({
  launchTemplateId: 'lt-0123456789abcdef0',
  version: OLD_VERSION,
  imageId: OLD_AMI,
  isDefault: false,
  ...overrides,
});

/** An available AMI of Amazon Linux 2023 for Kubernetes 1.33. */
export const anImage = (overrides: Partial<MachineImage> = {}): MachineImage => ({
  imageId: NEW_AMI,
  name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20260108',
  state: 'available',
  architecture: 'x86_64',
  isAllowed: true,
  platform: 'Linux/UNIX',
  createdAt: '2026-01-08T00:00:00.000Z',
  ...overrides,
});

/** A managed node group over the Auto Scaling group of `aGroup`, on the release before the newest. */
export const aNodegroup = (overrides: Partial<EksNodegroup> = {}): EksNodegroup => ({
  name: 'managed',
  status: 'ACTIVE',
  version: '1.33',
  releaseVersion: '1.33.5-20251201',
  amiType: 'AL2023_x86_64_STANDARD',
  autoScalingGroupName: 'workers',
  healthIssues: [],
  updateConfig: { maxUnavailable: 1 },
  labels: {},
  ...overrides,
});

function newAws(): AwsInMemory {
  const group = aGroup();
  return {
    groups: new Map([[group.name, group]]),
    instances: new Map([[group.name, group.instances.map(({ instanceId, zone }) => anInstance({ instanceId, zone }))]]),
    launchFailures: [],
    terminations: [],
    refreshedGroups: new Set(),
    terminationHooks: [],
    images: new Map([
      [NEW_AMI, anImage()],
      [OLD_AMI, anImage({ imageId: OLD_AMI, name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251201' })],
    ]),
    templateVersions: [aTemplateVersion({ isDefault: true })],
    clusters: new Map([
      ['production', { name: 'production', version: '1.33', status: 'ACTIVE', endpoint: 'https://kubernetes.test' }],
    ]),
    nodegroups: new Map(),
    updates: new Map(),
    parameters: new Map([
      ['/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id', NEW_AMI],
      [
        '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/release_version',
        '1.33.5-20260108',
      ],
    ]),
    alarmStates: {},
    runningExecutions: new Set(),
    nodeExecutions: new Map(),
  };
}

/** Seconds until an instance has left its group. */
const TERMINATION_SECONDS = 30;

function createAutoScaling(aws: AwsInMemory, clock: ClockInMemory, changes: string[]): Deps['autoScaling'] {
  const edit = (name: string, change: (group: AutoScalingGroup) => Partial<AutoScalingGroup>) => {
    const group = aws.groups.get(name);
    if (group === undefined) throw new Error(`no Auto Scaling group ${name}`);
    aws.groups.set(name, { ...group, ...change(group) });
  };
  const note = (verb: string, name: string, what: unknown) => changes.push(`${verb} ${name} ${JSON.stringify(what)}`);
  return {
    async findGroup(name, { withInstances } = { withInstances: true }) {
      const group = aws.groups.get(name);
      return group === undefined || withInstances ? group : { ...group, instances: [] };
    },
    async listClusterGroups(clusterName) {
      const key = `kubernetes.io/cluster/${clusterName}`;
      return [...aws.groups.values()].filter(({ tags }) => tags[key] !== undefined);
    },
    async listFollowersOfLatest(launchTemplateId) {
      return [...aws.groups.values()].flatMap(({ name, launchSource }) =>
        launchSource?.launchTemplateId === launchTemplateId && launchSource.version === '$Latest' ? [name] : [],
      );
    },
    async listTaggedGroups(tagKey) {
      return [...aws.groups.values()].filter(({ tags }) => tags[tagKey] !== undefined);
    },
    async findInstance(instanceId) {
      for (const { name, instances } of aws.groups.values()) {
        const found = instances.find((instance) => instance.instanceId === instanceId);
        if (found !== undefined) return { autoScalingGroupName: name, lifecycleState: found.lifecycleState };
      }
      return undefined;
    },
    async useLaunchTemplateVersion({ name, launchSource: given }, version) {
      note('useLaunchTemplateVersion', name, version);
      edit(name, ({ launchSource }) =>
        launchSource === undefined ? {} : { launchSource: { ...launchSource, ...given, version } },
      );
    },
    async resize(name, sizes) {
      note('resize', name, sizes);
      edit(name, () => sizes);
    },
    async terminate(instanceId, { decrement }) {
      const group = [...aws.groups.values()].find(({ instances }) =>
        instances.some((instance) => instance.instanceId === instanceId),
      );
      if (group === undefined) return 'gone';
      const isGoing = group.instances.some(
        (each) => each.instanceId === instanceId && each.lifecycleState === 'Terminating',
      );
      if (isGoing && !aws.terminations.some((each) => each.instanceId === instanceId)) return 'goingAlready';
      if (decrement && group.desiredCapacity <= group.minSize) return 'atMinimum';
      note('terminate', instanceId, { decrement });
      aws.terminations.push({ instanceId, at: clock.now(), effect: decrement ? 'shrank' : 'replaced' });
      edit(group.name, ({ instances, desiredCapacity }) => ({
        desiredCapacity: desiredCapacity - (decrement ? 1 : 0),
        instances: instances.map((each) =>
          each.instanceId === instanceId ? { ...each, lifecycleState: 'Terminating' } : each,
        ),
      }));
      clock.after(TERMINATION_SECONDS, () =>
        edit(group.name, ({ instances }) => ({
          instances: instances.filter((each) => each.instanceId !== instanceId),
        })),
      );
      return 'terminating';
    },
    async terminationOf(_name, instanceId, since) {
      return aws.terminations.find((each) => each.instanceId === instanceId && each.at >= since)?.effect;
    },
    async launchFailures(_name, since) {
      return aws.launchFailures.filter(({ startedAt }) => Date.parse(startedAt) >= since.getTime());
    },
    async setTags(name, tags) {
      note('setTags', name, tags);
      edit(name, (group) => ({ tags: { ...group.tags, ...tags } }));
    },
    async removeTags(name, keys) {
      note('removeTags', name, keys);
      edit(name, ({ tags }) => ({
        tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key))),
      }));
    },
    async suspendProcess(name, process) {
      note('suspendProcess', name, process);
      edit(name, ({ suspendedProcesses }) => ({
        suspendedProcesses: [...suspendedProcesses, { name: process, reason: 'User suspended' }],
      }));
    },
    async resumeProcess(name, process) {
      note('resumeProcess', name, process);
      edit(name, ({ suspendedProcesses }) => ({
        suspendedProcesses: suspendedProcesses.filter((each) => each.name !== process),
      }));
    },
    async terminationHooks() {
      return aws.terminationHooks;
    },
    async hasActiveInstanceRefresh(name) {
      return aws.refreshedGroups.has(name);
    },
  };
}

function createEc2(aws: AwsInMemory, changes: string[]): Deps['ec2'] {
  const versionsOf = (launchTemplateId: string) =>
    aws.templateVersions.filter((version) => version.launchTemplateId === launchTemplateId);
  return {
    async findImage(imageId) {
      return aws.images.get(imageId);
    },
    async findLaunchTemplateVersion(launchTemplateId, version) {
      const all = versionsOf(launchTemplateId);
      if (version === '$Latest') return all.at(-1);
      if (version === '$Default') return all.find(({ isDefault }) => isDefault);
      return all.find((each) => String(each.version) === version);
    },
    async createLaunchTemplateVersion({ launchTemplateId, imageId, description }) {
      changes.push(`createLaunchTemplateVersion ${launchTemplateId} ${imageId}`);
      const version = (versionsOf(launchTemplateId).at(-1)?.version ?? 0) + 1;
      const created = aTemplateVersion({ launchTemplateId, version, imageId, description });
      aws.templateVersions.push(created);
      return created;
    },
    async deleteLaunchTemplateVersion(launchTemplateId, version) {
      changes.push(`deleteLaunchTemplateVersion ${launchTemplateId} ${version}`);
      const index = aws.templateVersions.findIndex(
        (each) => each.launchTemplateId === launchTemplateId && String(each.version) === version,
      );
      if (index >= 0) aws.templateVersions.splice(index, 1);
    },
    async listInstances(autoScalingGroupName) {
      return aws.instances.get(autoScalingGroupName) ?? [];
    },
  };
}

function createEks(aws: AwsInMemory, clock: ClockInMemory, changes: string[]): Deps['eks'] {
  const idsByToken = new Map<string, string>();
  return {
    async findCluster(name) {
      return aws.clusters.get(name);
    },
    async findNodegroup(_clusterName, nodegroupName) {
      return aws.nodegroups.get(nodegroupName);
    },
    async listNodegroups() {
      return [...aws.nodegroups.keys()];
    },
    async updateNodegroupVersion({ nodegroupName, version, releaseVersion, clientRequestToken }) {
      const nodegroup = aws.nodegroups.get(nodegroupName);
      const known = aws.updates.get(idsByToken.get(clientRequestToken) ?? '');
      if (known !== undefined) return known;
      if (nodegroup === undefined || nodegroup.status !== 'ACTIVE') return 'inUse';
      changes.push(`updateNodegroupVersion ${nodegroupName}`);
      const update: EksUpdate = {
        id: `update-${aws.updates.size + 1}`,
        status: 'InProgress',
        type: 'VersionUpdate',
        params: {
          ...(version !== undefined && { Version: version }),
          ...(releaseVersion !== undefined && { ReleaseVersion: releaseVersion }),
        },
        createdAt: clock.now().toISOString(),
        errors: [],
      };
      aws.updates.set(update.id, update);
      idsByToken.set(clientRequestToken, update.id);
      aws.nodegroups.set(nodegroupName, { ...nodegroup, status: 'UPDATING' });
      return update;
    },
    async findUpdate(_clusterName, _nodegroupName, updateId) {
      return aws.updates.get(updateId);
    },
    async listUpdates() {
      return [...aws.updates.keys()];
    },
  };
}

function createNodeExecutions(
  { nodeExecutions }: AwsInMemory,
  clock: ClockInMemory,
  changes: string[],
): Deps['nodeExecutions'] {
  return {
    async start(name, input) {
      const known = nodeExecutions.get(name);
      if (known !== undefined) return known.status === 'RUNNING' && known.input === input ? 'started' : 'taken';
      changes.push(`startExecution ${name}`);
      nodeExecutions.set(name, { status: 'RUNNING', input, startedAt: clock.now().toISOString() });
      return 'started';
    },
    async describe(name) {
      return nodeExecutions.get(name);
    },
    async listRunning() {
      return [...nodeExecutions].flatMap(([name, { status }]) => (status === 'RUNNING' ? [name] : []));
    },
    async stop(name, reason) {
      const known = nodeExecutions.get(name);
      if (known?.status !== 'RUNNING') return;
      changes.push(`stopExecution ${name}`);
      nodeExecutions.set(name, { ...known, ...reason, status: 'ABORTED', stoppedAt: clock.now().toISOString() });
    },
  };
}

/** The ports to AWS, apart from the clusters they lead to. */
export type AwsPorts = Pick<
  Deps,
  'autoScaling' | 'ec2' | 'eks' | 'parameters' | 'alarms' | 'executions' | 'nodeExecutions'
>;

/** Make the AWS ports over the cluster `production`, the group of `aGroup` and a newer release of its AMI. */
export function createAws(clock: ClockInMemory, changes: string[]): { ports: AwsPorts; state: AwsInMemory } {
  const state = newAws();
  return {
    state,
    ports: {
      autoScaling: createAutoScaling(state, clock, changes),
      ec2: createEc2(state, changes),
      eks: createEks(state, clock, changes),
      parameters: { find: async (name) => state.parameters.get(name) },
      alarms: {
        states: async (names) =>
          Object.fromEntries(Object.entries(state.alarmStates).filter(([name]) => names.includes(name))),
      },
      nodeExecutions: createNodeExecutions(state, clock, changes),
      executions: { isRunning: async (executionArn) => state.runningExecutions.has(executionArn) },
    },
  };
}
