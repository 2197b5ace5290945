import assert from 'node:assert/strict';
import type { DrainDecision } from '../../../domain/drain/drain.ts';
import { sentenceOf } from '../../../domain/drain/drain-sentence.ts';
import type { BlockingPod } from '../../../domain/state.ts';
import { NOW_AT } from '../builders.ts';

const BLOCKING: BlockingPod = {
  namespace: 'shop',
  name: 'cart',
  reason: 'unmanaged',
  detail: 'no controller owns it',
  advice: 'delete it yourself',
};

const inWords = (rule: DrainDecision['rule'], blockingPods: readonly BlockingPod[] = []) => {
  const decision: DrainDecision = {
    status: 'blocked',
    rule,
    isComplete: true,
    remaining: 0,
    stopping: [],
    rest: [],
    obstacles: [],
  };
  return sentenceOf(decision, { nodeName: 'ip-1', waitedSeconds: 900, blockingPods, nowAt: NOW_AT, mostPods: 20 });
};

describe('a decision about a drain, in words', () => {
  const rows: [rule: DrainDecision['rule'], sentence: string][] = [
    ['comesBack', 'node ip-1 counts as drained: the pods left on it come back after every eviction'],
    ['gone', 'node ip-1 is listed again, as its pods were gone before they were evicted'],
    ['volumesAttached', 'node ip-1 has no pods left, and waits for its volumes to be detached'],
    ['empty', 'node ip-1 is drained'],
    ['graceOver', 'node ip-1 counts as drained: its last pods have outlived their grace period'],
    ['force', 'node ip-1 was not drained within 900 s, so the pods left on it are deleted'],
    ['cannotMove', 'node ip-1 cannot be drained'],
    ['timeIsOver', 'node ip-1 was not drained within 900 s'],
    ['budget', 'node ip-1 waits until a PodDisruptionBudget allows evictions'],
    ['stopping', 'node ip-1 waits for pods that are stopping'],
  ];
  for (const [rule, sentence] of rows) {
    it(`says for rule ${rule}: ${sentence}`, () => assert.equal(inWords(rule), sentence));
  }

  it('names every pod that blocks the node, with what to do', () =>
    assert.equal(
      inWords('timeIsOver', [BLOCKING]),
      'node ip-1 was not drained within 900 s: pod shop/cart blocks the drain: no controller owns it. To do: delete it yourself.',
    ));
});
