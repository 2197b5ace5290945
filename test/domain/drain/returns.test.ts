import assert from 'node:assert/strict';
import { sortPods } from '../../../domain/drain/pod-filters.ts';
import {
  hasReturned,
  NO_PODS_SEEN,
  type PodMemory,
  rememberEvicted,
  rememberListed,
} from '../../../domain/drain/returns.ts';
import type { Pod } from '../../../domain/types.ts';
import { aBarePod, aPod } from '../builders.ts';

const EVICT_ALL = { unmanaged: 'evict', localStorage: 'evict' } as const;
const owner = (uid: string) => ({ kind: 'ReplicaSet', name: uid, uid });
const cart = (uid: string, overrides: Partial<Pod> = {}) =>
  aPod({ uid, name: uid, owner: owner('cart'), ...overrides });
const TOLERANT = { tolerations: [{ operator: 'Exists' }] };

/** What a drain remembers after it has listed pods and evicted some of them. */
const seen = (listed: readonly Pod[], evicted: readonly Pod[], memory: PodMemory = NO_PODS_SEEN) =>
  rememberEvicted(rememberListed(memory, listed), evicted);

const names = (pods: readonly Pod[]) => pods.map(({ name }) => name);
const sortedNames = (pods: readonly Pod[], memory: PodMemory) => {
  const { evict, returned, tolerating } = sortPods(pods, EVICT_ALL, memory);
  return { evict: names(evict), returned: names(returned), tolerating: names(tolerating) };
};

const bare = aBarePod({ uid: 'bare' });

describe('a pod has returned', () => {
  const first = cart('first');
  const twin = cart('twin');
  const cases: [title: string, pod: Pod, memory: PodMemory, expected: boolean][] = [
    ['when its owner had a pod evicted here before it came', cart('next'), seen([first], [first]), true],
    [
      'when a pod of its owner was stopping here before it came, whichever step saw that',
      cart('next'),
      seen([cart('first', { deletionDeadlineAt: '2026-01-01T00:00:00Z' })], []),
      true,
    ],
    ['not while no pod of its owner was evicted here: it is only late', cart('next'), seen([first], []), false],
    [
      'not when it was there from the beginning beside the one that was evicted',
      twin,
      seen([first, twin], [first]),
      false,
    ],
    [
      'not when another owner had a pod evicted',
      aPod({ uid: 'x', owner: owner('web') }),
      seen([first], [first]),
      false,
    ],
    ['not when nobody owns it', aBarePod({ uid: 'x' }), seen([first], [first]), false],
    ['#32 under the name of a bare pod that was evicted', aBarePod({ uid: 'x' }), seen([bare], [bare]), true],
    [
      '#32 under a name that the API server made of the same beginning',
      aBarePod({ uid: 'x', name: 'debug-2', generateName: 'debug-' }),
      seen(
        [{ ...bare, name: 'debug-1', generateName: 'debug-' }],
        [{ ...bare, name: 'debug-1', generateName: 'debug-' }],
      ),
      true,
    ],
    [
      'whatever the clocks say: it seems older than the drain',
      cart('next', { createdAt: '2020-01-01T00:00:00Z' }),
      seen([first], [first]),
      true,
    ],
    [
      'whatever the clocks say: it was there, and seems younger than the drain',
      twin,
      seen([first, cart('twin', { createdAt: '2030-01-01T00:00:00Z' })], [first]),
      false,
    ],
    [
      'not when it came late, before a pod of its owner was evicted',
      cart('late'),
      seen([first, cart('late')], [first], seen([first], [])),
      false,
    ],
  ];
  for (const [title, pod, memory, expected] of cases) it(title, () => assert.equal(hasReturned(pod, memory), expected));
});

describe('pods that come back', () => {
  const first = cart('first');
  const evictedOnce = seen([first], [first]);
  const back = (uid: string, memory: PodMemory) => seen([cart(uid)], [cart(uid)], memory);
  const evictedTwice = back('second', evictedOnce);
  const evictedThrice = back('third', evictedTwice);

  it('are evicted twice beyond the first pods of their owner', () => {
    assert.deepEqual(sortedNames([cart('second')], evictedOnce).evict, ['second']);
    assert.deepEqual(sortedNames([cart('third')], evictedTwice).evict, ['third']);
  });

  it('block the drain after that', () =>
    assert.deepEqual(sortedNames([cart('fourth')], evictedThrice), {
      evict: [],
      returned: ['fourth'],
      tolerating: [],
    }));

  it('are reported and not waited for after that when they tolerate the taint', () =>
    assert.deepEqual(sortedNames([cart('fourth', TOLERANT)], evictedThrice), {
      evict: [],
      returned: [],
      tolerating: ['fourth'],
    }));

  it('are counted by owner: two at once are two evictions, and the third stays', () =>
    assert.deepEqual(sortedNames([cart('a'), cart('b'), cart('c')], evictedOnce), {
      evict: ['a', 'b'],
      returned: ['c'],
      tolerating: [],
    }));

  it('are not waited for at the end of the drain when they tolerate the taint, stopping or not', () => {
    const pods = [
      cart('next', TOLERANT),
      cart('stopping', { ...TOLERANT, deletionDeadlineAt: '2026-01-15T12:00:30Z' }),
    ];
    const { evict, terminating, tolerating } = sortPods(pods, EVICT_ALL, evictedOnce, 'untolerating');
    assert.deepEqual([evict, terminating, names(tolerating)], [[], [], ['next', 'stopping']]);
  });

  it('are waited for at the end of the drain when nothing lets them come back', () => {
    const sorted = sortPods([cart('next')], EVICT_ALL, evictedOnce, 'untolerating');
    assert.deepEqual([names(sorted.evict), sorted.tolerating], [['next'], []]);
  });

  it('are not evicted once more when the time of the drain is over, but reported', () => {
    const sorted = sortPods([cart('next')], EVICT_ALL, evictedOnce, 'none');
    assert.deepEqual([sorted.evict, names(sorted.returned)], [[], ['next']]);
  });

  it('are waited for while they are stopping', () => {
    const stopping = cart('third', { ...TOLERANT, deletionDeadlineAt: '2026-01-15T12:00:30Z' });
    assert.deepEqual(names(sortPods([stopping], EVICT_ALL, evictedThrice).terminating), ['third']);
  });

  it('leave pods of other owners and bare pods as they are', () => {
    const pods = [aPod({ uid: 'w', name: 'web', owner: owner('web') }), aBarePod({ uid: 'b' })];
    assert.deepEqual(sortedNames(pods, evictedThrice).evict, ['web', 'debug']);
  });

  it('of one list that came late are all evicted, however long a budget takes', () => {
    const late = ['a', 'b', 'c', 'd'].map((uid) => cart(uid));
    const blockedButOne = seen(late, [late[0] as Pod], seen([], []));
    assert.deepEqual(sortedNames(late.slice(1), blockedButOne).evict, ['b', 'c', 'd']);
    assert.deepEqual(blockedButOne.evictedOwners, { cart: 0 });
  });
});

describe('what a drain remembers', () => {
  it('forgets pods that have left, as no other pod gets their uid', () => {
    const memory = seen([cart('b')], [], seen([cart('a'), cart('b')], [cart('a')]));
    assert.deepEqual(memory.firstPods, ['b']);
  });

  it('counts no eviction of a first pod', () =>
    assert.deepEqual(seen([cart('a'), cart('b')], [cart('a'), cart('b')]).evictedOwners, { cart: 0 }));
});
