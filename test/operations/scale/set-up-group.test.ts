import assert from 'node:assert/strict';
import { readRecord } from '../../../domain/admission/record-text.ts';
import { Conflict } from '../../../domain/errors.ts';
import {
  leftTags,
  ORIGINAL_SETTINGS_TAGS,
  originalSizes,
  outstandingMaximum,
  sizesOf,
} from '../../../domain/nodegroup/original-settings.ts';
import type { AutoScalingGroup, Lease } from '../../../domain/types.ts';
import { pinToSource, restoreTags, setUpGroup } from '../../../operations/scale/set-up-group.ts';
import { aRun } from '../../domain/builders.ts';
import { groupOf, LEASE, setGroup, TEMPLATE, underWay } from '../clean-up/world.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const RUN = aRun();
const verbs = ({ changes }: PortsInMemory) => changes.map((change) => change.split(' ')[0]);

const followingLatest = (): PortsInMemory => {
  const ports = createPorts();
  const { launchSource } = groupOf(ports);
  assert.ok(launchSource !== undefined);
  setGroup(ports, { launchSource: { ...launchSource, version: '$Latest' } });
  return ports;
};

describe('setting up a group', () => {
  it('writes the original settings before it changes anything', async () => {
    const ports = createPorts();
    const changes = await setUpGroup(ports.deps, RUN, groupOf(ports), TEMPLATE);
    assert.deepEqual(changes, { isRepointed: true, isRebalancingSuspended: true });
    assert.deepEqual(verbs(ports), ['setTags', 'setTags', 'suspendProcess', 'useLaunchTemplateVersion']);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.maxSize], '6');
  });

  it('changes nothing the second time, and still knows that it has suspended AZRebalance', async () => {
    const ports = createPorts();
    await setUpGroup(ports.deps, RUN, groupOf(ports), TEMPLATE);
    ports.changes.splice(0);
    const changes = await setUpGroup(ports.deps, RUN, groupOf(ports), TEMPLATE);
    assert.deepEqual([changes, ports.changes], [{ isRepointed: false, isRebalancingSuspended: true }, []]);
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

  it('leaves AZRebalance alone when somebody has suspended it already, and does not take it for its own', async () => {
    const ports = createPorts();
    setGroup(ports, { suspendedProcesses: [{ name: 'AZRebalance', reason: 'User suspended' }] });
    const { isRebalancingSuspended } = await setUpGroup(ports.deps, RUN, groupOf(ports), TEMPLATE);
    assert.equal(isRebalancingSuspended, false);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.suspendedProcess], undefined);
  });
});

describe('tags that somebody deletes in the middle of a run', () => {
  it('are written again from what the run knows, with what it has added to the maximum', async () => {
    const ports = underWay();
    setGroup(ports, { tags: { team: 'shop' }, desiredCapacity: 9, maxSize: 9 });
    const group = await restoreTags(ports.deps, RUN, groupOf(ports), async () => {});
    assert.deepEqual(group.tags, groupOf(ports).tags);
    assert.deepEqual(originalSizes(group), RUN.originalSizes);
    assert.equal(outstandingMaximum(group), 3);
    assert.equal(group.tags[ORIGINAL_SETTINGS_TAGS.launchTemplateVersion], undefined, 'nobody knows it any more');
    ports.changes.splice(0);
    await restoreTags(ports.deps, RUN, group, async () => {});
    assert.deepEqual(ports.changes, [], 'only once');
  });

  it('are not written by a step that stood still while its run ended', async () => {
    const ports = underWay();
    setGroup(ports, { tags: { team: 'shop' } });
    ports.changes.splice(0);
    const isGone = () => Promise.reject(new Conflict('somebody has deleted the Lease'));
    await assert.rejects(restoreTags(ports.deps, RUN, groupOf(ports), isGone), { name: 'Conflict' });
    assert.deepEqual(ports.changes, []);
  });
});

describe('setting up a group that a failed run has left', () => {
  /** Left at 6 nodes, of 3 before; the owner may have changed something since. */
  function left(change: Partial<AutoScalingGroup> = {}): PortsInMemory {
    const ports = underWay();
    setGroup(ports, { desiredCapacity: 6, maxSize: 7 });
    setGroup(ports, { tags: { ...groupOf(ports).tags, ...leftTags(sizesOf(groupOf(ports)), 0) } });
    setGroup(ports, change);
    return ports;
  }
  const accountsOf = ({ kubernetes }: PortsInMemory) => {
    const { accounts } = readRecord(kubernetes.leases.get(LEASE) as Lease);
    return accounts === undefined || accounts === 'unreadable' ? undefined : [accounts.wish, accounts.surge];
  };
  const setUp = async (ports: PortsInMemory) => {
    const run = aRun({ originalSizes: originalSizes(groupOf(ports)) });
    await setUpGroup(ports.deps, run, groupOf(ports), TEMPLATE);
    await setUpGroup(ports.deps, run, groupOf(ports), TEMPLATE);
    return { sizes: originalSizes(groupOf(ports)), accounts: accountsOf(ports) };
  };

  it('goes on with the originals and the surge of that run', async () => {
    const { sizes, accounts } = await setUp(left());
    assert.deepEqual([sizes.desiredCapacity, sizes.maxSize, accounts], [3, 6, [3, 3]]);
  });

  it('takes a desired capacity that the owner has set since for the wish: none of it is surge', async () => {
    const { sizes, accounts } = await setUp(left({ desiredCapacity: 5 }));
    assert.deepEqual([sizes.desiredCapacity, sizes.maxSize, accounts], [5, 6, [5, 0]]);
  });

  it('keeps a maximum that the owner has raised since', async () => {
    const ports = left({ maxSize: 15 });
    const { sizes, accounts } = await setUp(ports);
    assert.deepEqual([sizes.desiredCapacity, sizes.maxSize, accounts], [3, 15, [3, 3]]);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.maxRaisedBy], '0');
  });

  it('removes the sizes that were left, so that a later change is not judged by them', async () => {
    const ports = left();
    await setUp(ports);
    assert.equal(groupOf(ports).tags[ORIGINAL_SETTINGS_TAGS.leftDesiredCapacity], undefined);
  });
});
