import assert from 'node:assert/strict';
import { runIdOf } from '../../../domain/admission/entry.ts';
import type { Accounts, HeldEntry } from '../../../domain/admission/record.ts';
import { readRecord, writeRecord } from '../../../domain/admission/record-text.ts';
import { OWNERSHIP_ANNOTATIONS, SCALE_DOWN_DISABLED } from '../../../domain/nodegroup/node-ownership.ts';
import { ORIGINAL_SETTINGS_TAGS, originalSettingsTags } from '../../../domain/nodegroup/original-settings.ts';
import type { Upgrade } from '../../../domain/state.ts';
import type { LaunchFailure, Lease, Node } from '../../../domain/types.ts';
import { observationOf, readAll } from '../../../operations/admission/observe.ts';
import { type NewNodesRequest, observeNewNodes } from '../../../operations/scale/observe-new-nodes.ts';
import { raiseSurge } from '../../../operations/scale/raise-surge.ts';
import { scaleDownWithinStep } from '../../../operations/scale/scale-down.ts';
import { accountsWith, aHeldEntry } from '../../domain/admission/entry-builders.ts';
import { anUpgrade } from '../../domain/admission/upgrade-builder.ts';
import { aGroup, aLease, aRun, NOW_AT, ZONES } from '../../domain/builders.ts';
import { groupOf, LEASE, setGroup, TEMPLATE } from '../clean-up/world.ts';
import { addNewNode, createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const RUN = aRun({ startedAt: NOW_AT });
const later = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();
const secondsOf = ({ clock }: PortsInMemory) => (clock.now().getTime() - Date.parse(NOW_AT)) / 1000;
const failure = (message: string): LaunchFailure => ({ startedAt: later(1), message });
const resizes = ({ changes }: PortsInMemory) => changes.filter((change) => change.startsWith('resize'));

/** Let the run hold the record, with these accounts of its own. */
function holdRecord(
  { kubernetes }: PortsInMemory,
  overrides: Partial<Accounts> = {},
  entries: readonly HeldEntry[] = [],
): void {
  const accounts = { ...accountsWith(entries), ...overrides };
  const memory = { ...accounts.memory, ...overrides.memory, runId: runIdOf(RUN.executionArn) };
  const lease = writeRecord(aLease(), { nonce: 'earlier', accounts: { ...accounts, memory }, inputs: {} });
  kubernetes.leases.set(LEASE, lease);
}

function accountsOf({ kubernetes }: PortsInMemory): Accounts {
  const { accounts } = readRecord(kubernetes.leases.get(LEASE) as Lease);
  assert.ok(accounts !== undefined && accounts !== 'unreadable');
  return accounts;
}

describe('raising the surge', () => {
  const raise = (ports: PortsInMemory, upgrade?: Upgrade) =>
    raiseSurge(ports.deps, { run: RUN, launchTemplate: TEMPLATE, upgrade });
  const beginning = () => {
    const ports = createPorts();
    holdRecord(ports, { surge: 0 });
    return ports;
  };

  it('raises desired capacity and maximum by what the plan says, and waits for the nodes until a deadline', async () => {
    const ports = beginning();
    setGroup(ports, { maxSize: 5 });
    const { status, sizes, requestedAt, deadlineAt } = await raise(ports);
    assert.deepEqual([status, sizes], ['raised', { minSize: 1, maxSize: 6, desiredCapacity: 6 }]);
    assert.deepEqual([requestedAt, deadlineAt], [NOW_AT, later(900)]);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.maxRaisedBy], '1', 'so that it is lowered again');
  });

  it('has the intent in the record before the group is resized, so that a lost answer adds nothing twice', async () => {
    const ports = beginning();
    await raise(ports);
    assert.deepEqual(accountsOf(ports).raise, { from: 3, to: 6, since: NOW_AT });
    assert.equal((await raise(ports)).status, 'notNeeded');
    assert.deepEqual(resizes(ports), ['resize workers {"maxSize":6,"desiredCapacity":6}']);
  });

  it('asks for the same sizes again when the group was not resized after all', async () => {
    const ports = beginning();
    await raise(ports);
    setGroup(ports, { desiredCapacity: 3 });
    await ports.clock.sleep(60);
    assert.equal((await raise(ports)).sizes.desiredCapacity, 6);
    assert.deepEqual(accountsOf(ports).raise, { from: 3, to: 6, since: NOW_AT });
  });

  it('adds as many as the conductor asks for, to the surge that it saw', async () => {
    const ports = beginning();
    const asks = anUpgrade({ status: 'moreSurge', extraNodes: 2, accounts: { at: NOW_AT, wish: 3, surge: 0 } });
    assert.equal((await raise(ports, asks)).sizes.desiredCapacity, 5);
    assert.equal((await raise(ports, asks)).sizes.desiredCapacity, 5, 'repeated');
    assert.equal(accountsOf(ports).memory.raises, 1);
  });

  it('adds what slow boots ask for once, on top of the surge that is there, and gives the first nodes no more time', async () => {
    const ports = beginning();
    const scaleUp = await raise(ports);
    await ports.clock.sleep(300);
    const cost = { durationSeconds: 0, extraInstanceHours: 0 };
    const planned = { nodes: 3, ...cost };
    const slowBoots = { bootSeconds: 420, rule: '', planned, raised: { nodes: 5, ...cost } };
    const again = () => raiseSurge(ports.deps, { run: RUN, launchTemplate: TEMPLATE, scaleUp, slowBoots });
    const first = await again();
    assert.deepEqual([first.status, first.sizes.desiredCapacity, first.surge, first.added], ['raised', 8, 5, 2]);
    assert.deepEqual([first.requestedAt, first.deadlineAt], [NOW_AT, later(900)]);
    const { status, surge, added } = await again();
    assert.deepEqual([status, surge, added, groupOf(ports).desiredCapacity], ['notNeeded', 5, 2, 8], 'repeated');
    assert.equal(accountsOf(ports).memory.raises, 0, 'a run that stalls may still ask for more');
  });

  it('lets the group launch from the version of the run first', async () => {
    const ports = beginning();
    await raise(ports);
    const [first, second] = ports.changes.filter((change) => /^(useLaunchTemplateVersion|resize)/.test(change));
    assert.match(first ?? '', /^useLaunchTemplateVersion/);
    assert.match(second ?? '', /^resize/);
  });

  it('adds nothing when no node is outdated any more', async () => {
    const ports = beginning();
    setGroup(ports, { instances: [], desiredCapacity: 0 });
    for (const zone of ZONES) addNewNode(ports, `new-${zone}`, { zone, launchTemplateVersion: 4 });
    setGroup(ports, { desiredCapacity: 3 });
    assert.equal((await raise(ports)).status, 'notNeeded');
    assert.deepEqual(resizes(ports), []);
  });

  it('changes nothing when another run holds the record', async () => {
    const ports = beginning();
    ports.kubernetes.leases.set(LEASE, aLease({ holder: 'arn:of:another' }));
    await assert.rejects(raise(ports), { name: 'LockLost', message: 'arn:of:another holds the lock of workers now' });
    assert.deepEqual(ports.changes, []);
  });
});

describe('observing new nodes', () => {
  const look = async ({ deps }: PortsInMemory, request: NewNodesRequest) => {
    const reading = await readAll(deps, request.run);
    return observeNewNodes(deps, request, { reading, seen: observationOf(reading, request.run, '4') });
  };
  const observe = (ports: PortsInMemory, deadlineAt = later(900)) =>
    look(ports, { run: RUN, requestedAt: NOW_AT, deadlineAt });

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

  /** A surge of three, of which one has registered after five minutes and the others have not. */
  const bootingSlowly = async () => {
    const ports = surging();
    addNewNode(ports, 'new', { zone: ZONES[0], launchTemplateVersion: 4 });
    const [...instances] = ports.aws.instances.get('workers') ?? [];
    ports.aws.instances.set(
      'workers',
      instances.map((instance) =>
        instance.instanceId === 'i-of-new' ? { ...instance, launchedAt: NOW_AT } : instance,
      ),
    );
    const node = ports.kubernetes.nodes.get('new') as Node;
    ports.kubernetes.nodes.set('new', { ...node, isReady: false, createdAt: later(300) });
    await ports.clock.sleep(301);
    return ports;
  };
  const run = aRun({ startedAt: NOW_AT, parallelism: 1, surge: 1, roundSeconds: 90 });
  const slowly = (ports: PortsInMemory, added?: number) =>
    look(ports, { run, requestedAt: NOW_AT, deadlineAt: later(900), added });

  it('asks for more surge, with its price, as soon as the first node registers late', async () => {
    const found = await slowly(await bootingSlowly());
    assert.ok(found.status === 'slow');
    assert.deepEqual([found.slowBoots.bootSeconds, found.slowBoots.raised.nodes, found.warnings.length], [360, 3, 1]);
  });

  it('asks for more only once, and not where launches fail', async () => {
    assert.equal((await slowly(await bootingSlowly(), 2)).status, 'waiting');
    const failing = await bootingSlowly();
    failing.aws.launchFailures.push(failure('There is no Spot capacity available'));
    assert.equal((await slowly(failing)).status, 'waiting');
  });

  it('does not wait for what slow boots have added', async () => {
    const ports = surging();
    for (const zone of ZONES) addNewNode(ports, `new-${zone}`, { zone, launchTemplateVersion: 4 });
    setGroup(ports, { desiredCapacity: 8 });
    assert.equal((await slowly(ports)).status, 'waiting');
    assert.equal((await slowly(ports, 2)).status, 'ready');
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

/** Everything is replaced and the desired capacity is back; the maximum is still raised by two. */
function renewed(names: readonly string[] = ['new-0', 'new-1', 'new-2']): PortsInMemory {
  const ports = createPorts();
  setGroup(ports, { instances: [], launchSource: launchingFrom('4') });
  ports.aws.instances.set('workers', []);
  ports.kubernetes.nodes.clear();
  for (const [index, name] of names.entries()) {
    addNewNode(ports, name, { zone: ZONES[index % ZONES.length] as string, launchTemplateVersion: 4 });
  }
  const tags = { ...originalSettingsTags(aGroup(), RUN), [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: '2' };
  setGroup(ports, { desiredCapacity: 3, maxSize: 8, tags });
  holdRecord(ports, { surge: 0 });
  return ports;
}

function launchingFrom(version: string) {
  const { launchSource } = aGroup();
  assert.ok(launchSource !== undefined);
  return { ...launchSource, version };
}

describe('scaling down', () => {
  const step = (ports: PortsInMemory, upgrade = anUpgrade()) =>
    scaleDownWithinStep(ports.deps, { run: RUN, launchTemplate: TEMPLATE, upgrade });

  it('lowers the maximum one by one, writes down what is left of it, and is done', async () => {
    const ports = renewed();
    const { status, sizes, readyNodes, warnings } = await step(ports);
    assert.deepEqual([status, readyNodes, warnings], ['done', 3, []]);
    assert.deepEqual(sizes, { minSize: 1, maxSize: 6, desiredCapacity: 3 });
    assert.deepEqual(resizes(ports), ['resize workers {"maxSize":7}', 'resize workers {"maxSize":6}']);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.maxRaisedBy], '0');
  });

  it('never changes the desired capacity, nor terminates an instance', async () => {
    const ports = renewed(['new-0', 'new-1', 'new-2', 'new-3']);
    setGroup(ports, { desiredCapacity: 4 });
    holdRecord(ports, { surge: 1 });
    await step(ports);
    assert.deepEqual(
      ports.changes.filter((change) => /desiredCapacity|terminate /.test(change)),
      [],
    );
  });

  it('hands surge that is left to the conductor', async () => {
    const ports = renewed(['new-0', 'new-1', 'new-2', 'new-3']);
    setGroup(ports, { desiredCapacity: 4 });
    holdRecord(ports, { surge: 1 });
    const { status, upgrade } = await step(ports);
    assert.deepEqual([status, upgrade?.status, upgrade?.returns], ['notDone', 'upgrading', 1]);
  });

  it('points a group at its version again that somebody has pointed elsewhere, and hands it back', async () => {
    const ports = renewed();
    setGroup(ports, { launchSource: launchingFrom('3') });
    assert.equal((await step(ports)).status, 'notDone');
    assert.equal(groupOf(ports).launchSource?.version, '4');
  });

  it('gives up after three returns, in one sentence', async () => {
    const ports = renewed();
    setGroup(ports, { launchSource: launchingFrom('3') });
    await assert.rejects(step(ports, anUpgrade({ returns: 3 })), {
      name: 'NotConverging',
      message:
        'the scale-down has found the group launches from another template version 4 times: somebody else keeps changing the group',
    });
  });

  it('goes on as soon as the last replacement is Ready', async () => {
    const ports = renewed(['new-0', 'new-1']);
    ports.clock.after(15, () => addNewNode(ports, 'new-2', { zone: ZONES[2], launchTemplateVersion: 4 }));
    assert.equal((await step(ports)).status, 'done');
    assert.equal(secondsOf(ports), 20);
  });

  it('waits longer in the state machine for a replacement that does not come within a step', async () => {
    const ports = renewed(['new-0', 'new-1']);
    const { status, action, waitSeconds } = await step(ports);
    assert.deepEqual([status, action, waitSeconds], ['scalingDown', 'awaitReady', 1]);
    assert.ok(secondsOf(ports) <= 40);
    assert.equal(accountsOf(ports).memory.waitingSince, NOW_AT, 'the next step knows since when');
  });

  for (const [title, failures, message] of [
    ['without a failed launch', [], /1 of 3 nodes are not Ready, and none has become so for \d+ s$/],
    ['with the last failed launch', [failure('no capacity')], /; last failed launch: no capacity$/],
  ] as const) {
    it(`fails when none has become Ready for too long, ${title}`, async () => {
      const ports = renewed(['new-0', 'new-1']);
      ports.aws.launchFailures.push(...failures);
      await step(ports);
      await ports.clock.sleep(901);
      await assert.rejects(step(ports), { name: 'NodeCreationFailure', message });
    });
  }

  /** One old instance is still shutting down; it leaves the group when `step` is told so, if ever. */
  function withLeaving(): PortsInMemory {
    const ports = renewed();
    const leaving = { ...(aGroup().instances[0] as NonNullable<unknown>), lifecycleState: 'Terminating:Wait' };
    setGroup(ports, { instances: [...groupOf(ports).instances, leaving as never] });
    const entry = aHeldEntry({ instanceId: 'i-00000000000000000', state: 'leaving', since: NOW_AT });
    holdRecord(ports, { surge: 0 }, [entry]);
    return ports;
  }

  it('waits until what was sent away has left the group', async () => {
    const ports = withLeaving();
    ports.clock.after(12, () => setGroup(ports, { instances: groupOf(ports).instances.slice(0, 3) }));
    const { status, warnings } = await step(ports);
    assert.deepEqual([status, warnings, secondsOf(ports)], ['done', [], 12]);
  });

  it('names after ten minutes what has not left the group, and ends', async () => {
    const ports = withLeaving();
    assert.equal((await step(ports)).action, 'awaitTerminated');
    await ports.clock.sleep(600);
    const { status, warnings } = await step(ports, anUpgrade({ warnings: ['an earlier one'] }));
    assert.equal(status, 'done');
    assert.match(warnings.join('; '), /^an earlier one; .*still terminating after 600 s: i-00000000000000000/);
  });

  it('keeps what others have made of the desired capacity, and says so', async () => {
    const ports = renewed(['new-0', 'new-1', 'new-2', 'new-3']);
    setGroup(ports, { desiredCapacity: 4 });
    holdRecord(ports, { wish: 4, surge: 0 });
    assert.deepEqual((await step(ports)).warnings, [
      'somebody else changed the desired capacity by +1 during the run: their change is kept',
    ]);
  });
});
