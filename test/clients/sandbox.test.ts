import assert from 'node:assert/strict';
import { createSandbox, OPERATOR_CREDENTIALS, type Sandbox, WORKFLOW_CREDENTIALS } from 'eks-sandbox';
import { createVirtualClock, type VirtualClock } from 'eks-sandbox/clock';
import { scenarioSchema } from 'eks-sandbox/scenario';
import { kubernetesTransport, type RequestHandler, sdkRequestHandler } from 'eks-sandbox/server';
import { createDeps } from '../../clients/lambda/deps.ts';
import type { Deps } from '../../clients/ports.ts';
import { KUBERNETES_GROUPS } from '../../domain/plan/rights.ts';
import type { Node } from '../../domain/types.ts';

const NODEGROUP_TAINT = { key: 'eks.amazonaws.com/nodegroup', value: 'unschedulable', effect: 'NoSchedule' };
const LEASE = { name: 'upgrade-workers', holder: 'run-1', annotations: { pause: 'true' } };

const SCENARIO = scenarioSchema.parse({
  seed: 1,
  startsAt: '2026-01-04T03:00:00Z',
  clusters: [
    {
      name: 'demo',
      groups: [
        {
          name: 'workers',
          zones: ['eu-west-1a', 'eu-west-1b'],
          minSize: 1,
          maxSize: 6,
          desiredCapacity: 4,
          amiId: 'ami-0aaaaaaaaaaaaaaa1',
          launchTemplateVersion: '3',
        },
      ],
      workloads: [
        { kind: 'Deployment', name: 'web', namespace: 'shop', replicas: 8, terminationSeconds: 5 },
        { kind: 'Deployment', name: 'tight', namespace: 'shop', replicas: 2, budget: { minAvailable: 2 } },
      ],
    },
  ],
  images: [
    {
      id: 'ami-0aaaaaaaaaaaaaaa1',
      name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251120',
      releaseVersion: '1.33.5-20251120',
      createdAt: '2025-11-20T08:00:00.000Z',
      isRecommended: true,
    },
  ],
});

/** Who may do everything in the cluster: what is tested here is the clients, not the RBAC manifest. */
function setUp(credentials: typeof OPERATOR_CREDENTIALS | typeof WORKFLOW_CREDENTIALS = OPERATOR_CREDENTIALS) {
  const clock = createVirtualClock(Date.parse(SCENARIO.startsAt));
  const sandbox = createSandbox({
    scenario: SCENARIO,
    clock,
    definitions: [],
    invokeFunction: async () => ({}),
    rbac: '',
    kubernetesEndpoint: (name) => ({ endpoint: `https://${name}.invalid`, certificateAuthorityData: '' }),
  });
  const deps = createDeps({
    region: SCENARIO.region,
    credentials,
    endpoint: 'http://aws.invalid',
    clock: { now: () => new Date(clock.now()), sleep: clock.sleep },
    random: () => 0.5,
    requestHandler: sdkRequestHandler(sandbox.aws),
    kubernetesTransport: ({ name }) => kubernetesTransport(sandbox.kubernetes.get(name) as RequestHandler, clock),
    maxAttempts: 1,
  });
  return { clock, sandbox, deps };
}

describe('the clients against the simulated region', () => {
  let clock: VirtualClock;
  let sandbox: Sandbox;
  let deps: Deps;

  beforeEach(() => {
    ({ clock, sandbox, deps } = setUp());
  });

  const group = async () => {
    const found = await deps.autoScaling.findGroup('workers');
    assert.ok(found);
    return found;
  };
  const firstNode = async () => (await (await deps.cluster('demo')).listNodes())[0] as Node;

  it('find the group, its instances and the AMI they run, and their nodes', async () => {
    const { instances, desiredCapacity, launchSource } = await group();
    assert.equal(instances.length, desiredCapacity);
    const running = await deps.ec2.listInstances('workers');
    const nodes = await (await deps.cluster('demo')).listNodes();
    const ids = instances.map(({ instanceId }) => instanceId).sort();
    assert.deepEqual(running.map(({ instanceId }) => instanceId).sort(), ids);
    assert.deepEqual(nodes.map(({ instanceId }) => instanceId).sort(), ids);
    assert.ok(nodes.every(({ isReady }) => isReady));
    assert.equal((await deps.ec2.findImage('ami-0aaaaaaaaaaaaaaa1'))?.state, 'available');
    assert.equal(await deps.ec2.findImage('ami-0fffffffffffffff1'), undefined);
    assert.ok(launchSource);
    const version = await deps.ec2.findLaunchTemplateVersion(launchSource.launchTemplateId, launchSource.version);
    assert.equal(version?.imageId, 'ami-0aaaaaaaaaaaaaaa1');
    assert.equal(await deps.ec2.findLaunchTemplateVersion(launchSource.launchTemplateId, '99'), undefined);
  });

  it('read a group without its instances', async () => {
    const found = await deps.autoScaling.findGroup('workers', { withInstances: false });
    assert.deepEqual([found?.desiredCapacity, found?.instances], [4, []]);
    assert.equal(await deps.autoScaling.findGroup('nobody'), undefined);
  });

  it('create one template version for one token, and let the group launch from it', async () => {
    const { launchSource } = await group();
    assert.ok(launchSource);
    const request = {
      launchTemplateId: launchSource.launchTemplateId,
      sourceVersion: launchSource.version,
      imageId: 'ami-0aaaaaaaaaaaaaaa1',
      description: 'by run-1',
      clientToken: 'run-1',
    };
    const created = await deps.ec2.createLaunchTemplateVersion(request);
    assert.deepEqual(await deps.ec2.createLaunchTemplateVersion(request), created);
    await deps.autoScaling.useLaunchTemplateVersion(await group(), String(created.version));
    assert.equal((await group()).launchSource?.version, String(created.version));
  });

  it('change sizes, tags and processes of the group, and restore them', async () => {
    await deps.autoScaling.resize('workers', { maxSize: 7, desiredCapacity: 5 });
    await deps.autoScaling.setTags('workers', { mark: 'run-1' });
    await deps.autoScaling.suspendProcess('workers', 'AZRebalance');
    const changed = await group();
    assert.deepEqual([changed.minSize, changed.maxSize, changed.desiredCapacity], [1, 7, 5]);
    assert.equal(changed.tags.mark, 'run-1');
    assert.equal(changed.suspendedProcesses[0]?.name, 'AZRebalance');
    await deps.autoScaling.resumeProcess('workers', 'AZRebalance');
    await deps.autoScaling.removeTags('workers', ['mark']);
    const restored = await group();
    assert.deepEqual([restored.suspendedProcesses, restored.tags.mark], [[], undefined]);
  });

  it('terminate through the group, and say when the instance is gone or the group is at its minimum', async () => {
    const [first, second] = (await group()).instances;
    assert.ok(first && second);
    assert.equal(await deps.autoScaling.terminate(first.instanceId, { decrement: true }), 'terminating');
    assert.equal(await deps.autoScaling.terminate('i-0123456789abcdef0', { decrement: false }), 'gone');
    await deps.autoScaling.resize('workers', { minSize: (await group()).desiredCapacity });
    assert.equal(await deps.autoScaling.terminate(second.instanceId, { decrement: true }), 'atMinimum');
  });

  it('find an instance as long as its group has it, and how it was terminated', async () => {
    const { autoScaling } = deps;
    const since = new Date(clock.now());
    const [first, second, third] = (await group()).instances.map(({ instanceId }) => instanceId);
    assert.ok(first && second && third);
    const inService = { autoScalingGroupName: 'workers', lifecycleState: 'InService' };
    assert.deepEqual(await autoScaling.findInstance(first), inService);
    assert.equal(await autoScaling.terminationOf('workers', first, since), undefined);
    await autoScaling.terminate(first, { decrement: true });
    await autoScaling.terminate(second, { decrement: false });
    assert.equal((await autoScaling.findInstance(first))?.lifecycleState, 'Terminating');
    await clock.advance(600);
    assert.equal(await autoScaling.findInstance(first), undefined);
    assert.equal(await autoScaling.terminationOf('workers', first, since), 'shrank');
    assert.equal(await autoScaling.terminationOf('workers', second, since), 'replaced');
    assert.equal(await autoScaling.terminationOf('workers', third, since), undefined);
    assert.equal(await autoScaling.terminationOf('workers', first, new Date(clock.now())), undefined);
  });

  it('find the groups that have a tag', async () => {
    assert.deepEqual(await deps.autoScaling.listTaggedGroups('mark'), []);
    await deps.autoScaling.setTags('workers', { mark: 'run-1' });
    assert.deepEqual(
      (await deps.autoScaling.listTaggedGroups('mark')).map(({ name }) => name),
      ['workers'],
    );
  });

  it('find no failed launch, refresh, alarm, parameter or execution where there is none', async () => {
    assert.deepEqual(await deps.autoScaling.launchFailures('workers', new Date(clock.now())), []);
    assert.equal(await deps.autoScaling.hasActiveInstanceRefresh('workers'), false);
    assert.deepEqual(await deps.alarms.states(['nothing']), {});
    assert.equal(await deps.parameters.find('/nothing'), undefined);
    const arn = 'arn:aws:states:eu-west-1:111122223333:execution:nothing:nothing';
    assert.equal(await deps.executions.isRunning(arn), false);
    assert.equal(await deps.eks.findNodegroup('demo', 'nothing'), undefined);
  });

  it('find the AMI that is recommended for the cluster', async () => {
    const path = '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id';
    assert.equal(await deps.parameters.find(path), 'ami-0aaaaaaaaaaaaaaa1');
  });

  it('throw ClusterNotFound for a cluster that does not exist', async () => {
    await assert.rejects(deps.cluster('nothing'), { name: 'ClusterNotFound' });
  });

  it('are identified by their token at the API server, which refuses what RBAC does not grant', async () => {
    assert.match(await (await deps.cluster('demo')).serverVersion(), /^v1\.33\./);
    const unbound = await setUp(WORKFLOW_CREDENTIALS).deps.cluster('demo');
    await assert.rejects(unbound.listNodes(), { name: 'Unauthorized', message: /RBAC refuses to list nodes/ });
    const patchNodes = { verb: 'patch', group: '', resource: 'nodes' };
    await assert.rejects(unbound.may({ subject: KUBERNETES_GROUPS.drain, ...patchNodes }), { name: 'Unauthorized' });
    const { may } = await deps.cluster('demo');
    assert.equal(await may({ subject: 'system:masters', ...patchNodes }), true);
    assert.equal(await may({ subject: KUBERNETES_GROUPS.drain, ...patchNodes }), false);
  });

  it('change a node only in the version that was read', async () => {
    const cluster = await deps.cluster('demo');
    const { name, resourceVersion, taints } = await firstNode();
    const patch = { taints: [...taints, NODEGROUP_TAINT], labels: { mark: 'ours' }, resourceVersion };
    const changed = await cluster.patchNode(name, patch);
    assert.ok(typeof changed === 'object');
    assert.deepEqual(changed.taints.at(-1), NODEGROUP_TAINT);
    assert.equal(changed.labels.mark, 'ours');
    assert.equal(await cluster.patchNode(name, { ...patch, labels: { mark: 'theirs' } }), 'conflict');
    assert.equal(await cluster.patchNode('nobody', { unschedulable: true }), 'absent');
    const undone = await cluster.patchNode(name, { taints, labels: { mark: null } });
    assert.ok(typeof undone === 'object');
    assert.deepEqual([undone.taints, undone.labels.mark], [taints, undefined]);
  });

  describe('change a node that is identified by uid and provider id, in one request', () => {
    const patches = () => sandbox.wire.entries.filter(({ action }) => action.startsWith('PATCH /api/v1/nodes/'));
    const key = 'example.com/a.b';
    /** The first node, and what identifies it. */
    const identified = async () => {
      const node = await firstNode();
      return { node, identity: { uid: node.uid, providerId: node.providerId ?? '' } };
    };

    it('and are answered with the node, its keys set and removed whether or not they were there', async () => {
      const cluster = await deps.cluster('demo');
      const { node, identity } = await identified();
      const { name, resourceVersion } = node;
      const set = { identity, labels: { [key]: 'x' }, annotations: { [key]: 'y', never: null }, unschedulable: true };
      const changed = await cluster.patchNode(name, { ...set, taints: [NODEGROUP_TAINT], resourceVersion });
      assert.ok(typeof changed === 'object');
      assert.deepEqual(
        [changed.labels[key], changed.annotations[key], changed.annotations.never],
        ['x', 'y', undefined],
      );
      assert.deepEqual([changed.taints[0], changed.isUnschedulable], [NODEGROUP_TAINT, true]);
      const undo = {
        identity,
        labels: { [key]: null },
        annotations: { [key]: null },
        taints: [],
        unschedulable: false,
      };
      const undone = await cluster.patchNode(name, undo);
      assert.ok(typeof undone === 'object');
      assert.deepEqual([undone.labels, undone.annotations], [node.labels, node.annotations]);
      assert.deepEqual([undone.taints, undone.isUnschedulable], [[], false]);
    });

    it('also when it has no annotation yet', async () => {
      const cluster = await deps.cluster('demo');
      const { node, identity } = await identified();
      const removals = Object.fromEntries(Object.keys(node.annotations).map((name) => [name, null]));
      assert.ok(typeof (await cluster.patchNode(node.name, { annotations: removals })) === 'object');
      const before = patches().length;
      const changed = await cluster.patchNode(node.name, { identity, annotations: { [key]: 'y' } });
      assert.deepEqual(typeof changed === 'object' && changed.annotations, { [key]: 'y' });
      assert.equal(patches().length - before, 2);
    });

    it('unless it is gone, another node has its name, or it has changed', async () => {
      const cluster = await deps.cluster('demo');
      const { node, identity } = await identified();
      const { name, resourceVersion } = node;
      const patch = { identity, annotations: { ours: 'yes' } };
      const asked = (change: object) => cluster.patchNode(name, { ...patch, ...change });
      assert.equal(await cluster.patchNode('nobody', patch), 'absent');
      assert.equal(await asked({ identity: { ...identity, uid: 'of-another' } }), 'absent');
      assert.equal(await asked({ identity: { ...identity, providerId: 'aws:///eu-west-1a/i-0aa' } }), 'absent');
      assert.equal(await asked({ resourceVersion: '1' }), 'conflict');
      assert.equal((await cluster.findNode(name))?.resourceVersion, resourceVersion);
      assert.ok(typeof (await asked({ resourceVersion })) === 'object');
    });
  });

  it('observe the first change of the nodes that have a label, for as long as they are told', async () => {
    const cluster = await deps.cluster('demo');
    const [first, second] = await cluster.listNodes();
    assert.ok(first && second);
    for (const { name } of [first, second]) await cluster.patchNode(name, { labels: { ours: 'yes' } });
    const { resourceVersion, nodes } = await cluster.listNodesToWatch({ ours: 'yes' });
    assert.equal(nodes.length, 2);

    const seen: { atSeconds: number; changed: string[]; gone: string[] }[] = [];
    const startedAt = clock.now();
    const watching = clock.run(async () => {
      let from: string | undefined = resourceVersion;
      for (let watch = 1; watch <= 3; watch += 1) {
        assert.ok(from);
        const found = await cluster.watchNodes({ label: 'ours', resourceVersion: from, timeoutSeconds: 240 });
        from = found.resourceVersion;
        const changed = found.changed.map(({ name }) => name);
        const gone = found.gone.map(({ name }) => name);
        seen.push({ atSeconds: (clock.now() - startedAt) / 1000, changed, gone });
      }
    });
    clock.after(10, () => void clock.run(() => cluster.patchNode(first.name, { annotations: { note: '1' } })));
    clock.after(20, () => void clock.run(() => cluster.patchNode(second.name, { labels: { ours: null } })));
    await clock.runUntil(() => seen.length === 3, 600);
    await watching;
    assert.deepEqual(seen, [
      { atSeconds: 10, changed: [first.name], gone: [] },
      { atSeconds: 20, changed: [], gone: [second.name] },
      { atSeconds: 260, changed: [], gone: [] },
    ]);
  });

  it('evict pods, are blocked by a budget whose name is in the answer, and observe the deletions', async () => {
    const cluster = await deps.cluster('demo');
    const pods = await cluster.listPods();
    const tight = pods.find(({ labels }) => labels.app === 'tight');
    assert.ok(tight);
    const blockingPods = await cluster.evict(tight);
    assert.equal(blockingPods.status, 'blocked');
    assert.match(
      blockingPods.status === 'blocked' ? blockingPods.message : '',
      /disruption budget tight needs 2 healthy pods/,
    );

    const nodeName = pods.find(({ labels }) => labels.app === 'web')?.nodeName ?? '';
    assert.ok(await cluster.patchNode(nodeName, { unschedulable: true }));
    const before = clock.now();
    let left: unknown;
    const drain = clock.run(async () => {
      const list = await cluster.listPodsOnNode(nodeName);
      const web = list.pods.filter(({ labels }) => labels.app === 'web');
      for (const pod of web) assert.deepEqual(await cluster.evict(pod), { status: 'evicted' });
      const uids = web.map(({ uid }) => uid);
      await cluster.waitForPodsGone(nodeName, { uids, resourceVersion: list.resourceVersion, timeoutSeconds: 30 });
      const after = await cluster.listPodsOnNode(nodeName);
      left = after.pods.filter(({ uid }) => uids.includes(uid));
    });
    await clock.runUntil(() => left !== undefined, 60);
    await drain;
    assert.deepEqual(left, []);
    assert.ok(clock.now() - before <= 10_000);
    assert.deepEqual(await cluster.evict({ ...tight, name: 'web-gone' }), { status: 'absent' });
    const [other] = (await cluster.listPods()).filter(({ labels }) => labels.app === 'web');
    assert.ok(other);
    assert.deepEqual(await cluster.evict({ ...other, uid: 'of-another-pod' }), { status: 'absent' });
  });

  it('delete a pod', async () => {
    const cluster = await deps.cluster('demo');
    const [pod] = (await cluster.listPods()).filter(({ labels }) => labels.app === 'web');
    assert.ok(pod);
    assert.equal(await cluster.deletePod({ ...pod, uid: 'of-another-pod' }), 'absent');
    assert.equal(await cluster.deletePod(pod), 'deleted');
  });

  it('read the budgets as they are', async () => {
    const [budget] = await (await deps.cluster('demo')).listBudgets();
    assert.deepEqual(
      [budget?.name, budget?.minAvailable, budget?.disruptionsAllowed, budget?.currentHealthy],
      ['tight', '2', 0, 2],
    );
    assert.deepEqual(await (await deps.cluster('demo')).listVolumeAttachments(), []);
  });

  it('hold a lease that a second holder cannot take', async () => {
    const cluster = await deps.cluster('demo');
    assert.equal(await cluster.findLease('kube-system', LEASE.name), undefined);
    const created = await cluster.createLease('kube-system', LEASE);
    assert.ok(typeof created === 'object');
    assert.equal(await cluster.createLease('kube-system', { ...LEASE, holder: 'run-2' }), 'conflict');
    assert.equal(await cluster.createLease('nowhere', LEASE), 'noNamespace');
    const replaced = await cluster.replaceLease('kube-system', { ...created, annotations: {} });
    assert.ok(typeof replaced === 'object');
    assert.deepEqual([replaced.holder, replaced.annotations], ['run-1', {}]);
    assert.equal(await cluster.replaceLease('kube-system', created), 'conflict');
    const paused = await cluster.annotateLease('kube-system', replaced, { pause: 'lunch', cancel: null });
    assert.ok(typeof paused === 'object');
    assert.deepEqual([paused.holder, paused.annotations], ['run-1', { pause: 'lunch' }]);
    const resumed = await cluster.annotateLease('kube-system', paused, { pause: null });
    assert.ok(typeof resumed === 'object');
    assert.deepEqual(resumed.annotations, {});
    assert.equal(await cluster.annotateLease('kube-system', paused, { pause: 'late' }), 'conflict');
    await assert.rejects(cluster.deleteLease('kube-system', created), { name: 'Conflict' });
    await cluster.deleteLease('kube-system', resumed);
    await cluster.deleteLease('kube-system', resumed);
    assert.equal(await cluster.annotateLease('kube-system', resumed, { pause: 'late' }), 'conflict');
    assert.equal(await cluster.findLease('kube-system', LEASE.name), undefined);
  });

  it('write an Event about a node that kubectl describe finds', async () => {
    const cluster = await deps.cluster('demo');
    const node = await firstNode();
    await cluster.recordNodeEvent(node, { type: 'Normal', reason: 'NodeUpgradeDraining', message: 'Draining' });
    const events = sandbox.stores.get('demo')?.list('events') ?? [];
    const ours = events.find((event) => event.reason === 'NodeUpgradeDraining');
    assert.equal(ours?.metadata.namespace, 'default');
    assert.deepEqual([ours?.involvedObject?.name, ours?.involvedObject?.uid], [node.name, node.uid]);
  });
});
