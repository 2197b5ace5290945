import assert from 'node:assert/strict';
import { isReady, type Node } from 'eks-sandbox/kubernetes';
import { after, before, describe, it } from 'mocha';
import { changeOf } from './node-patch.ts';
import {
  awsCalls,
  CLUSTER,
  createWorld,
  type Ended,
  GROUP,
  INPUT,
  kubernetesCalls,
  NEW_AMI,
  nodePatches,
  OLD_AMI,
  type UpgradeWorld,
  world,
} from './run-upgrade.ts';

const TAINT = 'eks.amazonaws.com/nodegroup';
const EXCLUDE = 'node.kubernetes.io/exclude-from-external-load-balancers';
const PARALLELISM = 2;

const zoneOf = (node: Node): string => node.metadata.labels?.['topology.kubernetes.io/zone'] as string;
const instanceOf = (node: Node): string => node.spec?.providerID?.split('/').at(-1) ?? '';

/** What only an observer of the world at the instant of a request can tell. */
interface Observations {
  /** Zones with a Ready node on the new AMI, and number of such nodes, at the first taint. */
  readonly atFirstTaint: { zones: Set<string>; ready: number }[];
  /** Pods, other than those a drain leaves alone, on a node at the instant of its cordon. */
  readonly podsAtCordon: Map<string, string[]>;
  /** Ready nodes that are not being drained, after each change of a node. */
  readonly serving: number[];
  /** Budgets that fell below what they require, ever. */
  readonly broken: string[];
}

function observe(sandbox: UpgradeWorld): Observations {
  const store = sandbox.stores.get(CLUSTER) as NonNullable<ReturnType<typeof sandbox.stores.get>>;
  const seen: Observations = { atFirstTaint: [], podsAtCordon: new Map(), serving: [], broken: [] };
  const images = () =>
    new Map(
      [...(sandbox.region.state.autoScaling.groups.get(GROUP)?.members.values() ?? [])].map(({ instance }) => [
        instance.instanceId,
        instance.image.id,
      ]),
    );
  sandbox.wire.onRequest(({ action, request }) => {
    if (!action.startsWith('PATCH /api/v1/nodes/')) return;
    const { spec } = changeOf(request.body);
    if (spec?.taints?.some(({ key }) => key === TAINT) && seen.atFirstTaint.length === 0) {
      const ami = images();
      const fresh = store.list('nodes').filter((node) => ami.get(instanceOf(node)) === NEW_AMI && isReady(node));
      seen.atFirstTaint.push({ zones: new Set(fresh.map(zoneOf)), ready: fresh.length });
    }
    if (spec?.unschedulable === true) {
      const nodeName = action.split('/').at(-1) as string;
      const left = store
        .podsOnNode(nodeName)
        .filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind !== 'DaemonSet');
      seen.podsAtCordon.set(
        nodeName,
        left.map(({ metadata }) => metadata.name),
      );
    }
  });
  store.subscribe(({ resource, object }) => {
    if (resource === 'nodes') {
      const serving = store
        .list('nodes')
        .filter((node) => isReady(node) && node.metadata.labels?.[EXCLUDE] === undefined);
      seen.serving.push(serving.length);
    }
    if (resource === 'poddisruptionbudgets') {
      const { currentHealthy = 0, desiredHealthy = 0 } = object.status ?? {};
      if (currentHealthy < desiredHealthy) seen.broken.push(object.metadata.name);
    }
  });
  return seen;
}

describe('the four phases, as the sandbox received them', () => {
  let sandbox: UpgradeWorld;
  let seen: Observations;
  let before_: ReturnType<UpgradeWorld['group']>;
  let oldNodes: Set<string>;
  let ended: Ended;
  let terminatingAtEnd: string[];

  const entries = () => sandbox.wire.entries;
  const position = (matches: (entry: (typeof sandbox.wire.entries)[number]) => boolean) => entries().findIndex(matches);
  const evictions = () => kubernetesCalls(entries(), /\/eviction$/);
  const taints = () => nodePatches(entries()).filter(({ body }) => body.spec?.taints?.some(({ key }) => key === TAINT));
  const cordons = () => nodePatches(entries()).filter(({ body }) => body.spec?.unschedulable === true);
  const terminations = () => awsCalls(entries(), 'TerminateInstanceInAutoScalingGroup');
  const resizes = () => awsCalls(entries(), 'UpdateAutoScalingGroup').filter(({ form }) => form.has('MaxSize'));

  before(async () => {
    sandbox = await createWorld(
      world({
        group: { minSize: 3, desiredCapacity: 9, maxSize: 10 },
        workloads: [
          {
            kind: 'StatefulSet',
            name: 'ledger',
            namespace: 'shop',
            replicas: 3,
            volumeClaim: true,
            budget: { maxUnavailable: 1 },
          },
        ],
      }),
    );
    seen = observe(sandbox);
    before_ = sandbox.group();
    oldNodes = new Set(sandbox.nodes().map(({ metadata }) => metadata.name));
    ended = await sandbox.upgrade({ ...INPUT, updateConfig: { maxUnavailable: PARALLELISM } });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    terminatingAtEnd = sandbox.terminating();
    // A Node outlives its instance until the cloud controller sees that its heartbeat has stopped and the instance is gone.
    await sandbox.clock.runUntil(() => sandbox.nodes().every(({ metadata }) => !oldNodes.has(metadata.name)), 60);
  });
  after(() => {
    sandbox = undefined as never;
  });

  describe('setup', () => {
    it('creates one launch template version that gives the AMI only, derived from the version in use', () => {
      const [created, ...more] = awsCalls(entries(), 'CreateLaunchTemplateVersion');
      assert.equal(more.length, 0);
      assert.equal(created?.form.get('SourceVersion'), '3');
      const data = [...(created?.form.entries() ?? [])].filter(([name]) => name.startsWith('LaunchTemplateData'));
      assert.deepEqual(data, [['LaunchTemplateData.ImageId', NEW_AMI]]);
    });

    it('keeps the user data of the version in use byte for byte', () => {
      const template = sandbox.region.state.launchTemplates.findByName(GROUP);
      assert.ok(template);
      const { launchTemplates } = sandbox.region.state;
      const dataOf = (version: string) => launchTemplates.getVersion(template, version).data;
      assert.deepEqual({ ...dataOf('4'), ImageId: OLD_AMI }, dataOf('3'));
      assert.ok(JSON.stringify(dataOf('4')).length > 100);
    });

    it('points the group at the new version before it raises the sizes', () => {
      const [pointed] = awsCalls(entries(), 'UpdateAutoScalingGroup');
      assert.equal(pointed?.form.get('LaunchTemplate.Version'), '4');
      assert.ok(!pointed?.form.has('DesiredCapacity'));
      assert.ok((pointed?.at as number) <= (resizes()[0]?.at as number));
    });

    it('drains as many nodes at a time as updateConfig allows, and no more', () => {
      const ends = new Map(terminations().map(({ at, form }) => [form.get('InstanceId') as string, at]));
      const starts = nodePatches(entries()).filter(({ body }) => body.metadata?.labels?.[EXCLUDE] === 'true');
      const instance = (nodeName: string) =>
        ended.output.plan.nodes.outdatedNodes.find((node: { nodeName: string }) => node.nodeName === nodeName)
          .instanceId as string;
      const spans = starts.map(({ at, nodeName }) => ({ from: at, to: ends.get(instance(nodeName)) as number }));
      const most = Math.max(
        ...spans.map(({ from }) => spans.filter((span) => span.from <= from && from < span.to).length),
      );
      assert.equal(most, PARALLELISM);
    });

    it('writes the original sizes on the group as tags before it changes the group', () => {
      const originalSettingsWritten = position(
        ({ action, request }) => action === 'CreateOrUpdateTags' && /desired-capacity/.test(request.body),
      );
      const groupChanged = position(({ action }) => action === 'UpdateAutoScalingGroup');
      assert.ok(originalSettingsWritten >= 0 && originalSettingsWritten < groupChanged);
    });
  });

  describe('scale up', () => {
    it('raises maximum and desired size together, by the surge, before the first eviction', () => {
      const [raise] = resizes();
      // The larger of 2 × 3 zones and 2 × 2 in parallel.
      assert.equal(raise?.form.get('DesiredCapacity'), '15');
      assert.equal(raise?.form.get('MaxSize'), '15');
      assert.ok((raise?.at as number) < (evictions()[0]?.at as number));
    });

    it('taints nothing before every replacement is Ready, at least one in each zone of the old nodes', () => {
      const [at] = seen.atFirstTaint;
      assert.equal(at?.ready, 6);
      assert.deepEqual([...(at?.zones ?? [])].sort(), ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']);
    });

    it('taints every outdated node and no other', () => {
      assert.deepEqual(new Set(taints().map(({ nodeName }) => nodeName)), oldNodes);
      const own = taints()[0]?.body.spec?.taints?.find(({ key }) => key === TAINT);
      assert.deepEqual(own, { key: TAINT, value: 'unschedulable', effect: 'NoSchedule' });
    });

    it('evicts nothing before all outdated nodes are tainted', () => {
      assert.ok((taints().at(-1)?.at as number) <= (evictions()[0]?.at as number));
    });
  });

  describe('upgrade', () => {
    it('moves pods through the Eviction API only', () => {
      assert.ok(evictions().length > 0);
      assert.deepEqual(kubernetesCalls(entries(), /^DELETE .*\/pods/), []);
    });

    it('respects every budget', () => assert.deepEqual(seen.broken, []));

    it('cordons a node when its last pod has left, and not before', () => {
      assert.equal(seen.podsAtCordon.size, oldNodes.size);
      assert.deepEqual([...seen.podsAtCordon.values()].flat(), []);
    });

    it('waits at least 60 s between the cordon of a node and its termination', () => {
      const outdated: { instanceId: string; nodeName: string }[] = ended.output.plan.nodes.outdatedNodes;
      const cordonedAt = new Map(cordons().map(({ nodeName, at }) => [nodeName, at]));
      for (const { form, at } of terminations()) {
        const node = outdated.find(({ instanceId }) => instanceId === form.get('InstanceId'));
        const waited = at - (cordonedAt.get(node?.nodeName as string) as number);
        assert.ok(waited >= 60_000, `${node?.nodeName} waited ${waited} ms`);
      }
    });

    it('terminates through the Auto Scaling group only, each old instance once', () => {
      const ids = terminations().map(({ form }) => form.get('InstanceId'));
      const outdated: { instanceId: string }[] = ended.output.plan.nodes.outdatedNodes;
      assert.deepEqual([...ids].sort(), outdated.map(({ instanceId }) => instanceId).sort());
      assert.deepEqual(awsCalls(entries(), 'TerminateInstances'), []);
    });

    it('terminates no instance while a volume is attached to its node', () => {
      const attached = kubernetesCalls(entries(), /volumeattachments$/);
      assert.ok(attached.length > 0, 'the world has volumes, so their attachments must be listed');
    });

    it('takes a node out of the load balancers when its own drain starts, not all of them together', () => {
      const starts = nodePatches(entries()).filter(({ body }) => body.metadata?.labels?.[EXCLUDE] === 'true');
      assert.equal(starts.length, oldNodes.size);
      assert.ok(new Set(starts.map(({ at }) => at)).size >= oldNodes.size / PARALLELISM);
    });

    it('repeats until no node runs the old AMI', () => {
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
      assert.equal(sandbox.amis().length, 9);
    });

    it('never leaves fewer Ready nodes in service than there were before', () => {
      assert.ok(Math.min(...seen.serving) >= 9, `it fell to ${Math.min(...seen.serving)}`);
    });

    it('takes the nodes in random order: a different seed gives a different order', async () => {
      const orderOf = async (seed: number) => {
        const other = await createWorld(world({ scenario: { seed } }));
        const { output } = await other.upgrade({ ...INPUT, updateConfig: { maxUnavailable: 1 } });
        const zonesInOrder = awsCalls(other.wire.entries, 'TerminateInstanceInAutoScalingGroup').map(({ form }) =>
          output.plan.nodes.outdatedNodes.findIndex(
            ({ instanceId }: { instanceId: string }) => instanceId === form.get('InstanceId'),
          ),
        );
        return zonesInOrder.join();
      };
      assert.notEqual(await orderOf(1), await orderOf(2));
    });
  });

  describe('scale down', () => {
    it('brings desired back one by one, by terminating drained nodes with a decrement', () => {
      const decrements = terminations().filter(({ form }) => form.get('ShouldDecrementDesiredCapacity') === 'true');
      assert.equal(decrements.length, 6);
    });

    it('never lowers desired itself, which would let the group kill a busy node', () => {
      assert.deepEqual(awsCalls(entries(), 'SetDesiredCapacity'), []);
      assert.equal(resizes().filter(({ form }) => form.has('DesiredCapacity')).length, 1);
    });

    it('brings the maximum back one by one', () => {
      const maxima = resizes()
        .slice(1)
        .map(({ form }) => Number(form.get('MaxSize')));
      assert.deepEqual(maxima, [14, 13, 12, 11, 10]);
    });
  });

  describe('the world afterwards', () => {
    it('has no old instance left in the group', () => assert.deepEqual(terminatingAtEnd, []));

    it('has minimum, maximum, desired, tags and processes as they were', () => {
      assert.deepEqual(sandbox.group(), before_);
    });

    it('has no taint, label, cordon or annotation of this run left on any node', () => {
      for (const { metadata, spec } of sandbox.nodes()) {
        const keys = [...Object.keys(metadata.annotations ?? {}), ...Object.keys(metadata.labels ?? {})];
        assert.deepEqual(
          keys.filter((key) => /eks-nodegroup-upgrade|scale-down-disabled|exclude-from-external/.test(key)),
          [],
        );
        assert.deepEqual(spec?.taints ?? [], []);
        assert.ok(spec?.unschedulable !== true);
      }
    });

    it('has no lease left in the cluster', () => {
      assert.deepEqual(sandbox.stores.get(CLUSTER)?.list('leases'), []);
    });

    it('has one new template version, and Events for each step of each node', () => {
      const reasons = (sandbox.stores.get(CLUSTER)?.list('events') ?? [])
        .map(({ reason }) => reason as string)
        .filter((reason) => reason.startsWith('NodeUpgrade'));
      assert.equal(reasons.filter((reason) => reason === 'NodeUpgradeDraining').length, oldNodes.size);
      assert.equal(reasons.filter((reason) => reason === 'NodeUpgradeCordoned').length, oldNodes.size);
    });
  });
});
