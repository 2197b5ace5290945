import assert from 'node:assert/strict';
import { countRemaining, type Refusal, refusalOf, sortPods, withoutLeft } from '../../../domain/drain/pod-filters.ts';
import type { Run } from '../../../domain/state.ts';
import type { Pod } from '../../../domain/types.ts';
import { aBarePod, aPod, aTerminatingPod } from '../builders.ts';

const EVICT_ALL: Run['pods'] = { unmanaged: 'evict', localStorage: 'evict' };
const REFUSE_ALL: Run['pods'] = { unmanaged: 'refuse', localStorage: 'refuse' };
const DRAIN_STARTED_AT = '2026-01-15T11:58:30.700Z';
const TOLERATES_ALL = [{ operator: 'Exists' }];
const ownedBy = (kind: string) => ({ kind, name: 'x', uid: 'uid-of-owner' });

type Fate = 'evict' | 'terminating' | 'refused' | 'returned' | 'stays';

/** The one list that a lone pod ends up in. */
function fateOf(pod: Pod, policy: Run['pods']): Fate {
  const sorted = sortPods([pod], DRAIN_STARTED_AT, policy);
  const found = Object.entries(sorted).flatMap(([fate, pods]) => (pods.length > 0 ? [fate as Fate] : []));
  assert.ok(found.length <= 1, `one fate only, not ${found.join(' and ')}`);
  assert.equal(
    countRemaining(sorted),
    found.length === 0 || found[0] === 'returned' ? 0 : 1,
    'the drain waits for exactly what must leave',
  );
  return found[0] ?? 'stays';
}

describe('the filters of a drain', () => {
  const fates: [string, Pod, Run['pods'], Fate][] = [
    ['evicts a running pod of a Deployment', aPod(), EVICT_ALL, 'evict'],
    [
      'evicts a pod that is Pending or in trouble, as kubectl drain does',
      aPod({ phase: 'Pending' }),
      EVICT_ALL,
      'evict',
    ],
    ['leaves a static pod alone', aPod({ isMirror: true }), REFUSE_ALL, 'stays'],
    ['leaves a pod owned by its Node alone', aPod({ owner: ownedBy('Node') }), REFUSE_ALL, 'stays'],
    ['leaves a DaemonSet pod alone', aPod({ owner: ownedBy('DaemonSet') }), REFUSE_ALL, 'stays'],
    ['leaves a Job pod that succeeded alone', aPod({ owner: ownedBy('Job'), phase: 'Succeeded' }), EVICT_ALL, 'stays'],
    [
      'leaves a failed bare pod alone even when bare pods are refused',
      aBarePod({ phase: 'Failed' }),
      REFUSE_ALL,
      'stays',
    ],
    [
      'waits for a pod that is already terminating, without another eviction',
      aPod({ deletionDeadlineAt: '2026-01-15T12:00:00Z' }),
      EVICT_ALL,
      'terminating',
    ],
    [
      'does not refuse a bare pod that is already terminating',
      aBarePod({ deletionDeadlineAt: '2026-01-15T12:00:00Z' }),
      REFUSE_ALL,
      'terminating',
    ],
    ['refuses a bare pod when asked to', aBarePod(), { ...EVICT_ALL, unmanaged: 'refuse' }, 'refused'],
    ['evicts a bare pod unless asked not to', aBarePod(), { ...REFUSE_ALL, unmanaged: 'evict' }, 'evict'],
    [
      'refuses a pod with emptyDir data when asked to',
      aPod({ hasLocalStorage: true }),
      { ...EVICT_ALL, localStorage: 'refuse' },
      'refused',
    ],
    [
      'evicts a pod with emptyDir data unless asked not to',
      aPod({ hasLocalStorage: true }),
      { ...REFUSE_ALL, localStorage: 'evict' },
      'evict',
    ],
    [
      'evicts a pod that tolerates everything the first time',
      aPod({ tolerations: TOLERATES_ALL, createdAt: '2026-01-15T11:00:00Z' }),
      EVICT_ALL,
      'evict',
    ],
    [
      'does not wait for a pod that came back because it tolerates every taint',
      aPod({ tolerations: TOLERATES_ALL, createdAt: '2026-01-15T11:58:31Z' }),
      EVICT_ALL,
      'returned',
    ],
    [
      'evicts a tolerant pod once more when it was created in the very second the drain began',
      aPod({ tolerations: TOLERATES_ALL, createdAt: '2026-01-15T11:58:30Z' }),
      EVICT_ALL,
      'evict',
    ],
    [
      'evicts a pod that slipped in after the drain began when the taint keeps its successor away',
      aPod({ createdAt: '2026-01-15T11:59:00Z' }),
      EVICT_ALL,
      'evict',
    ],
  ];
  for (const [title, pod, policy, fate] of fates) {
    it(title, () => assert.equal(fateOf(pod, policy), fate));
  }

  it('find nothing to do on a node with pods that may stay only', () => {
    const pods = [aPod({ isMirror: true }), aPod({ owner: ownedBy('DaemonSet') })];
    assert.deepEqual(sortPods(pods, DRAIN_STARTED_AT, EVICT_ALL), {
      evict: [],
      terminating: [],
      refused: [],
      returned: [],
    });
  });

  it('evict nothing at all while one pod is refused, so that no node is drained by half', () => {
    const bare = aBarePod();
    const sorted = sortPods([aPod({ uid: '1' }), bare, aPod({ uid: '2' })], DRAIN_STARTED_AT, REFUSE_ALL);
    assert.deepEqual(sorted.evict, []);
    assert.deepEqual(sorted.refused, [{ pod: bare, refusal: 'unmanaged' }]);
    assert.equal(countRemaining(sorted), 1);
  });

  const terminating = aTerminatingPod('2026-01-15T12:00:00Z', { name: 'terminating' });
  const returned = aPod({ name: 'returned', tolerations: TOLERATES_ALL, createdAt: '2026-01-15T11:59:00Z' });
  const present = aPod({ name: 'present' });
  const sorted = sortPods([terminating, returned, present], DRAIN_STARTED_AT, EVICT_ALL);

  it('evict every other pod while some are terminating and some have returned', () => {
    assert.deepEqual(sorted, { evict: [present], terminating: [terminating], refused: [], returned: [returned] });
  });

  it('leave only the returned ones once all that must leave have left', () => {
    assert.deepEqual(withoutLeft(sorted), { evict: [], terminating: [], refused: [], returned: [returned] });
  });
});

describe('refusalOf', () => {
  const cases: [string, Pod, Refusal | undefined][] = [
    [
      'names the missing controller first when a bare pod has local data too',
      aBarePod({ hasLocalStorage: true }),
      'unmanaged',
    ],
    ['names local storage for a pod of a controller', aPod({ hasLocalStorage: true }), 'localStorage'],
    ['refuses no ordinary pod', aPod(), undefined],
  ];
  for (const [title, pod, refusal] of cases) it(title, () => assert.equal(refusalOf(pod, REFUSE_ALL), refusal));
});
