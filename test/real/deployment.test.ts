import assert from 'node:assert/strict';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isReady, type Node, type Pod } from 'eks-sandbox/kubernetes';
import { after, before, describe, it } from 'mocha';
import { LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import type { ClusterCompletion, ClusterPlan } from '../../domain/cluster/cluster.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../domain/nodegroup/original-settings.ts';
import { KUBERNETES_GROUPS } from '../../domain/plan/rights.ts';
import { functionFiles } from '../../tooling/function-files.ts';
import { type Deployment, deploy, MINISTACK_CREDENTIALS } from './deployment/deployment.ts';
import { realAddresses } from './environment.ts';
import type { AuditEvent } from './harness/audit-policy.ts';
import { GROUP, NEW_AMI, OLD_AMI, type Rehearsal, rehearse, ZONES } from './upgrade/rehearsal.ts';

/** Its functions sign tokens by the time of day and wait in it, so it is short. */
const CORDON_WAIT_SECONDS = 3;
const LOCK = leaseName(GROUP);
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${LEASE_NAMESPACE}/leases`;
const PODS = '/api/v1/namespaces/shop/pods';

/** Each state of a run in which nothing goes wrong, in the order in which they are first entered. */
const HAPPY_PATH = [
  'IsContinued',
  'PlanUpgrade',
  'IsDryRun',
  'AcquireLock',
  'WhichEngine',
  'CreateLaunchTemplateVersion',
  'UpdateAutoScalingGroup',
  'IsSurgeWanted',
  'ScaleUp',
  'CheckNewNodes',
  'AreNewNodesReady',
  'TaintOutdatedNodes',
  'BeginUpgrade',
  'UpgradeNodes',
  'WhatNext',
  'ScaleDown',
  'IsScaledDown',
  'CompleteUpgrade',
  'UpgradeSucceeded',
];
/** Each state of the run of a cluster, besides those of an iteration. */
const CLUSTER_PATH = [
  'PlanCluster',
  'IsClusterDryRun',
  'BeginNodegroups',
  'SelectNodegroups',
  'IsAnyNodegroupOutdated',
  'UpgradeNodegroups',
  'CompleteCluster',
  'IsClusterUpgraded',
  'ClusterUpgraded',
];
/** Each state of the run of a group that EKS updates. */
const EKS_PATH = [
  'IsContinued',
  'PlanUpgrade',
  'IsDryRun',
  'AcquireLock',
  'WhichEngine',
  'StartNodegroupUpdate',
  'IsNodegroupUpdated',
  'WaitForNodegroupUpdate',
  'CheckNodegroupUpdate',
  'CompleteUpgrade',
  'UpgradeSucceeded',
];
/** As often as a machine that is slow at something needs. */
const WAITS = ['WaitForNewNodes', 'WaitForNodes', 'WaitForScaleDown'];
const NODE_TASKS = ['drainNode', 'cordonNode', 'terminateInstance'];
const WORKFLOW_GROUPS: readonly string[] = Object.values(KUBERNETES_GROUPS);

const ONE_NODE = { zones: [ZONES[0] as string], minSize: 1, desiredCapacity: 1, maxSize: 2, amiId: OLD_AMI };
/** What is left for the run of the whole cluster: a group for each engine. */
const OTHER_GROUPS = [
  { name: 'batch', ...ONE_NODE },
  { name: 'eks-web', managed: { nodegroupName: 'web' }, ...ONE_NODE },
];

/** A group whose run is stopped. */
const STOPPED = 'stopped';

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
const functionOf = ({ taskScheduledEventDetails }: HistoryEvent) =>
  taskScheduledEventDetails?.resource?.match(/-(\w+)$/)?.[1];

/** A request that the front door sent on, as the API server wrote it down. */
type ImpersonatedEvent = AuditEvent & {
  readonly impersonatedUser?: { readonly username: string; readonly groups?: readonly string[] };
};

/** The execution of one node. */
interface NodeExecution {
  readonly name: string;
  readonly status: string | undefined;
  readonly output: unknown;
  readonly events: readonly HistoryEvent[];
}

describe('the deployed stack', () => {
  const { miniStack, tools } = realAddresses();
  let rehearsal: Rehearsal;
  let deployment: Deployment;
  let client: SFNClient;
  let oldInstances: string[];
  let execution: DescribeExecutionOutput;
  let events: readonly HistoryEvent[];
  let clusterExecution: DescribeExecutionOutput;

  const historyOf = async (executionArn: string) =>
    (await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }))).events ?? [];

  /** Executions of nodes that the steps of a run say they have started. */
  async function nodesOf(history: readonly HistoryEvent[]): Promise<NodeExecution[]> {
    const names = history.flatMap(({ stateExitedEventDetails: left }) =>
      left?.name === 'UpgradeNodes'
        ? (JSON.parse(left.output ?? '{}') as { upgrade: { started: string[] } }).upgrade.started
        : [],
    );
    const prefix = deployment.nodeStateMachineArn.replace(':stateMachine:', ':execution:');
    return Promise.all(
      names.map(async (name) => {
        const executionArn = `${prefix}:${name}`;
        const { status, output = 'null' } = await client.send(new DescribeExecutionCommand({ executionArn }));
        return { name, status, output: JSON.parse(output), events: await historyOf(executionArn) };
      }),
    );
  }

  const instances = (group = GROUP) =>
    [...(rehearsal.served.sandbox.region.state.autoScaling.groups.get(group)?.members.values() ?? [])].filter(
      ({ lifecycleState }) => lifecycleState === 'InService',
    );
  const amis = (group: string) => instances(group).map(({ instance }) => instance.image.id);
  const enteredOf = (history: readonly HistoryEvent[]) =>
    unique(history.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []));

  async function run(stateMachineArn: string, name: string, input: object): Promise<DescribeExecutionOutput> {
    const start = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    const described = new DescribeExecutionCommand(await client.send(start));
    let ended = await client.send(described);
    await rehearsal.until(
      `${name} has ended`,
      async () => {
        ended = await client.send(described);
        return ended.status !== 'RUNNING';
      },
      400,
    );
    return ended;
  }

  // Packaging, deploying and the runs happen once; each test checks another aspect of them.
  before(async function () {
    this.timeout(600_000);
    rehearsal = await rehearse(3, 'front door', {}, [...OTHER_GROUPS, { name: STOPPED, ...ONE_NODE }], true);
    await rehearsal.apply('../deployment/workloads.yaml');
    await rehearsal.until('all pods are Ready', async () => {
      const pods = await rehearsal.list<Pod>(PODS);
      return pods.length > 0 && pods.every(isReady);
    });
    const { awsEndpoint, environment } = rehearsal.served;
    const region = environment.AWS_REGION ?? '';
    deployment = await deploy({
      miniStack: miniStack.endpoint,
      sandbox: awsEndpoint,
      region,
      pythonBin: tools.pythonBin,
    });
    client = new SFNClient({ region, endpoint: miniStack.endpoint, credentials: MINISTACK_CREDENTIALS });
    oldInstances = instances().map(({ instance }) => instance.instanceId);
    const { stateMachineArn } = deployment;
    // Left behind by a run that is over, which only the Step Functions that ran it can tell.
    const holderIdentity = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:long-over`;
    const lease = { metadata: { name: LOCK }, spec: { holderIdentity } };
    assert.equal((await rehearsal.cluster.request('POST', LEASES, lease)).status, 201);

    const settings = { clusterName: 'shop', cordonWaitSeconds: CORDON_WAIT_SECONDS };
    execution = await run(stateMachineArn, 'rehearsal', { ...settings, autoScalingGroupName: GROUP });
    events = await historyOf(execution.executionArn ?? '');
    clusterExecution = await run(deployment.clusterStateMachineArn, 'cluster', {
      ...settings,
      nodegroups: ['batch', GROUP, 'web'],
    });
  });

  after(async () => {
    deployment?.clear();
    await rehearsal?.stop();
  });

  it('has every function of the workflow', () => {
    assert.deepEqual(
      deployment.functionNames.map((name) => name.split('-').at(-1)).sort(),
      functionFiles()
        .map(({ key }) => key)
        .sort(),
    );
  });

  it('replaces the three nodes of a real cluster', async () => {
    assert.equal(execution.status, 'SUCCEEDED', `${execution.error}: ${execution.cause}`);
    assert.deepEqual(amis(GROUP), [NEW_AMI, NEW_AMI, NEW_AMI]);
    await rehearsal.until('only the new nodes are left', async () => (await rehearsal.nodes()).length === 6);
    const nodes = await rehearsal.nodes();
    assert.ok(nodes.every(isReady));
    const isNew = ({ status }: Node) => status?.nodeInfo?.osImage?.endsWith('20251229');
    const [waiting] = instances(STOPPED);
    assert.deepEqual(
      nodes.filter((node) => !isNew(node)).map(({ spec }) => spec?.providerID?.split('/').at(-1)),
      [waiting?.instance.instanceId],
    );
    await rehearsal.until('every pod is at home again', async () => (await rehearsal.list<Pod>(PODS)).every(isReady));
  });

  it('enters every state of the happy path, in its order, and no other', () => {
    assert.deepEqual(
      enteredOf(events).filter((name) => !WAITS.includes(name)),
      HAPPY_PATH,
    );
  });

  it('upgrades the rest of the cluster, each group by its engine in its own execution', async () => {
    const { status, output = 'null', error, cause } = clusterExecution;
    assert.equal(status, 'SUCCEEDED', `${error}: ${cause}`);
    const { plan, completion } = JSON.parse(output) as { plan: ClusterPlan; completion: ClusterCompletion };
    assert.deepEqual(
      plan.groups.map(({ name, engine, status: planned }) => [name, engine, planned]).sort(),
      [
        ['batch', 'workflow', 'outdated'],
        [GROUP, 'workflow', 'onTarget'],
        ['web', 'eks', 'outdated'],
      ].sort(),
    );
    assert.equal(completion.summary, '3 node groups of shop: 2 upgraded, 1 on the target already');
    for (const group of ['batch', 'eks-web']) assert.deepEqual(amis(group), [NEW_AMI], group);
    const arnOf = (group: string) => completion.nodegroups.find(({ name }) => name === group)?.executionArn ?? '';
    assert.deepEqual(enteredOf(await historyOf(arnOf('web'))), EKS_PATH);
    assert.deepEqual(
      enteredOf(await historyOf(arnOf('batch'))).filter((name) => !WAITS.includes(name)),
      HAPPY_PATH,
    );
    const { executionArn = '' } = clusterExecution;
    assert.deepEqual(
      enteredOf(await historyOf(executionArn)).filter((name) => CLUSTER_PATH.includes(name)),
      CLUSTER_PATH,
    );
  });

  it('follows EKS by a watch of all pods of the cluster', () => {
    const watches = rehearsal
      .audit()
      .filter(({ verb, objectRef, requestURI }) => verb === 'watch' && objectRef?.resource === 'pods' && requestURI)
      .filter((event) => (event as ImpersonatedEvent).impersonatedUser?.groups?.includes(KUBERNETES_GROUPS.readers));
    assert.ok(watches.some(({ requestURI }) => !requestURI.includes('fieldSelector')));
  });

  it('upgrades each node in an execution of its own, named after group, instance, attempt and run', async () => {
    const nodes = await nodesOf(events);
    for (const { name, status } of nodes) {
      assert.equal(status, 'SUCCEEDED', name);
      assert.match(name, new RegExp(`^${GROUP}-i-[0-9a-f]+-1-[0-9a-f]{8}$`));
    }
    const ends = nodes.map(({ output }) => output as { instanceId: string; outcome: string });
    assert.deepEqual(
      ends.map(({ instanceId, outcome }) => [instanceId, outcome]).sort(),
      oldInstances.map((instanceId) => [instanceId, 'upgraded']).sort(),
    );
    for (const { name, output } of nodes) assert.ok(name.includes((output as { instanceId: string }).instanceId), name);
  });

  it('drains each node, cordons it, waits and terminates its instance', async () => {
    const nodes = await nodesOf(events);
    assert.equal(nodes.length, oldInstances.length);
    for (const node of nodes) {
      const scheduled = node.events.filter((event) => functionOf(event) !== undefined);
      const at = (name: string) => scheduled.find((event) => functionOf(event) === name)?.timestamp?.getTime() ?? 0;
      assert.deepEqual(unique(scheduled.map(functionOf)), NODE_TASKS);
      assert.ok(at('terminateInstance') - at('cordonNode') >= CORDON_WAIT_SECONDS * 1000);
    }
  });

  it('cleans up a run that somebody has stopped, when the emulator tells the janitor', async () => {
    const holder = async () => {
      const { status, body } = await rehearsal.cluster.request('GET', `${LEASES}/${leaseName(STOPPED)}`);
      return status === 404 ? '' : ((body as { spec?: { holderIdentity?: string } }).spec?.holderIdentity ?? '');
    };
    const group = () => rehearsal.served.sandbox.region.state.autoScaling.groups.get(STOPPED);
    const { executionArn } = await client.send(
      new StartExecutionCommand({
        stateMachineArn: deployment.stateMachineArn,
        name: 'stopped',
        input: JSON.stringify({ clusterName: 'shop', autoScalingGroupName: STOPPED }),
      }),
    );
    const isTagged = (tag: string) => group()?.tags.has(tag) ?? false;
    await rehearsal.until('the run has changed the group', () => isTagged(ORIGINAL_SETTINGS_TAGS.desiredCapacity));
    assert.equal(await holder(), executionArn);
    await client.send(new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'stopped at night' }));
    await rehearsal.until('the janitor has released the Lease', async () => (await holder()) === '');
    assert.ok(
      isTagged(ORIGINAL_SETTINGS_TAGS.leftDesiredCapacity),
      'the next run finds the sizes that this one has left',
    );
    for (const { metadata, spec } of await rehearsal.nodes()) {
      assert.deepEqual([spec?.unschedulable ?? false, spec?.taints ?? []], [false, []], metadata.name);
    }
  });

  it('uses EKS tokens in the cluster, as the groups of its RBAC manifest, and no request is refused', () => {
    const ours = (rehearsal.audit() as ImpersonatedEvent[]).filter(({ impersonatedUser }) =>
      WORKFLOW_GROUPS.every((group) => impersonatedUser?.groups?.includes(group)),
    );
    assert.ok(ours.some(({ objectRef }) => objectRef?.subresource === 'eviction'));
    assert.deepEqual(unique(ours.map(({ impersonatedUser }) => impersonatedUser?.username)), [
      'arn:aws:sts::111122223333:assumed-role/eks-nodegroup-upgrade/workflow',
    ]);
    assert.deepEqual(
      ours
        .filter(({ responseStatus }) => responseStatus?.code === 401 || responseStatus?.code === 403)
        .map(({ requestURI }) => requestURI),
      [],
    );
  });

  it('takes over the lock of a run that Step Functions does not list, and releases it', async () => {
    const holders = rehearsal
      .audit()
      .filter(({ verb, objectRef }) => verb === 'update' && objectRef?.name === LOCK)
      .map(({ requestObject }) => (requestObject as { spec?: { holderIdentity?: string } }).spec?.holderIdentity);
    assert.equal(holders[0], execution.executionArn);
    assert.equal((await rehearsal.cluster.request('GET', `${LEASES}/${LOCK}`)).status, 404);
  });

  it('is removed with its functions', async function () {
    this.timeout(180_000);
    await deployment.remove();
    const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
    assert.ok(!stateMachines.some(({ stateMachineArn }) => stateMachineArn === deployment.stateMachineArn));
    const { status } = await fetch(`${miniStack.endpoint}/2015-03-31/functions/${deployment.functionNames[0]}`, {
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260104/eu-west-1/lambda/aws4_request' },
    });
    assert.equal(status, 404);
  });
});
