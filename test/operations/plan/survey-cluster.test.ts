import assert from 'node:assert/strict';
import sinon from 'sinon';
import { parseClusterInput } from '../../../domain/cluster/input.ts';
import { settingsOf } from '../../../domain/cluster/settings.ts';
import { AccessDenied, ClusterNotFound, InvalidInput, NodegroupNotFound } from '../../../domain/errors.ts';
import { surveyCluster } from '../../../operations/plan/survey-cluster.ts';
import { aGroup, EXECUTION_ARN, NOW_AT, OLD_AMI } from '../../domain/builders.ts';
import { aNodegroup, anImage } from '../aws-in-memory.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const CLUSTER_TAG = { 'kubernetes.io/cluster/production': 'owned' };

function requestFor(input: Record<string, unknown>) {
  const given = { clusterName: 'production', nodegroups: 'all', ...input };
  return {
    input: parseClusterInput(given),
    settings: settingsOf(given),
    executionArn: EXECUTION_ARN,
    executionName: 'tuesday',
    startedAt: NOW_AT,
  };
}

const surveyOf = ({ deps }: PortsInMemory, input: Record<string, unknown> = {}) =>
  surveyCluster(deps, requestFor(input));

/** A world whose only group carries the tag of the cluster. */
function createTaggedWorld(): PortsInMemory {
  const ports = createPorts();
  ports.aws.groups.set('workers', aGroup({ tags: CLUSTER_TAG }));
  return ports;
}

/** The same group as the managed node group `managed`. */
function createManagedWorld(): PortsInMemory {
  const ports = createPorts();
  ports.aws.groups.set('workers', aGroup({ tags: { ...CLUSTER_TAG, 'eks:nodegroup-name': 'managed' } }));
  ports.aws.nodegroups.set('managed', aNodegroup());
  return ports;
}

describe('the survey of a cluster', () => {
  it('plans each group as its own execution would, and knows which nodes are theirs', async () => {
    const { groups, members, nodes, cluster } = await surveyOf(createTaggedWorld());
    assert.deepEqual(
      groups.map(({ name, kind, engine, plan }) => [name, kind, engine, plan?.status, plan?.nodes.outdated]),
      [['workers', 'self-managed', 'workflow', 'planned', 3]],
    );
    assert.deepEqual([members.size, nodes.length, cluster.name], [3, 3, 'production']);
  });

  it('lets EKS upgrade a managed node group unless the input asks for the workflow', async () => {
    const engineOf = async (input: Record<string, unknown>) => {
      const [group] = (await surveyOf(createManagedWorld(), input)).groups;
      return [group?.engine, group?.plan?.run.engine, group?.refusal?.reason];
    };
    assert.deepEqual(await engineOf({}), ['eks', 'eks', undefined]);
    assert.deepEqual(await engineOf({ engine: 'workflow' }), ['workflow', 'workflow', undefined]);
  });

  it('finds a group that is named although it has no tag', async () => {
    const { groups, members } = await surveyOf(createPorts(), { nodegroups: ['workers'] });
    assert.deepEqual([groups[0]?.plan?.status, members.size], ['planned', 3]);
  });

  it('refuses a name that no group has, and a cluster that does not exist', async () => {
    await assert.rejects(surveyOf(createTaggedWorld(), { nodegroups: ['worker'] }), (thrown: unknown) => {
      assert.ok(thrown instanceof NodegroupNotFound);
      assert.match(thrown.message, /did you mean "workers"\?$/);
      return true;
    });
    const ports = createTaggedWorld();
    ports.aws.clusters.clear();
    await assert.rejects(surveyOf(ports), ClusterNotFound);
  });

  it('reads nodes, pods and budgets once, whatever the number of groups', async () => {
    const ports = createTaggedWorld();
    ports.aws.groups.set('others', aGroup({ name: 'others', tags: CLUSTER_TAG, instances: [] }));
    ports.aws.instances.set('others', []);
    const methods = ['listNodes', 'listPods', 'listBudgets', 'serverVersion'] as const;
    const spies = methods.map((method) => sinon.spy(ports.cluster, method));
    const { groups } = await surveyOf(ports);
    assert.deepEqual(
      groups.map(({ plan }) => plan?.status),
      ['planned', 'planned'],
    );
    assert.deepEqual(
      spies.map(({ callCount }) => callCount),
      [1, 1, 1, 1],
    );
  });
});

describe('a group that cannot be upgraded', () => {
  const refusalIn = async (ports: PortsInMemory) => (await surveyOf(ports)).groups[0]?.refusal;

  it('is a result with its reason', async () => {
    const ports = createTaggedWorld();
    ports.aws.groups.set('workers', aGroup({ tags: CLUSTER_TAG, hasWarmPool: true }));
    const refusal = await refusalIn(ports);
    assert.deepEqual([refusal?.error, refusal?.hasUnpublishedAmi], ['UnsupportedNodegroup', false]);
    assert.match(refusal?.reason ?? '', /warm pool/);
  });

  it('is recognised by an AMI that AWS did not publish', async () => {
    const ports = createTaggedWorld();
    ports.aws.images.set(OLD_AMI, anImage({ imageId: OLD_AMI, name: 'golden-image-7' }));
    const refusal = await refusalIn(ports);
    assert.deepEqual([refusal?.error, refusal?.hasUnpublishedAmi], ['InvalidInput', true]);
  });

  it('does not hide what is wrong with the whole cluster', async () => {
    const ports = createTaggedWorld();
    ports.kubernetes.missingRights.add('patch nodes');
    await assert.rejects(surveyOf(ports), AccessDenied);
    const broken = createTaggedWorld();
    sinon.stub(broken.deps.ec2, 'listInstances').rejects(new TypeError('a bug'));
    await assert.rejects(surveyOf(broken), TypeError);
  });

  it('is a name that is both a managed node group and an Auto Scaling group', async () => {
    const ports = createTaggedWorld();
    ports.aws.nodegroups.set('workers', aNodegroup({ name: 'workers' }));
    await assert.rejects(surveyOf(ports), InvalidInput);
  });
});
