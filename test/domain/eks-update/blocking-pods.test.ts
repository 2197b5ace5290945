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
  it('leaves out what a drain ignores', () =>
    assert.deepEqual(
      left([aPod({ owner: { kind: 'DaemonSet', name: 'aws-node', uid: 'd' } }), aPod({ isMirror: true })]),
      {
        left: 0,
        terminating: 0,
        blockingPods: [],
        free: [],
      },
    ));

  it('is blocked by a budget that allows nothing, with the node it is on', () => {
    const found = left([aPod()], [exhausted()]);
    assert.deepEqual([found.left, found.free], [1, []]);
    const [blockingPod] = found.blockingPods;
    assert.deepEqual(
      [blockingPod?.reason, blockingPod?.budget, blockingPod?.instanceId, blockingPod?.nodeName],
      ['budget', 'shop/checkout', 'i-0a', 'node-a'],
    );
  });

  it('is not blocked, as far as can be seen, while its budget allows a disruption', () => {
    const found = left([aPod()], [aBudget()]);
    assert.deepEqual(found, { left: 1, terminating: 0, blockingPods: [], free: ['shop/checkout-6d4b75cb6d-abcde'] });
  });

  it('is blocked by two budgets, whatever they allow', () =>
    assert.equal(left([aPod()], [aBudget(), aBudget({ name: 'other' })]).blockingPods[0]?.reason, 'moreThanOneBudget'));

  it('is evicted by EKS although it has no controller and keeps data on the node', () =>
    assert.deepEqual(left([aBarePod({ hasLocalStorage: true })]).blockingPods, []));

  const stopping: [title: string, deletionDeadlineAt: string, isBlocked: boolean][] = [
    ['within its grace period does not block', '2026-01-15T12:00:20.000Z', false],
    ['and is being killed at the end of its grace period does not block', '2026-01-15T11:59:50.000Z', false],
    ['well past its grace period blocks', '2026-01-15T11:59:00.000Z', true],
    ['until after EKS gives up blocks', '2026-01-15T12:11:00.000Z', true],
  ];
  for (const [title, deletionDeadlineAt, isBlocked] of stopping) {
    it(`a pod that is stopping ${title}`, () => {
      const found = left([aPod({ deletionDeadlineAt })]);
      assert.deepEqual([found.left, found.blockingPods.length], [1, isBlocked ? 1 : 0]);
    });
  }

  it('a pod that came back in spite of the taint blocks since the drain began, and EKS waits for it', () => {
    const found = left([aPod({ tolerations: [{ operator: 'Exists' }], createdAt: '2026-01-15T11:58:00Z' })]);
    assert.deepEqual(
      [found.left, found.blockingPods[0]?.reason, found.blockingPods[0]?.sinceAt],
      [1, 'toleratesEveryTaint', STARTED_AT],
    );
    assert.match(found.blockingPods[0]?.advice ?? '', /EKS evicts it again and again, and gives up after 15 minutes/);
  });
});

describe('advice while EKS drains', () => {
  const blockingPod = { namespace: 'shop', name: 'web', detail: 'it is', advice: 'let drainTimeoutSeconds be longer' };
  const stopping = (deletionDeadlineAt: string) => left([aPod({ deletionDeadlineAt })]).blockingPods[0]?.advice ?? '';

  it('names no setting that EKS does not have', () => {
    const { advice } = withEksAdvice({ ...blockingPod, reason: 'gracePeriod' });
    for (const text of [advice, stopping('2026-01-15T12:11:00.000Z')]) {
      assert.match(text, /^shorten it to less than 900 s, which is all that EKS waits/);
    }
  });

  it('is the same where it helps with both engines', () => {
    assert.match(stopping('2026-01-15T11:59:00.000Z'), /^check for a finalizer on the pod/);
    const budget = { ...blockingPod, reason: 'budget' as const, advice: 'relax the budget' };
    assert.equal(withEksAdvice(budget), budget);
  });
});
