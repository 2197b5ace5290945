import assert from 'node:assert/strict';
import {
  countRemaining,
  type Refusal,
  refusalOf,
  type SortedPods,
  sortPods,
  withoutLeft,
} from '../../../domain/drain/pod-filters.ts';
import type { Run } from '../../../domain/state.ts';
import type { Pod } from '../../../domain/types.ts';
import { aBarePod, aPod, aTerminatingPod } from '../builders.ts';

const EVICT_ALL: Run['pods'] = { unmanaged: 'evict', localStorage: 'evict' };
const REFUSE_ALL: Run['pods'] = { unmanaged: 'refuse', localStorage: 'refuse' };
const NOTHING: SortedPods = { evict: [], terminating: [], refused: [], returned: [], tolerating: [], presumedGone: [] };
const ownedBy = (kind: string) => ({ kind, name: 'x', uid: 'uid-of-owner' });

type Fate = 'evict' | 'terminating' | 'refused' | 'stays';

/** The one list that a lone pod ends up in. */
function fateOf(pod: Pod, policy: Run['pods']): Fate {
  const sorted = sortPods([pod], policy);
  const found = Object.entries(sorted).flatMap(([fate, pods]) => (pods.length > 0 ? [fate as Fate] : []));
  assert.ok(found.length <= 1, `one fate only, not ${found.join(' and ')}`);
  assert.equal(countRemaining(sorted), found.length, 'the drain waits for exactly what must leave');
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
  ];
  for (const [title, pod, policy, fate] of fates) {
    it(title, () => assert.equal(fateOf(pod, policy), fate));
  }

  it('find nothing to do on a node with pods that may stay only', () => {
    const pods = [aPod({ isMirror: true }), aPod({ owner: ownedBy('DaemonSet') })];
    assert.deepEqual(sortPods(pods, EVICT_ALL), NOTHING);
  });

  it('evict nothing at all while one pod is refused, so that no node is drained by half', () => {
    const bare = aBarePod();
    const sorted = sortPods([aPod({ uid: '1' }), bare, aPod({ uid: '2' })], REFUSE_ALL);
    assert.deepEqual(sorted.evict, []);
    assert.deepEqual(sorted.refused, [{ pod: bare, refusal: 'unmanaged' }]);
    assert.equal(countRemaining(sorted), 1);
  });

  it('keep refused and returned pods when all have left that were asked to', () => {
    const terminating = aTerminatingPod('2026-01-15T12:00:00Z', { name: 'terminating' });
    const refused = [{ pod: aBarePod(), refusal: 'unmanaged' as const }];
    const returned = [aPod({ name: 'returned' })];
    const pods = { ...NOTHING, evict: [aPod()], terminating: [terminating], refused, returned };
    assert.deepEqual(withoutLeft(pods), { ...NOTHING, refused, returned });
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
