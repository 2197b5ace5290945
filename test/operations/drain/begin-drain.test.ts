import assert from 'node:assert/strict';
import sinon from 'sinon';
import { IN_HAND_ANNOTATION, IN_HAND_LABEL, readInHand, writeInHand } from '../../../domain/drain/in-hand.ts';
import type { NodeStep } from '../../../domain/drain/node-step.ts';
import { EXCLUDE_LABEL, OWNERSHIP_ANNOTATIONS, UNSCHEDULABLE_TAINT } from '../../../domain/nodegroup/node-ownership.ts';
import type { Node } from '../../../domain/types.ts';
import { beginDrain } from '../../../operations/drain/begin-drain.ts';
import { NOW_AT } from '../../domain/builders.ts';
import type { PortsInMemory } from '../ports-in-memory.ts';
import { aDrain, aStep, EXECUTION, later, NODE_ENTRY, nodeInHand, nodeOf, writeLease } from './node-world.ts';

const BY = 'tuesday';
const edit = (ports: PortsInMemory, change: Partial<Node>) =>
  ports.kubernetes.nodes.set('node-0', { ...nodeOf(ports), ...change });
const { nodeName: _, uid: __, ...UNREGISTERED } = NODE_ENTRY;
const OTHER_INSTANCE = { instanceId: 'i-0e', providerId: 'aws:///eu-west-1a/i-0e', uid: 'other' };

describe('beginning a drain', () => {
  it('puts the node in hand, out of the load balancers and behind the taint, in one patch', async () => {
    const ports = nodeInHand();
    const begun = await beginDrain(ports.deps, aStep());
    assert.equal(begun.status, 'begun');
    const { labels, annotations, taints } = nodeOf(ports);
    assert.deepEqual(taints, [UNSCHEDULABLE_TAINT]);
    assert.equal(labels[EXCLUDE_LABEL], 'true');
    assert.ok(labels[IN_HAND_LABEL] !== undefined);
    assert.deepEqual(
      [annotations[OWNERSHIP_ANNOTATIONS.tainted], annotations[OWNERSHIP_ANNOTATIONS.excluded]],
      [BY, BY],
    );
    assert.deepEqual(readInHand(nodeOf(ports)), { execution: EXECUTION, phase: 'draining', since: NOW_AT });
    assert.deepEqual(ports.changes, ['patchNode node-0']);
  });

  it('tells of it in an Event, once', async () => {
    const ports = nodeInHand();
    await beginDrain(ports.deps, aStep());
    await beginDrain(ports.deps, aStep());
    assert.deepEqual(
      ports.kubernetes.events.map(({ reason }) => reason),
      ['NodeUpgradeDraining'],
    );
    assert.deepEqual(ports.changes, ['patchNode node-0'], 'a retry finds what it has done');
  });

  it('needs four requests: the record, the node, the patch and the Event', async () => {
    const ports = nodeInHand();
    const asked = ['findLease', 'findNode', 'patchNode', 'recordNodeEvent', 'listNodes', 'listPodsOnNode'] as const;
    const spies = asked.map((method) => sinon.spy(ports.cluster, method));
    await beginDrain(ports.deps, aStep());
    assert.deepEqual(
      spies.map(({ callCount }) => callCount),
      [1, 1, 1, 1, 0, 0],
    );
  });

  it('claims no taint and no label that was there before', async () => {
    const ports = nodeInHand();
    edit(ports, { labels: { [EXCLUDE_LABEL]: 'true' }, taints: [UNSCHEDULABLE_TAINT] });
    await beginDrain(ports.deps, aStep());
    assert.deepEqual(Object.keys(nodeOf(ports).annotations), [IN_HAND_ANNOTATION]);
  });

  it('decides again when somebody has changed the node in between', async () => {
    const ports = nodeInHand();
    sinon.stub(ports.cluster, 'patchNode').onFirstCall().resolves('conflict').callThrough();
    assert.equal((await beginDrain(ports.deps, aStep())).status, 'begun');
    assert.equal(nodeOf(ports).labels[EXCLUDE_LABEL], 'true');
  });

  it('drains the Node that an instance has got since it was taken without one', async () => {
    const ports = nodeInHand();
    writeLease(ports, UNREGISTERED);
    const begun = await beginDrain(ports.deps, aStep({ node: UNREGISTERED }));
    assert.equal(begun.status === 'begun' && begun.node.name, 'node-0');
  });

  it('drains a node again to which pods have come, and takes it in hand again', async () => {
    const ports = nodeInHand();
    await beginDrain(ports.deps, aStep());
    const said = writeInHand({ execution: EXECUTION, phase: 'cordoned', since: later(30) });
    edit(ports, { taints: [], annotations: { ...nodeOf(ports).annotations, [IN_HAND_ANNOTATION]: said } });
    const step = aStep({ drain: { ...aDrain(ports), status: 'drained' } });
    assert.equal((await beginDrain(ports.deps, step)).status, 'begun');
    assert.equal(readInHand(nodeOf(ports))?.phase, 'draining');
    assert.deepEqual(nodeOf(ports).taints, [UNSCHEDULABLE_TAINT]);
  });

  it('drains a node again under an entry that is leaving, when a lost termination is repeated', async () => {
    const ports = nodeInHand();
    const entry = { ...NODE_ENTRY, enters: 'terminate' as const };
    writeLease(ports, { ...entry, state: 'leaving' });
    assert.equal((await beginDrain(ports.deps, aStep({ node: entry }))).status, 'begun');
  });
});

describe('a drain that may not begin', () => {
  type Row = [
    title: string,
    change: (ports: PortsInMemory) => void,
    step: Partial<NodeStep>,
    end: { status: string; reason?: RegExp },
  ];
  const rows: Row[] = [
    [
      'is skipped when it was started by hand',
      (ports) => ports.kubernetes.leases.clear(),
      {},
      { status: 'skipped', reason: /no record of an upgrade/ },
    ],
    [
      'is skipped when it was started again after its entry had ended',
      (ports) => writeLease(ports, { ...NODE_ENTRY, attempt: 2 }),
      {},
      { status: 'skipped', reason: /has no entry for execution workers-/ },
    ],
    [
      'is skipped under halt',
      (ports) => writeLease(ports, NODE_ENTRY, { 'eks-nodegroup-upgrade/halt': 'by ops' }),
      {},
      { status: 'skipped', reason: /stopped at once by an operator: by ops/ },
    ],
    [
      'is skipped when its instance is leaving already',
      (ports) => writeLease(ports, { ...NODE_ENTRY, state: 'leaving' }),
      {},
      { status: 'skipped', reason: /is being terminated already/ },
    ],
    [
      'is skipped when it is older than ten minutes and was never begun',
      (ports) => ports.clock.sleep(601),
      {},
      { status: 'skipped', reason: /must begin within 10 minutes/ },
    ],
    [
      'is absent when the Node is gone',
      (ports) => ports.kubernetes.nodes.delete('node-0'),
      {},
      { status: 'absent', reason: /^Node node-0 of instance i-0+ is gone\.$/ },
    ],
    [
      'is absent when another instance has taken the name',
      (ports) => edit(ports, OTHER_INSTANCE),
      {},
      { status: 'absent', reason: /^Another instance, i-0e, has taken the name of node node-0\.$/ },
    ],
    [
      'is absent when the same instance has registered again',
      (ports) => edit(ports, { uid: 'again' }),
      {},
      { status: 'absent', reason: /has registered again as node node-0/ },
    ],
    [
      'is absent when another instance takes the name in the moment of the patch',
      (ports) => {
        sinon.stub(ports.cluster, 'findNode').callsFake(async (name) => {
          const node = ports.kubernetes.nodes.get(name);
          edit(ports, OTHER_INSTANCE);
          return node;
        });
      },
      {},
      { status: 'absent', reason: /went before its drain/ },
    ],
    [
      'is unregistered when the instance still has no Node',
      (ports) => {
        writeLease(ports, UNREGISTERED);
        ports.kubernetes.nodes.delete('node-0');
      },
      { node: UNREGISTERED },
      { status: 'unregistered' },
    ],
  ];
  for (const [title, change, step, { status, reason }] of rows) {
    it(`${title}, and nothing is touched`, async () => {
      const ports = nodeInHand();
      await change(ports);
      const end = await beginDrain(ports.deps, aStep(step));
      assert.equal(end.status, status);
      if (reason !== undefined) assert.match('reason' in end ? end.reason : '', reason);
      assert.deepEqual([ports.changes, ports.kubernetes.events], [[], []]);
    });
  }

  it('goes on after ten minutes when its Node says that it has begun', async () => {
    const ports = nodeInHand();
    await beginDrain(ports.deps, aStep());
    await ports.clock.sleep(601);
    assert.equal((await beginDrain(ports.deps, aStep())).status, 'begun');
  });
});
