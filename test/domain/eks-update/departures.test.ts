import assert from 'node:assert/strict';
import { countDepartures, type ForcedDeletions } from '../../../domain/eks-update/departures.ts';
import { aPod } from '../builders.ts';
import { aDeparture } from './update-builders.ts';

describe('pods that leave the group', () => {
  const nodes = new Set(['node-a', 'node-b']);
  const count = (departures: Parameters<typeof countDepartures>[0], forced?: ForcedDeletions) =>
    countDepartures(departures, nodes, forced);

  it('count once they are gone, and are evidence as soon as they are asked to go', () => {
    const found = count([aDeparture('a', 'web-1', true), aDeparture('a', 'web-2', false)]);
    assert.deepEqual(found.evicted, ['shop/web-1']);
    assert.deepEqual([...found.byNode], [['node-a', { gone: 1, deleted: 0 }]]);
  });

  const ignored: [title: string, departure: ReturnType<typeof aDeparture>][] = [
    ['on nodes of other groups', aDeparture('z', 'web-1', true)],
    ['that their owner scaled in', { pod: aPod({ nodeName: 'node-a' }), isGone: true }],
    ['that the garbage collector took', aDeparture('a', 'web-1', true, { disruption: 'DeletionByPodGC' })],
  ];
  for (const [title, departure] of ignored) {
    it(`do not count ${title}`, () => assert.equal(count([departure]).byNode.size, 0));
  }

  it('#67 count apart from evictions when they were deleted by force, from an active node or after they were blocking a node without evidence', () => {
    const deleted = { pod: aPod({ namespace: 'shop', name: 'api-1', nodeName: 'node-a' }), isGone: true };
    const none: ForcedDeletions = { activeNodeNames: new Set(), blockingPodNames: new Set() };
    const drained = { ...none, activeNodeNames: new Set(['node-a']) };
    assert.equal(count([deleted], drained).deletedCount, 1);
    assert.equal(count([deleted], { ...none, blockingPodNames: new Set(['shop/api-1']) }).deletedCount, 1);
    assert.equal(count([deleted], { ...none, blockingPodNames: new Set(['shop/api-2']) }).deletedCount, 0);
    assert.equal(count([deleted], none).deletedCount, 0);
    assert.equal(count([deleted]).deletedCount, 0);
    assert.deepEqual(count([deleted], drained).evicted, []);
    const ofDaemonSet = {
      pod: aPod({ nodeName: 'node-a', owner: { kind: 'DaemonSet', name: 'd', uid: 'd' } }),
      isGone: true,
    };
    assert.equal(count([ofDaemonSet], drained).deletedCount, 0);
  });
});
