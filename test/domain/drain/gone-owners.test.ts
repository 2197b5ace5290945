import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { goneDaemonSets, withoutGoneOwners } from '../../../domain/drain/gone-owners.ts';
import { sortPods } from '../../../domain/drain/pod-filters.ts';
import { aPod } from '../builders.ts';

const ofDaemonSet = (uid: string, more = {}) =>
  aPod({ uid: `pod-of-${uid}`, owner: { kind: 'DaemonSet', name: uid, uid, ...more } });

describe('F56 a pod whose DaemonSet is gone', () => {
  it('is found by the uid of its owner', () => {
    const pods = [ofDaemonSet('gone'), ofDaemonSet('there'), ofDaemonSet('gone'), aPod()];
    assert.deepEqual(goneDaemonSets(pods, ['there']), ['gone']);
  });

  it('is not one of a DaemonSet of another API group, which nobody has listed', () =>
    assert.deepEqual(goneDaemonSets([ofDaemonSet('foreign', { apiGroup: 'apps.kruise.io' })], []), []));

  for (const [policy, evicted, refused] of [
    ['evict', 1, 0],
    ['refuse', 0, 1],
  ] as const) {
    it(`counts as unmanaged: pods.unmanaged "${policy}" decides`, () => {
      const pods = withoutGoneOwners([ofDaemonSet('gone'), ofDaemonSet('there')], ['gone']);
      const sorted = sortPods(pods, { unmanaged: policy, localStorage: 'evict' });
      assert.deepEqual([sorted.evict.length, sorted.refused.length], [evicted, refused]);
    });
  }
});
