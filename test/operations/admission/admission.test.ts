import assert from 'node:assert/strict';
import { CONTROL } from '../../../domain/admission/control.ts';
import {
  OWNERSHIP_ANNOTATIONS,
  SCALE_DOWN_DISABLED,
  UNSCHEDULABLE_TAINT,
} from '../../../domain/nodegroup/node-ownership.ts';
import type { Wave } from '../../../domain/state.ts';
import type { AutoScalingGroup, Node } from '../../../domain/types.ts';
import { lookAtTurn } from '../../../operations/admission/look-at-turn.ts';
import { failBlocked, lookAtWave } from '../../../operations/admission/look-at-wave.ts';
import { observeGroup } from '../../../operations/nodegroup/observe-group.ts';
import { aBudget, aLease, aPod, aRun, aWaveNode, NOW_AT, ZONES } from '../../domain/builders.ts';
import { addNewNode, createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const LEASE = 'eks-nodegroup-upgrade-workers';
const INSTANCE = 'i-00000000000000000';
const NODE = aWaveNode({ instanceId: INSTANCE, nodeName: 'node-0' });
const WAVE: Wave = {
  status: 'pending',
  number: 1,
  nodes: [],
  outdatedCount: 3,
  parked: [],
  stalledWaves: 0,
  canary: 'passed',
  results: [],
};

/** Three tainted nodes and a new one; the run holds the lock. */
const underWay = (): PortsInMemory => {
  const ports = createPorts();
  for (const node of ports.kubernetes.nodes.values()) {
    ports.kubernetes.nodes.set(node.name, { ...node, taints: [UNSCHEDULABLE_TAINT] });
  }
  ports.kubernetes.leases.set(LEASE, aLease());
  addNewNode(ports, 'new', { zone: ZONES[0], launchTemplateVersion: 4 });
  return ports;
};
const withLease = (annotations: Record<string, string>, holder?: string): PortsInMemory => {
  const ports = underWay();
  ports.kubernetes.leases.set(LEASE, aLease({ annotations, ...(holder !== undefined && { holder }) }));
  return ports;
};

describe('a node that asks to start its drain', () => {
  const ask = (ports: PortsInMemory, run = {}, waitingSince = NOW_AT) =>
    lookAtTurn(ports.deps, { run: aRun(run), node: NODE, waitingSince, launchTemplateVersion: '4' });
  const withoutNewNode = (): PortsInMemory => {
    const ports = underWay();
    ports.kubernetes.nodes.delete('new');
    return ports;
  };
  const LONG_AGO = '2026-01-15T11:00:00.000Z';

  it('proceeds when enough nodes are Ready, and new ones are protected on the way', async () => {
    const ports = underWay();
    const turn = await ask(ports);
    assert.deepEqual([turn.status, turn.readyNodes, turn.requiredNodes], ['proceed', 4, 4]);
    assert.equal(ports.kubernetes.nodes.get('new')?.annotations[SCALE_DOWN_DISABLED], 'true');
  });

  it('waits for replacements', async () => assert.equal((await ask(withoutNewNode())).status, 'wait'));

  it('waits while an operator has paused the run', async () =>
    assert.equal((await ask(withLease({ [CONTROL.pause]: 'lunch' }))).status, 'wait'));

  it('stops without the lock', async () => assert.equal((await ask(withLease({}, 'another'))).status, 'stop'));

  it('is gone when the instance has left the group', async () => {
    const ports = underWay();
    const group = ports.aws.groups.get('workers') as AutoScalingGroup;
    const instances = group.instances.filter(({ instanceId }) => instanceId !== INSTANCE);
    ports.aws.groups.set('workers', { ...group, instances });
    assert.equal((await ask(ports)).status, 'gone');
  });

  it('halts the run because of an alarm', async () => {
    const ports = underWay();
    Object.assign(ports.aws.alarmStates, { latency: 'ALARM', errors: 'OK' });
    const turn = await ask(ports, { alarms: ['latency', 'errors'] });
    assert.deepEqual(turn, { status: 'stop', reason: 'AlarmTriggered: in ALARM: latency' });
    assert.match(ports.kubernetes.leases.get(LEASE)?.annotations[CONTROL.halt] ?? '', /in ALARM: latency/);
  });

  it('halts the run when no node has become Ready for too long, with the last failed launch', async () => {
    const ports = withoutNewNode();
    for (const node of [...ports.kubernetes.nodes.values()]) {
      ports.kubernetes.nodes.set(node.name, { ...node, readyChangedAt: LONG_AGO });
    }
    ports.aws.launchFailures.push({ startedAt: NOW_AT, message: 'no capacity' });
    assert.match(
      (await ask(ports, {}, LONG_AGO)).reason ?? '',
      /^NodeCreationFailure: .*; last failed launch: no capacity$/,
    );
  });
});

describe('what the next wave is chosen from', () => {
  const observe = (ports: PortsInMemory) =>
    lookAtWave(ports.deps, { run: aRun(), wave: WAVE, launchTemplateVersion: '4' });

  it('is the group, the orders and the surge that is left', async () => {
    const facts = await observe(withLease({ [CONTROL.cancel]: 'too late' }));
    assert.deepEqual([facts.members.length, facts.cancel, facts.surplus, facts.alarms], [4, 'too late', 0, []]);
  });

  for (const [title, ports] of [
    ['there is no lease', createPorts()],
    ['another run holds it', withLease({ [CONTROL.pause]: 'x' }, 'another')],
  ] as const) {
    it(`is cancelled when ${title}`, async () =>
      assert.equal((await observe(ports)).cancel, 'the run no longer holds the lock of this group'));
  }
});

describe('a run that ends because of blocked nodes', () => {
  const fail = async (ports: PortsInMemory, results: Wave['results'] = []) => {
    const { members } = await observeGroup(ports.deps, aRun());
    const nodes = members.filter(({ isOutdated }) => isOutdated);
    return failBlocked(ports.deps, aRun(), { ...WAVE, results }, { nodes, because: 'tried twice' });
  };

  it('names every pod that is left, what blocks it, and for how long', async () => {
    const ports = createPorts();
    const node = ports.kubernetes.nodes.get('node-0') as Node;
    const annotations = { [OWNERSHIP_ANNOTATIONS.parked]: 'tuesday 2026-01-15T11:45:00.000Z' };
    ports.kubernetes.nodes.set('node-0', { ...node, annotations });
    ports.kubernetes.pods.set('a', aPod({ nodeName: 'node-0' }));
    ports.kubernetes.budgets = [aBudget({ disruptionsAllowed: 0, currentHealthy: 2 })];
    await assert.rejects(fail(ports), {
      name: 'PodEvictionFailure',
      message:
        /^3 nodes could not be drained \(tried twice\)\. node-0: pod shop\/checkout-\S+ \(Deployment checkout\) has blocked the drain for 15 minutes: PodDisruptionBudget shop\/checkout/,
    });
  });

  it('counts the nodes that it has no room to describe', async () => {
    const ports = createPorts();
    for (let index = 0; index < 18; index += 1) addNewNode(ports, `more-${index}`, { zone: ZONES[0] });
    const { members } = await observeGroup(ports.deps, aRun());
    const blocked = { nodes: members, because: 'tried twice' };
    await assert.rejects(failBlocked(ports.deps, aRun(), WAVE, blocked), { message: / And 1 more nodes\.$/ });
  });

  it('says so when only instances would not go', async () => {
    const results: Wave['results'] = [0, 1, 2].map((index) => ({
      instanceId: `i-0000000000000000${index}`,
      outcome: 'blocked',
      error: 'NodeTerminationFailure',
      reason: 'no',
    }));
    await assert.rejects(fail(createPorts(), results), {
      name: 'NodeTerminationFailure',
      message: /^drained instances were not terminated: i-00000000000000000: no; /,
    });
  });
});
