import assert from 'node:assert/strict';
import {
  hasOriginalSettings,
  isLeft,
  leftTags,
  leftTagsOf,
  newWish,
  ORIGINAL_SETTINGS_TAGS,
  originalSettingsTags,
  originalSizes,
  originalVersion,
  outstandingMaximum,
  previousVersionOf,
  sizesOf,
} from '../../../domain/nodegroup/original-settings.ts';
import type { AutoScalingGroup } from '../../../domain/types.ts';
import { aGroup, aRun, EXECUTION_ARN } from '../builders.ts';

const TEMPLATE = 'lt-0123456789abcdef0';
const inUse = (sourceVersion: string) => ({ launchTemplateId: TEMPLATE, sourceVersion });

const tagged = (group: AutoScalingGroup, tags: Record<string, string>): AutoScalingGroup => ({
  ...group,
  tags: { ...group.tags, ...tags },
});
const withOriginalSettings = (group: AutoScalingGroup): AutoScalingGroup =>
  tagged(group, originalSettingsTags(group, aRun({ originalSizes: sizesOf(group) })));

/** A group of 3, at most 6, raised to 7 by a run that has written its original settings. */
const underWay = (): AutoScalingGroup => ({
  ...tagged(withOriginalSettings(aGroup()), { [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: '1' }),
  desiredCapacity: 7,
  maxSize: 7,
});
/** The same, left by a run that failed. */
const failed = (decrements = 0): AutoScalingGroup => tagged(underWay(), leftTags(sizesOf(underWay()), decrements));

describe('original settings: what the group was before', () => {
  it('is what it is now, without tags', () => {
    assert.deepEqual(originalSizes(aGroup()), { minSize: 1, maxSize: 6, desiredCapacity: 3 });
    assert.equal(originalVersion(aGroup(), TEMPLATE), '3');
    assert.equal(previousVersionOf(aGroup(), inUse('3')), '3');
    assert.equal(hasOriginalSettings(aGroup()), false);
  });

  it('is written with the cluster and the run, by which the janitor finds the record', () => {
    const { tags } = withOriginalSettings(aGroup());
    assert.equal(tags[ORIGINAL_SETTINGS_TAGS.cluster], 'production');
    assert.equal(tags[ORIGINAL_SETTINGS_TAGS.run], EXECUTION_ARN);
  });

  it('is written once: a run that finds the group raised writes its own name, and nothing else', () => {
    const group = underWay();
    assert.deepEqual(originalSizes(group), { minSize: 1, maxSize: 6, desiredCapacity: 3 });
    const next = aRun({ executionArn: `${EXECUTION_ARN}-2`, originalSizes: originalSizes(group) });
    assert.deepEqual(originalSettingsTags(group, next), { [ORIGINAL_SETTINGS_TAGS.run]: `${EXECUTION_ARN}-2` });
    assert.equal(hasOriginalSettings(group), true);
  });

  it('is written again from what the run knows when somebody has deleted the tags', () => {
    const source = { launchTemplateId: TEMPLATE, overridingTemplates: [], usesWeights: false };
    const bare = { ...underWay(), tags: {}, launchSource: { ...source, version: '4' } };
    const again = tagged(bare, originalSettingsTags(bare, aRun(), '$Latest'));
    assert.deepEqual(originalSizes(again), { minSize: 1, maxSize: 6, desiredCapacity: 3 });
    assert.equal(originalVersion(again, TEMPLATE), '$Latest');
  });

  it('keeps the version as it was stated, and the number it stood for', () => {
    const source = { launchTemplateId: TEMPLATE, overridingTemplates: [], usesWeights: false };
    const group = withOriginalSettings(aGroup({ launchSource: { ...source, version: '$Latest' } }));
    const pinned = { ...group, launchSource: { ...source, version: '4' } };
    assert.equal(originalVersion(pinned, TEMPLATE), '$Latest');
    assert.equal(previousVersionOf(pinned, inUse('4')), '3');
  });

  it('#18 says nothing of versions once the owner has moved the group to another template', () => {
    const source = {
      launchTemplateId: 'lt-0aaaaaaaaaaaaaaaa',
      version: '1',
      overridingTemplates: [],
      usesWeights: false,
    };
    const moved = { ...withOriginalSettings(aGroup()), launchSource: source };
    const target = { ...aRun().target, launchTemplateId: source.launchTemplateId, sourceVersion: '1' };
    assert.equal(originalVersion(moved, source.launchTemplateId), '1');
    assert.equal(previousVersionOf(moved, target), '1');
    const again = tagged(moved, originalSettingsTags(moved, aRun({ target })));
    assert.equal(again.tags[ORIGINAL_SETTINGS_TAGS.launchTemplateVersion], '1');
    assert.equal(again.tags[ORIGINAL_SETTINGS_TAGS.previousVersion], '1');
  });

  for (const [title, desired] of [
    ['a part is missing', undefined],
    ['a number is not one', 'three'],
    ['a number is negative', '-1'],
  ] as const) {
    it(`is taken from the group itself when ${title}`, () => {
      const tags = {
        [ORIGINAL_SETTINGS_TAGS.minSize]: '1',
        [ORIGINAL_SETTINGS_TAGS.maxSize]: '6',
        ...(desired !== undefined && { [ORIGINAL_SETTINGS_TAGS.desiredCapacity]: desired }),
      };
      const sizes = originalSizes(aGroup({ desiredCapacity: 5, tags }));
      assert.deepEqual(sizes, { minSize: 1, maxSize: 6, desiredCapacity: 5 });
    });
  }
});

describe('original settings: sizes as a failed run left them', () => {
  const cases: [title: string, decrements: number, change: Partial<AutoScalingGroup>, wish: object][] = [
    ['are nobody’s wish while they stay', 0, {}, {}],
    [
      'are the owner’s new wish once the desired capacity was lowered',
      0,
      { desiredCapacity: 5 },
      { desiredCapacity: 5 },
    ],
    [
      'are the owner’s new wish once the desired capacity was raised',
      0,
      { desiredCapacity: 9 },
      { desiredCapacity: 9 },
    ],
    ['are the owner’s new wish once the maximum was raised', 0, { maxSize: 15 }, { maxSize: 15 }],
    ['are the owner’s new wish once the minimum was raised', 0, { minSize: 4 }, { minSize: 4 }],
    ['may be lowered by nodes that were still in hand', 2, { desiredCapacity: 5 }, {}],
    ['are the owner’s once lowered by more than those', 2, { desiredCapacity: 4 }, { desiredCapacity: 4 }],
  ];
  for (const [title, decrements, change, wish] of cases) {
    it(title, () => {
      const group = { ...failed(decrements), ...change };
      assert.deepEqual(newWish(group), wish);
      assert.deepEqual(originalSizes(group), { minSize: 1, maxSize: 6, desiredCapacity: 3, ...wish });
    });
  }

  it('are told apart from a run that nobody has cleaned up after', () => {
    assert.deepEqual([isLeft(underWay()), isLeft(failed())], [false, true]);
    assert.deepEqual([leftTagsOf(underWay()).length, leftTagsOf(failed()).length], [0, 4]);
    assert.deepEqual(newWish({ ...underWay(), desiredCapacity: 99 }), {});
  });
});

describe('original settings: what is left of what was added to the maximum', () => {
  for (const [title, maxSize, left] of [
    ['is all of it at first', 7, 1],
    ['is nothing when somebody lowered it', 6, 0],
    ['is nothing when somebody lowered it below what it was', 4, 0],
    ['is no more than was added, when somebody raised it', 20, 1],
  ] as [string, number, number][]) {
    it(title, () => assert.equal(outstandingMaximum({ ...underWay(), maxSize }), left));
  }
});
