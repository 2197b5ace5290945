import assert from 'node:assert/strict';
import sinon from 'sinon';
import { CONTROL } from '../../../domain/admission/control.ts';
import {
  OWNERSHIP_ANNOTATIONS,
  SCALE_DOWN_DISABLED,
  UNSCHEDULABLE_TAINT,
} from '../../../domain/nodegroup/node-ownership.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../../domain/nodegroup/original-settings.ts';
import { decideScaleDown, type ScaleDownAction } from '../../../domain/nodegroup/scale-down.ts';
import type { AutoScalingGroup, LaunchFailure } from '../../../domain/types.ts';
import { observeNewNodes } from '../../../operations/scale/observe-new-nodes.ts';
import { pinToSource, setUpGroup } from '../../../operations/scale/set-up-group.ts';
import { observeSurplus, takeBack } from '../../../operations/scale/take-back-surge.ts';
import { aGroup, aLease, aPod, aRun, NOW_AT, ZONES } from '../../domain/builders.ts';
import { addNewNode, createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const LEASE = 'eks-nodegroup-upgrade-workers';
const RUN = aRun({ startedAt: NOW_AT });
const groupOf = ({ aws }: PortsInMemory) => aws.groups.get('workers') as AutoScalingGroup;
const setGroup = (ports: PortsInMemory, overrides: Partial<AutoScalingGroup>) =>
  ports.aws.groups.set('workers', { ...groupOf(ports), ...overrides });
const later = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();
const secondsOf = ({ clock }: PortsInMemory) => (clock.now().getTime() - Date.parse(NOW_AT)) / 1000;
const failure = (message: string): LaunchFailure => ({ startedAt: later(1), message });

const followingLatest = (): PortsInMemory => {
  const ports = createPorts();
  const { launchSource } = groupOf(ports);
  assert.ok(launchSource !== undefined);
  setGroup(ports, { launchSource: { ...launchSource, version: '$Latest' } });
  return ports;
};

describe('setting up a group', () => {
  const verbs = ({ changes }: PortsInMemory) => changes.map((change) => change.split(' ')[0]);

  it('writes the original settings before it changes anything', async () => {
    const ports = createPorts();
    const changes = await setUpGroup(ports.deps, RUN, groupOf(ports), '4');
    assert.deepEqual(changes, { isRepointed: true, isRebalancingSuspended: true });
    assert.deepEqual(verbs(ports), ['setTags', 'setTags', 'suspendProcess', 'useLaunchTemplateVersion']);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.maxSize], '6');
  });

  it('changes nothing the second time', async () => {
    const ports = createPorts();
    await setUpGroup(ports.deps, RUN, groupOf(ports), '4');
    ports.changes.splice(0);
    const changes = await setUpGroup(ports.deps, RUN, groupOf(ports), '4');
    assert.deepEqual([changes, ports.changes], [{ isRepointed: false, isRebalancingSuspended: false }, []]);
  });

  it('pins a group that follows $Latest, and remembers that it did', async () => {
    const ports = followingLatest();
    await pinToSource(ports.deps, RUN, groupOf(ports));
    assert.equal(groupOf(ports).launchSource?.version, '3');
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.launchTemplateVersion], '$Latest');
  });

  it('pins no other group', async () => {
    const ports = createPorts();
    await pinToSource(ports.deps, RUN, groupOf(ports));
    assert.deepEqual(ports.changes, []);
  });
});

describe('observing new nodes', () => {
  const observe = (ports: PortsInMemory, deadlineAt = later(900)) =>
    observeNewNodes(ports.deps, { run: RUN, launchTemplateVersion: '4', requestedAt: NOW_AT, deadlineAt });

  it('protects those that have arrived from Cluster Autoscaler', async () => {
    const ports = createPorts();
    for (const [index, zone] of ZONES.entries()) addNewNode(ports, `new-${index}`, { zone, launchTemplateVersion: 4 });
    setGroup(ports, { desiredCapacity: 6 });
    assert.equal((await observe(ports)).status, 'ready');
    const { annotations } = ports.kubernetes.nodes.get('new-0') ?? {};
    assert.deepEqual(annotations, { [SCALE_DOWN_DISABLED]: 'true', [OWNERSHIP_ANNOTATIONS.protected]: 'tuesday' });
  });

  const surging = () => {
    const ports = createPorts();
    setGroup(ports, { desiredCapacity: 6 });
    return ports;
  };

  it('waits while they boot, also after a failed launch that may pass', async () => {
    const ports = surging();
    ports.aws.launchFailures.push(failure('There is no Spot capacity available'));
    assert.equal((await observe(ports)).status, 'waiting');
  });

  it('fails at the deadline, with the words of the last failed launch', async () => {
    const ports = surging();
    ports.aws.launchFailures.push(failure('There is no Spot capacity available'));
    await assert.rejects(observe(ports, NOW_AT), {
      name: 'NodeCreationFailure',
      message: /no Spot capacity available/,
    });
  });

  it('fails at once because of a launch that no waiting mends', async () => {
    const ports = surging();
    ports.aws.launchFailures.push(failure('The image id does not exist'));
    await assert.rejects(observe(ports), { name: 'NodeCreationFailure', message: /The image id does not exist/ });
  });
});

/** Everything is replaced; three new nodes of six are surplus. */
const renewed = (): PortsInMemory => {
  const ports = createPorts();
  setGroup(ports, { instances: [] });
  ports.aws.instances.set('workers', []);
  ports.kubernetes.nodes.clear();
  for (const [index, zone] of [...ZONES, ...ZONES].entries()) {
    addNewNode(ports, `new-${index}`, { zone, launchTemplateVersion: 4 });
  }
  setGroup(ports, {
    desiredCapacity: 6,
    maxSize: 8,
    tags: {
      [ORIGINAL_SETTINGS_TAGS.minSize]: '1',
      [ORIGINAL_SETTINGS_TAGS.maxSize]: '6',
      [ORIGINAL_SETTINGS_TAGS.desiredCapacity]: '3',
      [ORIGINAL_SETTINGS_TAGS.surge]: '3',
      [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: '2',
    },
  });
  ports.kubernetes.leases.set(LEASE, aLease());
  return ports;
};

describe('observing the surplus', () => {
  it('counts what is left of the surge, and warns of nothing', async () => {
    const { surplus, maximumSurplus, warnings } = await observeSurplus(renewed().deps, RUN, '4');
    assert.deepEqual([surplus, maximumSurplus, warnings], [3, 2, []]);
  });

  it('counts instances that took back a surge node', async () => {
    const ports = renewed();
    ports.kubernetes.leases.set(LEASE, aLease({ annotations: { [CONTROL.absorbed]: '["i-gone"]' } }));
    setGroup(ports, { desiredCapacity: 5 });
    assert.equal((await observeSurplus(ports.deps, RUN, '4')).surplus, 2);
  });

  for (const [by, desiredCapacity] of [
    ['+2', 8],
    ['-1', 2],
  ] as const) {
    it(`keeps what others have changed (${by}), and says so`, async () => {
      const ports = renewed();
      ports.kubernetes.leases.clear();
      setGroup(ports, { desiredCapacity });
      const { warnings } = await observeSurplus(ports.deps, RUN, '4');
      assert.equal(
        warnings[0],
        `somebody else changed the desired capacity by ${by} during the run: their change is kept`,
      );
    });
  }
});

describe('taking back the surge', () => {
  const step = async (ports: PortsInMemory, action?: Exclude<ScaleDownAction, { kind: 'done' }>) => {
    const facts = await observeSurplus(ports.deps, RUN, '4');
    const next = action ?? decideScaleDown({ ...facts, now: ports.clock.now() });
    assert.ok(next.kind !== 'done');
    return takeBack(ports.deps, RUN, facts, next);
  };

  it('drains and cordons a surplus node, then terminates it with a decrement', async () => {
    const ports = renewed();
    for (let index = 0; index < 6; index += 1) {
      const uid = `pod-${index}`;
      ports.kubernetes.pods.set(uid, aPod({ uid, name: uid, nodeName: `new-${index}` }));
    }
    assert.equal(await step(ports), 60);
    const node = [...ports.kubernetes.nodes.values()].find(({ isUnschedulable }) => isUnschedulable);
    assert.deepEqual(node?.taints, [UNSCHEDULABLE_TAINT]);
    assert.equal(node.annotations[OWNERSHIP_ANNOTATIONS.surplus], 'tuesday');
    assert.equal(ports.kubernetes.pods.size, 5);
    assert.equal(await step(ports), 5);
    assert.ok(ports.changes.includes(`terminate i-of-${node.name} {"decrement":true}`));
  });

  it('asks again in the next step while a budget blocks a pod', async () => {
    const ports = renewed();
    for (let index = 0; index < 6; index += 1) {
      const uid = `pod-${index}`;
      ports.kubernetes.pods.set(uid, aPod({ uid, nodeName: `new-${index}` }));
    }
    sinon.stub(ports.cluster, 'evict').resolves({ status: 'blocked', message: 'the budget allows none' });
    assert.equal(await step(ports), 5);
    assert.equal(secondsOf(ports), 40);
    assert.ok([...ports.kubernetes.nodes.values()].every(({ isUnschedulable }) => !isUnschedulable));
  });

  it('goes on with the next one when the node has vanished', async () => {
    const ports = renewed();
    sinon.stub(ports.cluster, 'patchNode').resolves('absent');
    assert.equal(await step(ports), 5);
  });

  it('terminates a surplus instance without a node right away', async () => {
    const ports = renewed();
    ports.kubernetes.nodes.delete('new-0');
    const { members } = await observeSurplus(ports.deps, RUN, '4');
    const member = members.find(({ node }) => node === undefined);
    assert.ok(member !== undefined);
    await step(ports, { kind: 'terminate', member });
    assert.ok(ports.changes.includes('terminate i-of-new-0 {"decrement":true}'));
  });

  it('lowers the maximum one by one, and writes down what is left of it', async () => {
    const ports = renewed();
    assert.equal(await step(ports, { kind: 'lowerMaximum' }), 0);
    assert.deepEqual(
      ports.changes.filter((change) => change.startsWith('resize')),
      ['resize workers {"maxSize":7}', 'resize workers {"maxSize":6}'],
    );
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.maxRaisedBy], '0');
  });

  it('waits for the last replacements', async () =>
    assert.equal(await step(renewed(), { kind: 'awaitReady', missing: 1 }), 5));

  for (const [title, failures, message] of [
    ['without a failed launch', [], /1 of 6 nodes are not Ready, and none has become so for 900 s$/],
    ['with the last failed launch', [failure('no capacity')], /; last failed launch: no capacity$/],
  ] as const) {
    it(`fails when none has become Ready for too long, ${title}`, async () => {
      const ports = renewed();
      ports.aws.launchFailures.push(...failures);
      await ports.clock.sleep(901);
      await assert.rejects(step(ports, { kind: 'awaitReady', missing: 1 }), { name: 'NodeCreationFailure', message });
    });
  }

  it('waits until terminated instances have left the group', async () => {
    const ports = createPorts();
    await ports.deps.autoScaling.terminate('i-00000000000000000', { decrement: false });
    assert.equal(await step(ports, { kind: 'awaitTerminated', untilAt: later(600) }), 0);
    assert.equal(secondsOf(ports), 30);
  });

  it('waits longer in the state machine for an instance that does not leave within a step', async () => {
    const ports = createPorts();
    setGroup(ports, { instances: aGroup().instances.map((each) => ({ ...each, lifecycleState: 'Terminating:Wait' })) });
    assert.equal(await step(ports, { kind: 'awaitTerminated', untilAt: later(600) }), 20);
  });
});
