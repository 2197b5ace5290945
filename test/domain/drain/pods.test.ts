import assert from 'node:assert/strict';
import { countRemaining, isIgnoredByDrain, sortPods } from '../../../domain/drain/pod-filters.ts';
import { mayComeBack, ownerName, podName, podNames, tolerates } from '../../../domain/drain/pods.ts';
import { UNSCHEDULABLE_TAINT } from '../../../domain/nodegroup/node-ownership.ts';
import type { Pod, Taint, Toleration } from '../../../domain/types.ts';
import { aBarePod, aPod } from '../builders.ts';

const ownedBy = (kind: string, name = 'owner') => ({ owner: { kind, name, uid: 'uid-of-owner' } });

/**
 * The kinds of pods that kubectl drain tells apart.
 *
 * @see https://kubernetes.io/docs/reference/generated/kubectl/kubectl-commands#drain
 */
type Row = [title: string, pod: Pod, stays: boolean, refusedWhenStrict?: 'unmanaged' | 'localStorage'];
const DRAIN_ROWS: Row[] = [
  ['a pod of a Deployment', aPod(), false],
  ['a pod of a StatefulSet', aPod(ownedBy('StatefulSet')), false],
  ['a pod of a Job', aPod(ownedBy('Job')), false],
  ['a pod of a kind that nobody here knows', aPod(ownedBy('Rollout')), false],
  ['a pod that is Pending', aPod({ phase: 'Pending', isReady: false }), false],
  ['a pod of a DaemonSet', aPod(ownedBy('DaemonSet')), true],
  ['a pod of a DaemonSet with local storage', aPod({ ...ownedBy('DaemonSet'), hasLocalStorage: true }), true],
  ['a pod whose DaemonSet was deleted with its pods orphaned', aBarePod({ name: 'fluentd-x2x4z' }), false, 'unmanaged'],
  ['the mirror of a static pod', aBarePod({ isMirror: true }), true],
  ['the mirror of a static pod, told by its owner', aPod(ownedBy('Node')), true],
  ['a naked pod', aBarePod(), false, 'unmanaged'],
  ['a finished pod of a Job', aPod({ ...ownedBy('Job'), phase: 'Succeeded' }), true],
  ['a failed pod of a Job', aPod({ ...ownedBy('Job'), phase: 'Failed' }), true],
  ['a naked pod that has finished', aBarePod({ phase: 'Succeeded' }), true],
  ['a finished pod with local storage', aPod({ hasLocalStorage: true, phase: 'Failed' }), true],
  ['a pod with local storage', aPod({ hasLocalStorage: true }), false, 'localStorage'],
  ['a naked pod with local storage', aBarePod({ hasLocalStorage: true }), false, 'unmanaged'],
];

describe('a drain', () => {
  for (const [title, pod, stays, refusal] of DRAIN_ROWS) {
    it(`${stays ? 'leaves alone' : 'evicts'} ${title}`, () => {
      assert.equal(isIgnoredByDrain(pod), stays);
      const sorted = sortPods([pod], { unmanaged: 'evict', localStorage: 'evict' });
      assert.deepEqual(
        { evict: sorted.evict, remaining: countRemaining(sorted) },
        stays ? { evict: [], remaining: 0 } : { evict: [pod], remaining: 1 },
      );
    });

    it(`that is strict ${refusal === undefined ? 'treats the same' : 'refuses, as kubectl does,'} ${title}`, () => {
      const sorted = sortPods([pod], { unmanaged: 'refuse', localStorage: 'refuse' });
      assert.deepEqual(sorted.refused, refusal === undefined ? [] : [{ pod, refusal }]);
      assert.deepEqual(sorted.evict, stays || refusal !== undefined ? [] : [pod]);
    });
  }
});

describe('a toleration', () => {
  const taint: Taint = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };
  const bare: Taint = { key: 'dedicated', effect: 'NoSchedule' };
  const cases: [title: string, toleration: Toleration, taint: Taint, expected: boolean][] = [
    [
      'of key, value and effect fits',
      { key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' },
      taint,
      true,
    ],
    ['without operator compares the value', { key: 'dedicated', value: 'gpu' }, taint, true],
    ['without effect fits every effect', { key: 'dedicated', operator: 'Exists' }, taint, true],
    ['with an empty effect fits every effect', { key: 'dedicated', operator: 'Exists', effect: '' }, taint, true],
    ['of the key alone fits any value', { key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }, taint, true],
    ['without a value fits a taint without one', { key: 'dedicated' }, bare, true],
    ['without a value does not fit a taint with one', { key: 'dedicated' }, taint, false],
    ['of another value does not fit', { key: 'dedicated', value: 'cpu' }, taint, false],
    ['of another key does not fit', { key: 'spot', operator: 'Exists' }, taint, false],
    ['of another effect does not fit', { key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }, taint, false],
    ['of everything fits', { operator: 'Exists' }, taint, true],
    ['of everything with an empty key fits', { key: '', operator: 'Exists' }, taint, true],
    ['of everything, for one effect, does not fit another', { operator: 'Exists', effect: 'NoExecute' }, taint, false],
    ['without a key must say Exists', { operator: 'Equal', value: 'gpu' }, taint, false],
  ];
  for (const [title, toleration, against, expected] of cases) {
    it(title, () => assert.equal(tolerates(aPod({ tolerations: [toleration] }), against), expected));
  }

  it('among others is enough', () => {
    const tolerations = [{ key: 'spot', operator: 'Exists' }, { operator: 'Exists' }];
    assert.equal(tolerates(aPod({ tolerations }), taint), true);
  });

  it('is needed at all', () => assert.equal(tolerates(aPod(), taint), false));
});

describe('a pod may come back to a draining node', () => {
  const cases: [title: string, tolerations: Toleration[], expected: boolean][] = [
    ['when it tolerates everything', [{ operator: 'Exists' }], true],
    ['when it tolerates the taint on outdated nodes', [{ key: UNSCHEDULABLE_TAINT.key, operator: 'Exists' }], true],
    [
      'not with the tolerations that every pod gets',
      [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
      ],
      false,
    ],
    ['not without tolerations', [], false],
  ];
  for (const [title, tolerations, expected] of cases) {
    it(title, () => assert.equal(mayComeBack(aPod({ tolerations })), expected));
  }
});

describe('a pod is called', () => {
  it('by its namespace and name', () => assert.equal(podName(aPod()), 'shop/checkout-6d4b75cb6d-abcde'));

  const cases: [title: string, pod: Pod, expected: string | undefined][] = [
    ['by the Deployment behind its replica set', aPod(), 'Deployment checkout'],
    [
      'by a replica set that no Deployment made',
      aPod({ ...ownedBy('ReplicaSet', 'checkout'), labels: {} }),
      'ReplicaSet checkout',
    ],
    [
      'by a replica set whose name does not end with the hash',
      aPod(ownedBy('ReplicaSet', 'checkout-blue')),
      'ReplicaSet checkout-blue',
    ],
    [
      'by its own controller, also when its name ends like a hash',
      aPod(ownedBy('StatefulSet', 'db-6d4b75cb6d')),
      'StatefulSet db-6d4b75cb6d',
    ],
    ['by nothing when it is naked', aBarePod(), undefined],
  ];
  for (const [title, pod, expected] of cases) {
    it(title, () => assert.equal(ownerName(pod), expected));
  }
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
