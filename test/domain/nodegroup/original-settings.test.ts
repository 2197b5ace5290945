import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  hasOriginalSettings,
  ORIGINAL_SETTINGS_TAGS,
  originalSettingsTags,
  originalSizes,
  originalVersion,
  outstandingMaximum,
  outstandingSurge,
  previousVersionOf,
  raisedSizes,
} from '../../../domain/nodegroup/original-settings.ts';
import type { AutoScalingGroup } from '../../../domain/types.ts';
import { aGroup, aGroupInstance } from '../builders.ts';

const withOriginalSettings = (group: AutoScalingGroup): AutoScalingGroup => ({
  ...group,
  tags: { ...group.tags, ...originalSettingsTags(group, '3') },
});

/** The group after its surge was asked for. */
function raised(group: AutoScalingGroup, surge: number): AutoScalingGroup {
  const raise = raisedSizes(group, surge);
  return raise === undefined ? group : { ...group, ...raise.sizes, tags: { ...group.tags, ...raise.tags } };
}

/** A run that has written the original settings and raised the group by `surge`: 3 nodes, at most 6, before it. */
const underWay = (surge = 4): AutoScalingGroup => raised(withOriginalSettings(aGroup()), surge);

describe('original settings: what the group was before', () => {
  it('is what it is now, without tags', () => {
    assert.deepEqual(originalSizes(aGroup()), { minSize: 1, maxSize: 6, desiredCapacity: 3 });
    assert.equal(originalVersion(aGroup()), '3');
    assert.equal(previousVersionOf(aGroup(), '3'), '3');
    assert.equal(hasOriginalSettings(aGroup()), false);
  });

  it('is written once, and not overwritten by a run that finds the group raised', () => {
    const group = underWay();
    assert.deepEqual([group.maxSize, group.desiredCapacity], [7, 7]);
    assert.deepEqual(originalSettingsTags(group, '4'), {});
    assert.deepEqual(originalSizes(group), { minSize: 1, maxSize: 6, desiredCapacity: 3 });
    assert.equal(hasOriginalSettings(group), true);
  });

  it('keeps the version as it was stated, and the number it stood for', () => {
    const source = { launchTemplateId: 'lt-0', overridingTemplates: [], usesWeights: false };
    const group = withOriginalSettings(aGroup({ launchSource: { ...source, version: '$Latest' } }));
    const pinned = { ...group, launchSource: { ...source, version: '4' } };
    assert.equal(originalVersion(pinned), '$Latest');
    assert.equal(previousVersionOf(pinned, '4'), '3');
  });

  for (const [title, tags] of [
    ['a part is missing', { [ORIGINAL_SETTINGS_TAGS.minSize]: '1', [ORIGINAL_SETTINGS_TAGS.maxSize]: '6' }],
    [
      'a number is not one',
      {
        [ORIGINAL_SETTINGS_TAGS.minSize]: '1',
        [ORIGINAL_SETTINGS_TAGS.maxSize]: '6',
        [ORIGINAL_SETTINGS_TAGS.desiredCapacity]: 'three',
      },
    ],
    [
      'a number is negative',
      {
        [ORIGINAL_SETTINGS_TAGS.minSize]: '-1',
        [ORIGINAL_SETTINGS_TAGS.maxSize]: '6',
        [ORIGINAL_SETTINGS_TAGS.desiredCapacity]: '3',
      },
    ],
  ] as [string, Record<string, string>][]) {
    it(`is taken from the group itself when ${title}`, () =>
      assert.deepEqual(originalSizes(aGroup({ desiredCapacity: 5, tags })), {
        minSize: 1,
        maxSize: 6,
        desiredCapacity: 5,
      }));
  }
});

describe('original settings: raising the group', () => {
  it('raises desired by the surge, and the maximum only as far as that needs', () => {
    assert.deepEqual(raisedSizes(withOriginalSettings(aGroup()), 2), {
      sizes: { maxSize: 6, desiredCapacity: 5 },
      tags: { [ORIGINAL_SETTINGS_TAGS.surge]: '2', [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: '0' },
    });
    assert.deepEqual(raisedSizes(withOriginalSettings(aGroup({ maxSize: 3 })), 2), {
      sizes: { maxSize: 5, desiredCapacity: 5 },
      tags: { [ORIGINAL_SETTINGS_TAGS.surge]: '2', [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: '2' },
    });
  });

  it('never surges twice, however often it is asked and whatever the sizes were', () =>
    fc.assert(
      fc.property(fc.nat(20), fc.nat(10), fc.integer({ min: 1, max: 30 }), (desiredCapacity, room, surge) => {
        const group = raised(withOriginalSettings(aGroup({ desiredCapacity, maxSize: desiredCapacity + room })), surge);
        assert.equal(group.desiredCapacity, desiredCapacity + surge);
        assert.ok(group.maxSize >= group.desiredCapacity);
        assert.equal(outstandingSurge(group, []), surge);
        assert.equal(outstandingMaximum(group), Math.max(0, surge - room));
        assert.equal(raisedSizes(group, surge), undefined);
      }),
    ));

  it('adds what is missing when an earlier run had taken part of its surge back', () =>
    assert.deepEqual(raisedSizes({ ...underWay(4), desiredCapacity: 5 }, 4)?.sizes, {
      maxSize: 7,
      desiredCapacity: 7,
    }));

  it('adds nothing when the earlier run surged by more', () => assert.equal(raisedSizes(underWay(6), 4), undefined));

  it('accounts for both when a later run surges by more than the earlier one', () => {
    const group = raised(underWay(4), 6);
    assert.deepEqual([group.desiredCapacity, group.maxSize], [9, 9]);
    assert.deepEqual([outstandingSurge(group, []), outstandingMaximum(group)], [6, 3]);
  });

  it('does not take growth by somebody else for its own surge', () => {
    const grown = { ...withOriginalSettings(aGroup()), desiredCapacity: 5 };
    assert.equal(outstandingSurge(grown, []), 0);
    assert.equal(raisedSizes(grown, 4)?.sizes.desiredCapacity, 9);
  });
});

describe('original settings: what is left of the surge', () => {
  const cases: [title: string, change: Partial<AutoScalingGroup>, absorbed: string[], surge: number][] = [
    ['is the whole surge at first', {}, [], 4],
    ['is less by each node that was terminated with a decrement', { desiredCapacity: 5 }, ['i-gone', 'i-away'], 2],
    ['is not less by one that was only chosen and is still there', {}, ['i-00000000000000000'], 4],
    ['leaves what somebody else has added', { desiredCapacity: 10 }, [], 4],
    ['leaves what somebody else has added after part was taken back', { desiredCapacity: 8 }, ['i-gone', 'i-away'], 2],
    ['is not more than the group exceeds its old size by, when somebody scaled it down', { desiredCapacity: 4 }, [], 1],
    ['is nothing when somebody scaled it below its old size', { desiredCapacity: 2 }, [], 0],
    ['is nothing when more was absorbed than was added', {}, ['i-a', 'i-b', 'i-c', 'i-d', 'i-e'], 0],
  ];
  for (const [title, change, absorbed, surge] of cases) {
    it(title, () => assert.equal(outstandingSurge({ ...underWay(), ...change }, absorbed), surge));
  }

  for (const lifecycleState of ['Terminating', 'Terminating:Wait', 'Detaching', 'Terminated']) {
    it(`counts a node as taken back from ${lifecycleState} on`, () => {
      const instances = [aGroupInstance({ instanceId: 'i-1', lifecycleState })];
      assert.equal(outstandingSurge({ ...underWay(), desiredCapacity: 6, instances }, ['i-1']), 3);
    });
  }

  for (const [title, maxSize, left] of [
    ['is what was added to the maximum', 7, 1],
    ['is nothing of the maximum when somebody lowered it', 6, 0],
    ['is nothing of the maximum when somebody lowered it below what it was', 4, 0],
    ['is no more of the maximum than was added, when somebody raised it', 20, 1],
  ] as [string, number, number][]) {
    it(title, () => assert.equal(outstandingMaximum({ ...underWay(), maxSize }), left));
  }
});
