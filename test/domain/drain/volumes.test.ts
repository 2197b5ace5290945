import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { sortPods } from '../../../domain/drain/pod-filters.ts';
import { rememberClaims, volumesToDetach } from '../../../domain/drain/volumes.ts';
import { aPod, aTerminatingPod } from '../builders.ts';

const EVICT_ALL = { unmanaged: 'evict', localStorage: 'evict' } as const;
const CLAIMS = { 'shop/data-db-0': 'shop/db-0' };

describe('#33 volumes that a drain waits for', () => {
  const rows = [
    ['are those of pods that have left', ['pv-1', 'shop/data-db-0'], [], ['pv-1']],
    ['are not those without a claim, or without an object', ['pv-1', undefined], [], []],
    ['are not those of other pods', ['pv-1', 'shop/data-other'], [], []],
    [
      'are not those of a pod that has come back for ever',
      ['pv-1', 'shop/data-db-0'],
      [aPod({ name: 'db-0', volumeClaims: ['data-db-0'] })],
      [],
    ],
  ] as const;
  for (const [title, attached, staying, expected] of rows) {
    it(title, () =>
      assert.deepEqual(
        volumesToDetach([attached], CLAIMS, staying).map(({ volume }) => volume),
        expected,
      ),
    );
  }

  it('are remembered of every pod that must leave, not of those that a drain leaves alone', () => {
    const pods = [
      aPod({ uid: '1', name: 'db-0', volumeClaims: ['data-db-0', 'wal-db-0'] }),
      aTerminatingPod('2026-01-15T12:00:30Z', { uid: '2', name: 'db-1', volumeClaims: ['data-db-1'] }),
      aPod({ uid: '3', name: 'agent', volumeClaims: ['agent'], owner: { kind: 'DaemonSet', name: 'agent', uid: 'a' } }),
    ];
    assert.deepEqual(rememberClaims({ 'shop/old': 'shop/gone' }, sortPods(pods, EVICT_ALL)), {
      'shop/old': 'shop/gone',
      'shop/data-db-0': 'shop/db-0',
      'shop/wal-db-0': 'shop/db-0',
      'shop/data-db-1': 'shop/db-1',
    });
  });
});
