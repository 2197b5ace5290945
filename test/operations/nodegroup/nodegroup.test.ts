import assert from 'node:assert/strict';
import sinon from 'sinon';
import { taintOutdated, UNSCHEDULABLE_TAINT } from '../../../domain/nodegroup/node-ownership.ts';
import type { Node } from '../../../domain/types.ts';
import { changeNode, changeNodes } from '../../../operations/nodegroup/change-node.ts';
import { observeGroup, readGroup } from '../../../operations/nodegroup/observe-group.ts';
import { pollUntil } from '../../../operations/nodegroup/poll.ts';
import { aRun, NOW_AT, ZONES } from '../../domain/builders.ts';
import { addNewNode, createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const nodeOf = ({ kubernetes }: PortsInMemory, name = 'node-0') => kubernetes.nodes.get(name) as Node;
const taintIt = (node: Node) => taintOutdated(node, 'tuesday');

describe('changing a node', () => {
  it('is one patch', async () => {
    const ports = createPorts();
    const changed = await changeNode(ports.cluster, nodeOf(ports), taintIt);
    assert.deepEqual([changed, ports.changes], [nodeOf(ports), ['patchNode node-0']]);
  });

  it('is no request when there is nothing to change', async () => {
    const ports = createPorts();
    assert.equal(await changeNode(ports.cluster, nodeOf(ports), () => undefined), nodeOf(ports));
    assert.deepEqual(ports.changes, []);
  });

  it('decides again from the node as it is when somebody else changed it', async () => {
    const ports = createPorts();
    const stale = nodeOf(ports);
    ports.kubernetes.nodes.set('node-0', { ...stale, resourceVersion: '200', taints: [UNSCHEDULABLE_TAINT] });
    await changeNode(ports.cluster, stale, taintIt);
    assert.deepEqual(ports.changes, [], 'somebody else has tainted it');
  });

  it('says that the node is absent when it vanished before or after a conflict', async () => {
    const ports = createPorts();
    const node = nodeOf(ports);
    ports.kubernetes.nodes.delete('node-0');
    assert.equal(await changeNode(ports.cluster, node, taintIt), 'absent');
    sinon.stub(ports.cluster, 'patchNode').resolves('conflict');
    assert.equal(await changeNode(ports.cluster, node, taintIt), 'absent');
  });

  it('says that the node is absent when another one has its name after a conflict', async () => {
    const ports = createPorts();
    const node = nodeOf(ports);
    ports.kubernetes.nodes.set('node-0', { ...node, uid: 'another', resourceVersion: '200' });
    assert.equal(await changeNode(ports.cluster, node, taintIt), 'absent');
    assert.deepEqual(ports.changes, []);
  });

  it('is given up as a conflict when the node changes at every attempt', async () => {
    const ports = createPorts();
    sinon.stub(ports.cluster, 'patchNode').resolves('conflict');
    await assert.rejects(changeNode(ports.cluster, nodeOf(ports), taintIt), {
      name: 'Conflict',
      message: 'node node-0 changed 5 times while it was being patched',
    });
  });
});

describe('changing many nodes', () => {
  it('counts those that were changed: not those that need no change, nor those that have vanished', async () => {
    const ports = createPorts();
    const nodes = [...ports.kubernetes.nodes.values()];
    ports.kubernetes.nodes.delete('node-2');
    const decide = (node: Node) => (node.name === 'node-1' ? undefined : taintIt(node));
    assert.equal(await changeNodes(ports.cluster, nodes, decide), 1);
  });
});

describe('observing a group', () => {
  it('joins instances and nodes, and tells outdated from new ones', async () => {
    const ports = createPorts();
    addNewNode(ports, 'new', { zone: ZONES[0] });
    const { members } = await observeGroup(ports.deps, aRun());
    assert.deepEqual(
      members.map(({ node, isOutdated }) => [node?.name, isOutdated]),
      [
        ['node-0', true],
        ['node-1', true],
        ['node-2', true],
        ['new', false],
      ],
    );
  });

  it('leaves out the instances that were terminated', async () => {
    const ports = createPorts();
    await ports.deps.autoScaling.terminate('i-00000000000000000', { decrement: false });
    const { members, group } = await observeGroup(ports.deps, aRun());
    assert.deepEqual([members.length, group.instances.length], [2, 3]);
  });

  it('fails when the group has vanished', async () => {
    await assert.rejects(readGroup(createPorts().deps, 'gone'), {
      name: 'NodegroupNotFound',
      message: 'there is no Auto Scaling group "gone" in this account and region',
    });
  });
});

describe('polling within a step', () => {
  const poll = async (settledAfter: number) => {
    const { clock } = createPorts();
    let observations = 0;
    const last = await pollUntil(
      clock,
      10,
      async () => {
        observations += 1;
        return observations;
      },
      (count) => count >= settledAfter,
    );
    return { last, seconds: (clock.now().getTime() - Date.parse(NOW_AT)) / 1000 };
  };

  it('ends as soon as the finding is settled', async () => assert.deepEqual(await poll(3), { last: 3, seconds: 20 }));
  it('ends with the step otherwise', async () => assert.deepEqual(await poll(100), { last: 5, seconds: 40 }));
});
