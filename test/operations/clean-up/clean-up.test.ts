import assert from 'node:assert/strict';
import sinon from 'sinon';
import { OWNERSHIP_ANNOTATIONS, UNSCHEDULABLE_TAINT } from '../../../domain/nodegroup/node-ownership.ts';
import type { AutoScalingGroup, Node } from '../../../domain/types.ts';
import { cleanUpGroup, cleanUpNodes, nodesOf } from '../../../operations/clean-up/clean-up.ts';
import { complete } from '../../../operations/clean-up/complete.ts';
import { aHeldEntry } from '../../domain/admission/entry-builders.ts';
import { aLease, aNode, aRun } from '../../domain/builders.ts';
import { aTemplateVersion } from '../aws-in-memory.ts';
import { addNewNode, createPorts, type PortsInMemory } from '../ports-in-memory.ts';
import { groupOf, LEASE, setGroup, setNode, TEMPLATE, underWay } from './world.ts';

const nodes = ({ kubernetes }: PortsInMemory): Node[] => [...kubernetes.nodes.values()];
const verbs = ({ changes }: PortsInMemory) => changes.map((change) => change.split(' ')[0]);
const state = { plan: { run: aRun() }, launchTemplate: TEMPLATE };

describe('cleaning up nodes', () => {
  it('removes what is ours, and counts the nodes', async () => {
    const ports = underWay();
    assert.equal(await cleanUpNodes(ports.deps, 'production', nodes(ports)), 1);
    assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.taints, []);
    assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.annotations, {});
  });

  it('leaves what an operator has cordoned or tainted, before the run and during it', async () => {
    const ports = underWay();
    const operators = { key: 'team', value: 'shop', effect: 'NoSchedule' };
    setNode(ports, 'node-0', { isUnschedulable: true, taints: [operators, UNSCHEDULABLE_TAINT] });
    setNode(ports, 'node-1', { isUnschedulable: true, taints: [operators] });
    await cleanUpNodes(ports.deps, 'production', nodes(ports));
    for (const name of ['node-0', 'node-1']) {
      const { isUnschedulable, taints } = ports.kubernetes.nodes.get(name) as Node;
      assert.deepEqual([isUnschedulable, taints], [true, [operators]], name);
    }
  });

  it('leaves the nodes of other groups, and those that shut down: no pod may get on them again', () => {
    const ports = createPorts();
    const [first, ...others] = groupOf(ports).instances;
    assert.ok(first !== undefined);
    const group = { instances: [{ ...first, lifecycleState: 'Terminating:Wait' }, ...others] };
    const all = [...nodes(ports), aNode({ name: 'elsewhere', instanceId: 'i-0f' })];
    assert.deepEqual(
      nodesOf(group, all).map(({ name }) => name),
      ['node-1', 'node-2'],
    );
  });

  it('stops between two hundreds of nodes once another execution has taken the lock', async () => {
    const ports = underWay();
    const many = Array.from({ length: 250 }, (_, index) => {
      const name = `many-${index}`;
      const node = aNode({ name, annotations: { [OWNERSHIP_ANNOTATIONS.parked]: 'x' } });
      ports.kubernetes.nodes.set(name, node);
      return node;
    });
    assert.equal(await cleanUpNodes(ports.deps, 'production', many, { mayGoOn: async () => false }), 100);
  });
});

describe('cleaning up the group', () => {
  it('follows $Latest again, resumes AZRebalance and removes the tags, in this order', async () => {
    const ports = underWay();
    await cleanUpGroup(ports.deps, groupOf(ports), { launchTemplate: TEMPLATE });
    assert.deepEqual(verbs(ports), ['useLaunchTemplateVersion', 'resumeProcess', 'removeTags', 'removeTags']);
    assert.deepEqual(groupOf(ports).tags, {});
    assert.equal(groupOf(ports).launchSource?.version, '$Latest');
  });

  it('resumes AZRebalance and follows $Latest also when somebody has deleted the tags', async () => {
    const ports = underWay();
    setGroup(ports, { tags: {} });
    const known = { launchTemplate: TEMPLATE, statedVersion: '$Latest', isRebalancingSuspended: true };
    await cleanUpGroup(ports.deps, groupOf(ports), known);
    assert.deepEqual(groupOf(ports).suspendedProcesses, []);
    assert.equal(groupOf(ports).launchSource?.version, '$Latest');
  });

  it('leaves AZRebalance suspended when somebody else has suspended it', async () => {
    const ports = createPorts();
    setGroup(ports, { suspendedProcesses: [{ name: 'AZRebalance', reason: 'User suspended' }] });
    await cleanUpGroup(ports.deps, groupOf(ports), { launchTemplate: TEMPLATE, isRebalancingSuspended: false });
    assert.deepEqual(ports.changes, []);
  });

  it('does not follow $Latest when somebody has made a later version', async () => {
    const ports = underWay();
    ports.aws.templateVersions.push(aTemplateVersion({ version: 5 }));
    await cleanUpGroup(ports.deps, groupOf(ports), { launchTemplate: TEMPLATE });
    assert.equal(groupOf(ports).launchSource?.version, '3');
  });

  it('leaves the version alone after an update by EKS', async () => {
    const ports = underWay();
    await cleanUpGroup(ports.deps, groupOf(ports), {});
    assert.ok(!verbs(ports).includes('useLaunchTemplateVersion'));
  });
});

describe('completing a run', () => {
  it('cleans up nodes and group, then deletes the lock', async () => {
    const ports = underWay();
    addNewNode(ports, 'new', { zone: 'eu-west-1a', launchTemplateVersion: 4 });
    const { cleanedNodes, members } = await complete(ports.deps, state);
    assert.deepEqual([cleanedNodes, members.length], [1, 4]);
    assert.deepEqual([groupOf(ports).tags, ports.kubernetes.leases.size], [{}, 0]);
    assert.equal(verbs(ports).at(-1), 'deleteLease');
  });

  it('succeeds again when an earlier attempt did everything and could not say so', async () => {
    const ports = underWay();
    await complete(ports.deps, state);
    ports.changes.splice(0);
    assert.equal((await complete(ports.deps, state)).cleanedNodes, 0);
    assert.deepEqual(ports.changes, []);
  });

  it('touches nothing when another run has begun since', async () => {
    const ports = underWay({ holder: 'another' });
    assert.equal((await complete(ports.deps, state)).cleanedNodes, 0);
    assert.deepEqual(ports.changes, []);
  });

  it('leaves the group alone when another run has begun while nodes were being cleaned up', async () => {
    const ports = underWay();
    const patch = sinon.stub(ports.cluster, 'patchNode').callsFake(async (...call) => {
      ports.kubernetes.leases.set(LEASE, aLease({ holder: 'another', resourceVersion: '99' }));
      return patch.wrappedMethod.apply(ports.cluster, call);
    });
    await complete(ports.deps, state);
    assert.ok(patch.callCount > 0);
    assert.notDeepEqual(groupOf(ports).tags, {});
    assert.equal(ports.kubernetes.leases.get(LEASE)?.holder, 'another');
  });

  it('still cleans up when somebody has deleted the lock', async () => {
    const ports = underWay();
    ports.kubernetes.leases.clear();
    assert.equal((await complete(ports.deps, state)).cleanedNodes, 1);
    assert.deepEqual(groupOf(ports).tags, {});
  });

  it('keeps the record, without a holder, while a node is still leaving, and leaves that node closed', async () => {
    const entries = [aHeldEntry({ instanceId: 'i-00000000000000000', state: 'leaving' })];
    const ports = underWay({ entries });
    assert.equal((await complete(ports.deps, state)).cleanedNodes, 0);
    assert.equal(ports.kubernetes.leases.get(LEASE)?.holder, '');
    assert.deepEqual((groupOf(ports) as AutoScalingGroup).tags, {});
  });

  it('deletes the lock when all that is leaving shuts down already: nobody would come back for it', async () => {
    const entries = [aHeldEntry({ instanceId: 'i-00000000000000000', state: 'leaving' })];
    const ports = underWay({ entries });
    const instances = groupOf(ports).instances.map((instance) =>
      instance.instanceId === 'i-00000000000000000' ? { ...instance, lifecycleState: 'Terminating:Wait' } : instance,
    );
    setGroup(ports, { instances });
    await complete(ports.deps, state);
    assert.equal(ports.kubernetes.leases.size, 0);
    assert.ok((ports.kubernetes.nodes.get('node-0')?.taints.length ?? 0) > 0, 'its Node stays closed');
  });
});
