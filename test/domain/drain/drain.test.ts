import assert from 'node:assert/strict';
import { decideDrain, podNames, type Refusal, refusalOf } from '../../../domain/drain/drain.ts';
import type { Run } from '../../../domain/state.ts';
import type { Pod } from '../../../domain/types.ts';
import { aBarePod, aPod } from '../builders.ts';

const EVICT_ALL: Run['pods'] = { unmanaged: 'evict', localStorage: 'evict' };
const REFUSE_ALL: Run['pods'] = { unmanaged: 'refuse', localStorage: 'refuse' };
const DRAIN_STARTED_AT = '2026-01-15T11:58:30.700Z';
const TOLERATES_ALL = [{ operator: 'Exists' }];
const ownedBy = (kind: string) => ({ kind, name: 'x', uid: 'uid-of-owner' });

type Fate = 'evict' | 'leaving' | 'refused' | 'returned' | 'stays';

/** The one list of the decision a lone pod ends up in. */
function fateOf(pod: Pod, policy: Run['pods']): Fate {
  const { evict, leaving, refused, returned, isEmpty } = decideDrain([pod], DRAIN_STARTED_AT, policy);
  const found = Object.entries({ evict, leaving, refused, returned }).flatMap(([fate, pods]) =>
    pods.length > 0 ? [fate as Fate] : [],
  );
  assert.ok(found.length <= 1, `one fate only, not ${found.join(' and ')}`);
  assert.equal(isEmpty, found.length === 0 || found[0] === 'returned', 'the drain waits for exactly what must leave');
  return found[0] ?? 'stays';
}

describe('decideDrain', () => {
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
      'leaving',
    ],
    [
      'does not refuse a bare pod that is already terminating',
      aBarePod({ deletionDeadlineAt: '2026-01-15T12:00:00Z' }),
      REFUSE_ALL,
      'leaving',
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

  it('says a node without pods to move is empty', () => {
    const pods = [aPod({ isMirror: true }), aPod({ owner: ownedBy('DaemonSet') })];
    assert.deepEqual(decideDrain(pods, DRAIN_STARTED_AT, EVICT_ALL), {
      isEmpty: true,
      evict: [],
      leaving: [],
      refused: [],
      returned: [],
    });
  });

  it('evicts nothing at all while one pod is refused, so that no node is drained by half', () => {
    const bare = aBarePod();
    const tick = decideDrain([aPod({ uid: '1' }), bare, aPod({ uid: '2' })], DRAIN_STARTED_AT, REFUSE_ALL);
    assert.deepEqual(tick.evict, []);
    assert.deepEqual(tick.refused, [{ pod: bare, refusal: 'unmanaged' }]);
    assert.equal(tick.isEmpty, false);
  });

  it('evicts every other pod while some are terminating and some came back', () => {
    const leaving = aPod({ name: 'leaving', deletionDeadlineAt: '2026-01-15T12:00:00Z' });
    const returned = aPod({ name: 'returned', tolerations: TOLERATES_ALL, createdAt: '2026-01-15T11:59:00Z' });
    const omitUndefined = aPod({ name: 'present' });
    const tick = decideDrain([leaving, returned, omitUndefined], DRAIN_STARTED_AT, EVICT_ALL);
    assert.deepEqual(tick, {
      isEmpty: false,
      evict: [omitUndefined],
      leaving: [leaving],
      refused: [],
      returned: [returned],
    });
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

describe('podNames', () => {
  it('lists pods by namespace and name in order, whatever order the API gave them in', () => {
    const pods = [
      aPod({ namespace: 'shop', name: 'b' }),
      aPod({ namespace: 'shop', name: 'a' }),
      aPod({ namespace: 'bank', name: 'z' }),
    ];
    assert.deepEqual(podNames(pods), ['bank/z', 'shop/a', 'shop/b']);
  });

  it('keeps the state small: 20 names unless told otherwise', () => {
    const pods = Array.from({ length: 30 }, (_, index) => aPod({ name: `pod-${String(index).padStart(2, '0')}` }));
    assert.equal(podNames(pods).length, 20);
    assert.deepEqual(podNames(pods, 2), ['shop/pod-00', 'shop/pod-01']);
  });
});
