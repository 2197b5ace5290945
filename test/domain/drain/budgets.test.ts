import assert from 'node:assert/strict';
import {
  budgetsOf,
  forbidsEviction,
  isPermanentlyBlocking,
  podsForRoom,
  ruleOf,
  selects,
} from '../../../domain/drain/budgets.ts';
import type { Budget, LabelSelector, Pod } from '../../../domain/types.ts';
import { aBudget, aPod } from '../builders.ts';

describe('a label selector', () => {
  const labels = { app: 'checkout', tier: 'web', empty: '' };
  const one = (key: string, operator: string, values?: string[]): LabelSelector => ({
    matchExpressions: [{ key, operator, ...(values !== undefined && { values }) }],
  });
  const cases: [title: string, selector: LabelSelector | undefined, expected: boolean][] = [
    ['that is missing selects nothing', undefined, false],
    ['that is empty selects everything', {}, true],
    ['with empty parts selects everything', { matchLabels: {}, matchExpressions: [] }, true],
    ['selects by a label', { matchLabels: { app: 'checkout' } }, true],
    ['selects by a label with an empty value', { matchLabels: { empty: '' } }, true],
    ['does not select another value', { matchLabels: { app: 'cart' } }, false],
    ['does not select a missing label', { matchLabels: { zone: '' } }, false],
    ['needs all of its labels', { matchLabels: { app: 'checkout', tier: 'db' } }, false],
    ['In: selects one of its values', one('app', 'In', ['cart', 'checkout']), true],
    ['In: does not select another value', one('app', 'In', ['cart']), false],
    ['In: does not select a missing label', one('zone', 'In', ['a']), false],
    ['NotIn: selects another value', one('app', 'NotIn', ['cart']), true],
    ['NotIn: selects a missing label', one('zone', 'NotIn', ['a']), true],
    ['NotIn: does not select one of its values', one('app', 'NotIn', ['checkout']), false],
    ['Exists: selects any value', one('tier', 'Exists'), true],
    ['Exists: selects an empty value', one('empty', 'Exists'), true],
    ['Exists: does not select a missing label', one('zone', 'Exists'), false],
    ['DoesNotExist: selects a missing label', one('zone', 'DoesNotExist'), true],
    ['DoesNotExist: does not select an empty value', one('empty', 'DoesNotExist'), false],
    ['with an operator nobody knows selects nothing', one('app', 'Like', ['check*']), false],
    ['needs its labels and its expressions', { matchLabels: { app: 'checkout' }, ...one('tier', 'In', ['db']) }, false],
    ['is met by labels and expressions together', { matchLabels: { app: 'checkout' }, ...one('tier', 'Exists') }, true],
    [
      'needs all of its expressions',
      {
        matchExpressions: [
          { key: 'app', operator: 'Exists' },
          { key: 'zone', operator: 'Exists' },
        ],
      },
      false,
    ],
  ];
  for (const [title, selector, expected] of cases) {
    it(title, () => assert.equal(selects(selector, labels), expected));
  }
});

describe('the budgets of a pod', () => {
  const named = (name: string, more: Partial<Budget> = {}) => aBudget({ name, ...more });

  it('are those of its namespace that select it, in their order', () => {
    const budgets = [
      named('by-label'),
      named('elsewhere', { namespace: 'bank' }),
      named('of-cart', { selector: { matchLabels: { app: 'cart' } } }),
      named('of-everything', { selector: {} }),
      named('of-nothing', { selector: undefined }),
    ];
    assert.deepEqual(
      budgetsOf(aPod(), budgets).map(({ name }) => name),
      ['by-label', 'of-everything'],
    );
  });

  const { minAvailable: _, ...unwritten } = aBudget();
  const rules: [title: string, budget: Budget, expected: string][] = [
    ['minAvailable as a number', aBudget({ minAvailable: '2' }), 'minAvailable 2'],
    ['minAvailable as a percentage', aBudget({ minAvailable: '50%' }), 'minAvailable 50%'],
    ['maxUnavailable', { ...unwritten, maxUnavailable: '0' }, 'maxUnavailable 0'],
  ];
  for (const [title, budget, expected] of rules) {
    it(`are told by their rule as it was written: ${title}`, () => assert.equal(ruleOf(budget), expected));
  }

  const never: [title: string, status: Partial<Budget>, expected: boolean][] = [
    ['never allow anything when all pods are required', { desiredHealthy: 3, expectedPods: 3 }, true],
    ['never allow anything when more pods are required than exist', { desiredHealthy: 4, expectedPods: 3 }, true],
    ['never allow anything for the one pod they require', { desiredHealthy: 1, expectedPods: 1 }, true],
    [
      'allow something later when pods are only not Ready now',
      { desiredHealthy: 2, expectedPods: 3, currentHealthy: 1, disruptionsAllowed: 0 },
      false,
    ],
    [
      'are not judged before the controller has counted their pods',
      { desiredHealthy: 0, expectedPods: 0, currentHealthy: 0, disruptionsAllowed: 0 },
      false,
    ],
  ];
  it('are not judged when Kubernetes could not compute their figures', () => {
    const status = { desiredHealthy: 3, expectedPods: 3, syncFailure: 'found no controller ref for pod "solo-0"' };
    assert.equal(isPermanentlyBlocking(aBudget(status)), false);
  });
  for (const [title, status, expected] of never) {
    it(title, () => assert.equal(isPermanentlyBlocking(aBudget(status)), expected));
  }
});

describe('a budget without room', () => {
  const { minAvailable: _, ...ruleless } = aBudget();
  const rules: [rule: string, budget: Budget, expected: number | undefined][] = [
    ['minAvailable 3', aBudget({ minAvailable: '3' }), 4],
    ['minAvailable 80%', aBudget({ minAvailable: '80%' }), 5],
    ['minAvailable 100%', aBudget({ minAvailable: '100%' }), undefined],
    ['maxUnavailable 0', { ...ruleless, maxUnavailable: '0' }, undefined],
    ['maxUnavailable 0%', { ...ruleless, maxUnavailable: '0%' }, undefined],
  ];
  for (const [rule, budget, expected] of rules) {
    it(`${expected === undefined ? 'gets none by any number of pods' : `gets some from ${expected} pods on`} under ${rule}`, () =>
      assert.equal(podsForRoom(budget), expected));
  }

  it('#71 gets some from the smallest number of pods of which the share, rounded up, is not all', () => {
    for (let percent = 0; percent < 100; percent += 1) {
      let pods = 1;
      while (Math.ceil((pods * percent) / 100) >= pods) pods += 1;
      assert.equal(podsForRoom(aBudget({ minAvailable: `${percent}%` })), pods, `${percent} %`);
    }
  });

  const short: Partial<Budget> = { disruptionsAllowed: 0, currentHealthy: 1 };
  const exact: Partial<Budget> = { disruptionsAllowed: 0, currentHealthy: 2 };
  const cases: [title: string, budget: Partial<Budget>, pod: Partial<Pod>, expected: boolean][] = [
    ['forbids the eviction of a Ready pod', exact, {}, true],
    ['forbids nothing while it allows a disruption', { disruptionsAllowed: 1 }, {}, false],
    ['lets a pod go that has not started', short, { phase: 'Pending', isReady: false }, false],
    ['lets a pod go that is stopping', short, { deletionDeadlineAt: '2026-01-15T12:00:30Z' }, false],
    ['lets an unready pod go when enough others are healthy', exact, { isReady: false }, false],
    ['forbids the eviction of an unready pod when too few others are', short, { isReady: false }, true],
    [
      'forbids the eviction of an unready pod when it needs none and has none',
      { ...short, desiredHealthy: 0 },
      { isReady: false },
      true,
    ],
    [
      'lets an unready pod go in any case when it says so',
      { ...short, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
      { isReady: false },
      false,
    ],
    [
      'forbids the eviction of a Ready pod all the same then',
      { ...exact, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
      {},
      true,
    ],
  ];
  for (const [title, budget, pod, expected] of cases) {
    it(title, () => assert.equal(forbidsEviction(aBudget(budget), aPod(pod)), expected));
  }
});
