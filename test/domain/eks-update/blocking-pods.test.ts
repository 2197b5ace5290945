import assert from 'node:assert/strict';
import { podsLeftOn, withEksAdvice } from '../../../domain/eks-update/blocking-pods.ts';
import type { Budget, Pod } from '../../../domain/types.ts';
import { aBarePod, aBudget, aPod, NOW_AT } from '../builders.ts';

const NODE = { instanceId: 'i-0a', nodeName: 'node-a' };
const STARTED_AT = '2026-01-15T11:55:00.000Z';
const left = (pods: readonly Pod[], budgets: readonly Budget[] = []) =>
  podsLeftOn(NODE, pods, budgets, { drainStartedAt: STARTED_AT, nowAt: NOW_AT });
const exhausted = (overrides: Partial<Budget> = {}) => aBudget({ disruptionsAllowed: 0, ...overrides });

describe('what is left on a node that EKS drains', () => {
  it('is nothing but what a drain leaves alone', () =>
    assert.deepEqual(
      left([aPod({ owner: { kind: 'DaemonSet', name: 'aws-node', uid: 'd' } }), aPod({ isMirror: true })]),
      {
        left: 0,
        blockingPods: [],
        free: [],
      },
    ));

  it('is held by a budget that allows nothing, with the node it is on', () => {
    const found = left([aPod()], [exhausted()]);
    assert.deepEqual([found.left, found.free], [1, []]);
    const [blockingPods] = found.blockingPods;
    assert.deepEqual(
      [blockingPods?.reason, blockingPods?.budget, blockingPods?.instanceId, blockingPods?.nodeName],
      ['budget', 'shop/checkout', 'i-0a', 'node-a'],
    );
  });

  it('is held by nothing that anybody can see while its budget allows a disruption', () => {
    const found = left([aPod()], [aBudget()]);
    assert.deepEqual(found, { left: 1, blockingPods: [], free: ['shop/checkout-6d4b75cb6d-abcde'] });
  });

  it('is held by two budgets, whatever they allow', () =>
    assert.equal(left([aPod()], [aBudget(), aBudget({ name: 'other' })]).blockingPods[0]?.reason, 'moreThanOneBudget'));

  it('is evicted by EKS although it has no controller and keeps data on the node', () =>
    assert.deepEqual(left([aBarePod({ hasLocalStorage: true })]).blockingPods, []));

  const stopping: [title: string, deletionDeadlineAt: string, isBlocked: boolean][] = [
    ['within its grace period holds nothing up', '2026-01-15T12:00:20.000Z', false],
    ['and is being killed at the end of its grace period holds nothing up', '2026-01-15T11:59:50.000Z', false],
    ['well past its grace period does', '2026-01-15T11:59:00.000Z', true],
    ['until after EKS gives up does', '2026-01-15T12:11:00.000Z', true],
  ];
  for (const [title, deletionDeadlineAt, isBlocked] of stopping) {
    it(`a pod that is stopping ${title}`, () => {
      const found = left([aPod({ deletionDeadlineAt })]);
      assert.deepEqual([found.left, found.blockingPods.length], [1, isBlocked ? 1 : 0]);
    });
  }

  it('a pod that came back in spite of the taint is held since the drain began, and EKS waits for it', () => {
    const found = left([aPod({ tolerations: [{ operator: 'Exists' }], createdAt: '2026-01-15T11:58:00Z' })]);
    assert.deepEqual(
      [found.left, found.blockingPods[0]?.reason, found.blockingPods[0]?.sinceAt],
      [1, 'toleratesEveryTaint', STARTED_AT],
    );
    assert.match(found.blockingPods[0]?.advice ?? '', /EKS evicts it again and again, and gives up after 15 minutes/);
  });
});

describe('advice while EKS drains', () => {
  const blockingPods = { namespace: 'shop', name: 'web', detail: 'it is', advice: 'let drainTimeoutSeconds be longer' };

  it('names no setting that EKS does not have', () => {
    for (const reason of ['gracePeriod', 'terminating'] as const) {
      assert.match(withEksAdvice({ ...blockingPods, reason }).advice, /less than 900 s, which is all that EKS waits/);
    }
  });

  it('is left alone where it holds for both', () => {
    const stuck = { ...blockingPods, reason: 'terminating' as const, advice: 'look for a finalizer on the pod' };
    assert.equal(withEksAdvice(stuck), stuck);
    const budget = { ...blockingPods, reason: 'budget' as const, advice: 'relax the budget' };
    assert.equal(withEksAdvice(budget), budget);
  });
});
