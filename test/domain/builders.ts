import type { GroupNode } from '../../domain/nodegroup/nodegroup.ts';
import type { EksRun, WorkflowRun } from '../../domain/state.ts';
import type { AutoScalingGroup, Budget, GroupInstance, Instance, Lease, Node, Pod } from '../../domain/types.ts';

/*
 * Small, healthy things to decide about. Each builder takes what the test is about; the rest is the dullest value there
 * is: an idle outdated node, a running pod of a Deployment, a group of three in three zones.
 */

/** A clock reading that the builders agree on: everything below was created an hour before it. */
export const NOW_AT = '2026-01-15T12:00:00.000Z';
const AN_HOUR_AGO = '2026-01-15T11:00:00Z';

export const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] as const;
export const OLD_AMI = 'ami-0123456789abcdef0';
export const NEW_AMI = 'ami-0fedcba9876543210';
export const OLD_VERSION = 3;
export const EXECUTION_ARN = 'arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:tuesday';

/** A Ready node without labels, taints and annotations. */
export const aNode = (overrides: Partial<Node> = {}): Node => ({
  name: 'ip-10-0-1-1.eu-west-1.compute.internal',
  providerId: `aws:///eu-west-1a/${overrides.instanceId ?? 'i-0000000000000001a'}`,
  instanceId: 'i-0000000000000001a',
  uid: '00000000-0000-4000-8000-000000000001',
  resourceVersion: '100',
  isReady: true,
  readyChangedAt: AN_HOUR_AGO,
  isUnschedulable: false,
  taints: [],
  labels: {},
  annotations: {},
  kubeletVersion: 'v1.33.5-eks-3025e55',
  createdAt: AN_HOUR_AGO,
  ...overrides,
});

/** A running, Ready pod of the Deployment `checkout`. */
export const aPod = (overrides: Partial<Pod> = {}): Pod => ({
  namespace: 'shop',
  name: 'checkout-6d4b75cb6d-abcde',
  uid: '00000000-0000-4000-8000-0000000000aa',
  nodeName: 'ip-10-0-1-1.eu-west-1.compute.internal',
  phase: 'Running',
  isReady: true,
  owner: { kind: 'ReplicaSet', name: 'checkout-6d4b75cb6d', uid: '00000000-0000-4000-8000-0000000000bb' },
  isMirror: false,
  labels: { app: 'checkout', 'pod-template-hash': '6d4b75cb6d' },
  tolerations: [],
  hasLocalStorage: false,
  volumeClaims: [],
  gracePeriodSeconds: 30,
  createdAt: AN_HOUR_AGO,
  ...overrides,
});

/** The same pod once it has been asked to stop. */
export const aTerminatingPod = (deletionDeadlineAt: string, overrides: Partial<Pod> = {}) => ({
  ...aPod(overrides),
  deletionDeadlineAt,
});

/** The same pod without a controller. */
export const aBarePod = (overrides: Partial<Pod> = {}): Pod => {
  const { owner: _, ...pod } = aPod({ name: 'debug', labels: {} });
  return { ...pod, ...overrides };
};

/** A budget for the pods of `aPod` that allows one disruption: 3 healthy, 2 needed. */
export const aBudget = (overrides: Partial<Budget> = {}): Budget => ({
  namespace: 'shop',
  name: 'checkout',
  selector: { matchLabels: { app: 'checkout' } },
  minAvailable: '2',
  unhealthyPodEvictionPolicy: 'IfHealthyBudget',
  disruptionsAllowed: 1,
  currentHealthy: 3,
  desiredHealthy: 2,
  expectedPods: 3,
  ...overrides,
});

/** An in-service member launched from the old template version. */
export const aGroupInstance = (overrides: Partial<GroupInstance> = {}): GroupInstance => ({
  instanceId: 'i-0000000000000001a',
  zone: ZONES[0],
  lifecycleState: 'InService',
  isHealthy: true,
  isProtectedFromScaleIn: false,
  instanceType: 'm6i.large',
  launchTemplateId: 'lt-0123456789abcdef0',
  launchTemplateVersion: OLD_VERSION,
  ...overrides,
});

/** What EC2 says about the member of `aGroupInstance`: it runs the old AMI. */
export const anInstance = (overrides: Partial<Instance> = {}): Instance => ({
  instanceId: 'i-0000000000000001a',
  imageId: OLD_AMI,
  architecture: 'x86_64',
  instanceType: 'm6i.large',
  zone: ZONES[0],
  launchedAt: AN_HOUR_AGO,
  ...overrides,
});

/** A group of three members, one in each zone. */
export const aGroup = (overrides: Partial<AutoScalingGroup> = {}): AutoScalingGroup => ({
  name: 'workers',
  minSize: 1,
  maxSize: 6,
  desiredCapacity: 3,
  zones: ZONES,
  launchSource: {
    launchTemplateId: 'lt-0123456789abcdef0',
    version: String(OLD_VERSION),
    overridingTemplates: [],
    usesWeights: false,
  },
  instances: ZONES.map((zone, index) => aGroupInstance({ instanceId: `i-0000000000000000${index}`, zone })),
  suspendedProcesses: [],
  tags: {},
  hasWarmPool: false,
  ...overrides,
});

/** An outdated, Ready member with its Node. Another instance id gives the Node that id and a name of its own. */
export const aGroupNode = (overrides: Partial<GroupNode> = {}): GroupNode => {
  const { instanceId = 'i-0000000000000001a' } = overrides;
  return {
    instanceId,
    zone: ZONES[0],
    lifecycleState: 'InService',
    isProtectedFromScaleIn: false,
    imageId: OLD_AMI,
    node: aNode({ instanceId, ...(overrides.instanceId !== undefined && { name: `node-${instanceId}` }) }),
    isOutdated: true,
    isReady: true,
    ...overrides,
  };
};

/** A member whose kubelet has not registered: an instance without a Node. */
export const anUnregisteredMember = (overrides: Partial<Omit<GroupNode, 'node'>> = {}): GroupNode => {
  const { node: _, ...member } = aGroupNode({ isReady: false });
  return { ...member, ...overrides };
};

/** A run over `aGroup`: to the new AMI, one node at a time, with a surge of three. */
export const aRun = (overrides: Partial<WorkflowRun> = {}): WorkflowRun => ({
  executionArn: EXECUTION_ARN,
  startedAt: AN_HOUR_AGO,
  clusterName: 'production',
  autoScalingGroupName: 'workers',
  engine: 'workflow',
  updateStrategy: 'DEFAULT',
  target: {
    amiId: NEW_AMI,
    launchTemplateId: 'lt-0123456789abcdef0',
    sourceVersion: String(OLD_VERSION),
    comparesVersion: false,
  },
  parallelism: 1,
  surge: 3,
  coversZones: true,
  originalSizes: { minSize: 1, maxSize: 6, desiredCapacity: 3 },
  force: false,
  drainTimeoutSeconds: 900,
  cordonWaitSeconds: 60,
  nodeReadyTimeoutSeconds: 900,
  alarms: [],
  failurePolicy: 'finish',
  blockedNodes: 'reopen',
  pods: { unmanaged: 'evict', localStorage: 'evict' },
  ...overrides,
});

/** A run in which EKS takes the same group, as its node group `workers`, to the release of the new AMI. */
export const anEksRun = (overrides: Partial<EksRun> = {}): EksRun => {
  const { target, blockedNodes: _blockedNodes, ...run } = aRun();
  const { comparesVersion: _, ...newest } = target;
  return {
    ...run,
    engine: 'eks',
    nodegroupName: 'workers',
    target: { ...newest, renewedLabels: { 'eks.amazonaws.com/nodegroup-image': NEW_AMI } },
    update: { version: '1.33', releaseVersion: '1.33.5-20260112' },
    failurePolicy: 'halt',
    ...overrides,
  };
};

/** The lock of `aRun`, with no orders on it. */
export const aLease = (overrides: Partial<Lease> = {}): Lease => ({
  name: 'workers',
  resourceVersion: '7',
  holder: EXECUTION_ARN,
  annotations: {},
  ...overrides,
});
