import assert from 'node:assert/strict';
import sinon from 'sinon';
import { AccessDenied, ClusterUnreachable } from '../../../domain/errors.ts';
import { observeOutdated } from '../../../operations/plan/observe-outdated.ts';
import { aBudget, aGroup, anInstance, aPod, NEW_AMI, OLD_AMI } from '../../domain/builders.ts';
import { aNodegroup } from '../aws-in-memory.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const CLUSTER_TAG = { 'kubernetes.io/cluster/production': 'owned' };
const MANAGED_TAGS = { ...CLUSTER_TAG, 'eks:nodegroup-name': 'managed' };

/** A world whose only group carries the tag of the cluster. */
function createTaggedWorld(overrides: Parameters<typeof aGroup>[0] = {}): PortsInMemory {
  const ports = createPorts();
  ports.aws.groups.set('workers', aGroup({ tags: CLUSTER_TAG, ...overrides }));
  return ports;
}

const standingIn = ({ deps }: PortsInMemory) => observeOutdated(deps, 'production');

/** Let the instances of the group run these AMIs. */
const runImages = ({ aws }: PortsInMemory, ...imageIds: string[]) =>
  aws.instances.set(
    'workers',
    aGroup().instances.map(({ instanceId }, index) => anInstance({ instanceId, imageId: imageIds[index] ?? NEW_AMI })),
  );

describe('how far a cluster is behind', () => {
  it('is the number of outdated nodes and days of each group, with the pods that would block a drain', async () => {
    const ports = createTaggedWorld();
    ports.kubernetes.pods.set('web', aPod({ nodeName: 'node-0' }));
    ports.kubernetes.budgets.push(aBudget({ disruptionsAllowed: 0 }));
    const { groups, kubernetesVersion, unreachable, outOfScope } = await standingIn(ports);
    const [group] = groups;
    assert.deepEqual(
      { ...group, blockingPods: group?.blockingPods?.map(({ reason }) => reason) },
      {
        name: 'workers',
        kind: 'self-managed',
        engine: 'workflow',
        status: 'outdated',
        kubernetesVersion: '1.33',
        currentRelease: group?.currentRelease,
        currentAmiId: OLD_AMI,
        newestRelease: '1.33.5-20260108',
        newestAmiId: NEW_AMI,
        daysBehind: 38,
        nodes: { total: 3, outdated: 3 },
        blockingPods: ['budget'],
        blockingPodCount: 1,
      },
    );
    assert.deepEqual([kubernetesVersion, unreachable, outOfScope], ['1.33', undefined, []]);
  });

  it('goes by the AMI that is behind where most nodes run the newest already', async () => {
    const ports = createTaggedWorld();
    runImages(ports, OLD_AMI);
    const [group] = (await standingIn(ports)).groups;
    assert.deepEqual([group?.currentAmiId, group?.nodes.outdated, group?.daysBehind], [OLD_AMI, 1, 38]);
  });

  it('is nothing for a group whose nodes all run the newest AMI', async () => {
    const ports = createTaggedWorld();
    runImages(ports);
    const [group] = (await standingIn(ports)).groups;
    assert.deepEqual([group?.status, group?.currentAmiId, group?.daysBehind], ['current', NEW_AMI, 0]);
  });

  it('goes by the AMI of the template for a group without instances', async () => {
    const ports = createTaggedWorld({ instances: [] });
    ports.aws.instances.set('workers', []);
    const [group] = (await standingIn(ports)).groups;
    assert.deepEqual([group?.status, group?.currentAmiId, group?.nodes.total], ['current', OLD_AMI, 0]);
  });

  it('goes by what EKS records of a managed node group', async () => {
    const ports = createTaggedWorld({ tags: MANAGED_TAGS });
    ports.aws.nodegroups.set('managed', aNodegroup());
    const [group] = (await standingIn(ports)).groups;
    assert.deepEqual(
      [group?.name, group?.kind, group?.engine, group?.currentRelease],
      ['managed', 'managed', 'eks', '1.33.5-20251201'],
    );
  });

  it('goes by the AMI type that EKS records where the AMI in use exists no more', async () => {
    const ports = createTaggedWorld({ tags: MANAGED_TAGS });
    ports.aws.nodegroups.set('managed', aNodegroup());
    ports.aws.images.delete(OLD_AMI);
    const [group] = (await standingIn(ports)).groups;
    assert.deepEqual([group?.status, group?.currentAmiId, group?.daysBehind], ['outdated', undefined, undefined]);
  });
});

describe('what is not known about a cluster', () => {
  const reasonIn = async (ports: PortsInMemory) => {
    const [group] = (await standingIn(ports)).groups;
    return [group?.status, group?.reason];
  };

  it('is everything, when there is no such cluster', async () => {
    const ports = createPorts();
    ports.aws.clusters.clear();
    const { groups, error } = await standingIn(ports);
    assert.deepEqual([groups, error], [[], 'there is no EKS cluster "production" in this account and region']);
  });

  it('is its nodes while it is neither active nor updating', async () => {
    const ports = createTaggedWorld();
    ports.aws.clusters.set('production', { name: 'production', version: '1.33', status: 'CREATING' });
    const { unreachable, groups } = await standingIn(ports);
    assert.deepEqual([unreachable, groups[0]?.blockingPods], ['the cluster is CREATING', undefined]);
  });

  it('is its pods, for a caller who may only list nodes', async () => {
    const ports = createTaggedWorld();
    sinon.stub(ports.cluster, 'listPods').rejects(new AccessDenied('you may not list pods'));
    const { unreachable, groups } = await standingIn(ports);
    assert.deepEqual(
      [unreachable, groups[0]?.nodes.outdated, groups[0]?.blockingPodCount],
      ['you may not list pods', 3, undefined],
    );
  });

  it('is its nodes, for a caller who cannot reach it', async () => {
    const ports = createTaggedWorld();
    sinon.stub(ports.deps, 'cluster').rejects(new ClusterUnreachable('no route'));
    assert.equal((await standingIn(ports)).unreachable, 'no route');
  });

  it('is a group without an Auto Scaling group, or without a template', async () => {
    const lonely = createPorts();
    lonely.aws.nodegroups.set('managed', aNodegroup());
    assert.deepEqual(await reasonIn(lonely), ['unknown', 'it has no Auto Scaling group']);
    const { launchSource: _, ...withoutTemplate } = aGroup({ tags: CLUSTER_TAG });
    const ports = createPorts();
    ports.aws.groups.set('workers', { ...withoutTemplate, launchConfigurationName: 'ancient-1' });
    const [status, reason] = await reasonIn(ports);
    assert.equal(status, 'unknown');
    assert.match(reason ?? '', /launch configuration ancient-1/);
  });

  it('is a group for whose AMI there is no newer one', async () => {
    const ports = createTaggedWorld();
    ports.aws.parameters.clear();
    const [status, reason] = await reasonIn(ports);
    assert.equal(status, 'unknown');
    assert.match(reason ?? '', /there is no SSM parameter/);
  });

  it('is not a group that could not be upgraded: it is compared, with the reason', async () => {
    const [status, reason] = await reasonIn(createTaggedWorld({ hasWarmPool: true }));
    assert.equal(status, 'outdated');
    assert.match(reason ?? '', /warm pool/);
  });

  it('does not hide a bug', async () => {
    const ports = createTaggedWorld();
    sinon.stub(ports.deps.ec2, 'listInstances').rejects(new TypeError('a bug'));
    await assert.rejects(standingIn(ports), TypeError);
  });
});
