import {
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  EKSClient,
  type Update,
  UpdateNodegroupVersionCommand,
  type UpdateNodegroupVersionRequest,
} from '@aws-sdk/client-eks';
import { createSandbox } from '../../../sandbox.ts';
import { type ScenarioInput, scenarioSchema } from '../../../world/scenario.ts';
import { createVirtualClock } from '../../../world/virtual-clock.ts';
import { sdkConfig } from '../sdk-transport.ts';

export const OLD_AMI = 'ami-0aaaaaaaaaaaaaaaa';
export const NEW_AMI = 'ami-0bbbbbbbbbbbbbbbb';
const NEXT_MINOR_AMI = 'ami-0cccccccccccccccc';
export const OLD_RELEASE = '1.33.4-20251201';
export const NEW_RELEASE = '1.33.5-20260101';
export const NEXT_MINOR_RELEASE = '1.34.2-20260101';

type ImageInput = NonNullable<ScenarioInput['images']>[number];
type ClusterInput = ScenarioInput['clusters'][number];
type GroupInput = ClusterInput['groups'][number];

const image = (id: string, releaseVersion: string, more: Partial<ImageInput> = {}): ImageInput => ({
  id,
  name: `amazon-eks-node-al2023-x86_64-standard-${releaseVersion}`,
  releaseVersion,
  kubernetesVersion: releaseVersion.slice(0, 4),
  ...more,
});

/** What a scenario is made of besides its one group, `workers` of the cluster `shop`: three nodes in three zones. */
export interface WorldInput {
  readonly group?: Partial<GroupInput>;
  readonly managed?: Partial<NonNullable<GroupInput['managed']>>;
  readonly cluster?: Partial<ClusterInput>;
  readonly otherGroups?: readonly GroupInput[];
  readonly workloads?: ClusterInput['workloads'];
  readonly newImage?: Partial<ImageInput>;
  readonly scenario?: Partial<ScenarioInput>;
}

const worldOf = ({
  group,
  managed,
  cluster,
  otherGroups = [],
  workloads = [],
  newImage,
  scenario,
}: WorldInput): ScenarioInput => ({
  images: [
    image(OLD_AMI, OLD_RELEASE, { createdAt: '2025-12-01T00:00:00.000Z' }),
    image(NEW_AMI, NEW_RELEASE, { isRecommended: true, ...newImage }),
    image(NEXT_MINOR_AMI, NEXT_MINOR_RELEASE, { isRecommended: true }),
  ],
  ...scenario,
  clusters: [
    {
      name: 'shop',
      workloads,
      ...cluster,
      groups: [
        {
          name: 'shop-workers',
          zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
          minSize: 1,
          desiredCapacity: 3,
          maxSize: 5,
          amiId: OLD_AMI,
          ...group,
          managed: { nodegroupName: 'workers', ...managed },
        },
        ...otherGroups,
      ],
    },
  ],
});

/** A sandbox on a virtual clock, with an SDK client of EKS; nothing of the workflow is in it. */
export function createEksWorld(input: WorldInput = {}) {
  const scenario = scenarioSchema.parse(worldOf(input));
  const clock = createVirtualClock(Date.parse(scenario.startsAt));
  const startedAt = clock.now();
  const sandbox = createSandbox({
    scenario,
    clock,
    definitions: [],
    invokeFunction: () => Promise.reject(new Error('there are no functions')),
    rbac: '',
    kubernetesEndpoint: (name) => ({ endpoint: `https://${name}.invalid`, certificateAuthorityData: 'Y2E=' }),
  });
  const config = sdkConfig(sandbox.aws);
  const eks = new EKSClient(config);
  const names = { clusterName: 'shop', nodegroupName: 'workers' };
  const store = sandbox.stores.get('shop');
  const group = () => {
    const found = sandbox.region.state.autoScaling.groups.get('shop-workers');
    if (found === undefined) throw new Error('the group is gone');
    return found;
  };

  const describe = async () => {
    const { nodegroup } = await eks.send(new DescribeNodegroupCommand(names));
    if (nodegroup === undefined) throw new Error('no node group was described');
    return nodegroup;
  };
  const describeUpdate = async (updateId: string | undefined): Promise<Update> => {
    const { update } = await eks.send(
      new DescribeUpdateCommand({ name: 'shop', nodegroupName: 'workers', updateId: updateId ?? '' }),
    );
    if (update === undefined) throw new Error('no update was described');
    return update;
  };
  const startUpdate = async (request: Partial<UpdateNodegroupVersionRequest> = {}): Promise<Update> => {
    const { update } = await eks.send(new UpdateNodegroupVersionCommand({ ...names, ...request }));
    if (update === undefined) throw new Error('no update was started');
    return update;
  };
  const record = () => sandbox.region.state.nodegroups.get('shop', 'workers');
  const settled = () => record().updates.every(({ status }) => status !== 'InProgress');

  return {
    sandbox,
    clock,
    config,
    eks,
    names,
    group,
    record,
    describe,
    describeUpdate,
    startUpdate,
    /** Let time pass until no update runs any more. */
    untilSettled: (limitSeconds?: number) => clock.runUntil(settled, limitSeconds),
    /** Update to the newest release and wait for the end. */
    async update(request: Partial<UpdateNodegroupVersionRequest> = {}): Promise<Update> {
      const { id } = await startUpdate(request);
      await clock.runUntil(settled);
      return describeUpdate(id);
    },
    nodes: () => store?.list('nodes') ?? [],
    pods: () => store?.list('pods') ?? [],
    secondsSinceStart: () => (clock.now() - startedAt) / 1000,
    /** What EKS itself asked the API server for. */
    asked: () =>
      sandbox.wire.entries
        .filter(({ request }) => request.headers.authorization === 'Bearer sandbox-eks-node-manager')
        .map(({ at, action, status }) => ({ atSeconds: (at - startedAt) / 1000, action, status })),
  };
}
