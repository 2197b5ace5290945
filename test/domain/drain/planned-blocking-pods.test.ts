import assert from 'node:assert/strict';
import { findBlockingPods } from '../../../domain/drain/planned-blocking-pods.ts';
import type { BlockingPod, Run } from '../../../domain/state.ts';
import type { Budget, Pod } from '../../../domain/types.ts';
import { aBarePod, aBudget, aPod } from '../builders.ts';

type Settings = Pick<Run, 'drainTimeoutSeconds' | 'pods'>;
const exhausted = (overrides: Partial<Budget> = {}) =>
  aBudget({ disruptionsAllowed: 0, currentHealthy: 2, ...overrides });

describe('findBlockingPods', () => {
  const settings: Settings = { drainTimeoutSeconds: 900, pods: { unmanaged: 'evict', localStorage: 'evict' } };
  const strict: Settings = { drainTimeoutSeconds: 900, pods: { unmanaged: 'refuse', localStorage: 'refuse' } };
  const cases: [string, Pod, readonly Budget[], Settings, BlockingPod['reason'] | undefined][] = [
    ['finds nothing wrong with an ordinary pod', aPod(), [aBudget()], settings, undefined],
    ['finds a pod whose budget allows nothing', aPod(), [exhausted()], settings, 'budget'],
    [
      'finds a pod that two budgets select, though both allow a disruption',
      aPod(),
      [aBudget(), aBudget({ name: 'two' })],
      strict,
      'moreThanOneBudget',
    ],
    ['finds a bare pod when bare pods are refused', aBarePod(), [], strict, 'unmanaged'],
    ['lets a bare pod go by default', aBarePod(), [], settings, undefined],
    [
      'finds a pod with emptyDir data when that is refused',
      aPod({ hasLocalStorage: true }),
      [],
      strict,
      'localStorage',
    ],
    ['lets emptyDir data go by default', aPod({ hasLocalStorage: true }), [], settings, undefined],
    [
      'finds a pod that may take longer to stop than a drain may last',
      aPod({ gracePeriodSeconds: 901 }),
      [],
      settings,
      'gracePeriod',
    ],
    ['accepts a grace period as long as the drain timeout', aPod({ gracePeriodSeconds: 900 }), [], settings, undefined],
  ];
  for (const [title, pod, budgets, given, reason] of cases) {
    it(title, () =>
      assert.deepEqual(
        findBlockingPods([pod], budgets, given).map((pod) => pod.reason),
        reason === undefined ? [] : [reason],
      ),
    );
  }

  it('says which drain timeout a long grace period needs', () => {
    const [pod] = findBlockingPods([aPod({ gracePeriodSeconds: 3600 })], [], settings);
    assert.equal(pod?.detail, 'its grace period of 3600 s is longer than drainTimeoutSeconds 900');
    assert.equal(pod?.advice, 'set drainTimeoutSeconds to 3660 or more');
  });
});
