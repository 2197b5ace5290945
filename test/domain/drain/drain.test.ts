import assert from 'node:assert/strict';
import { type DrainDecision, decideDrainRound, obstaclesOf } from '../../../domain/drain/drain.ts';
import type { SortedPods } from '../../../domain/drain/pod-filters.ts';
import type { EvictionOutcome } from '../../../domain/types.ts';
import { aBarePod, aPod, aTerminatingPod, NOW_AT } from '../builders.ts';

const BEFORE = '2026-01-15T12:00:01.000Z';
const PAST = NOW_AT;
const EVICTED: EvictionOutcome = { status: 'evicted' };
const ABSENT: EvictionOutcome = { status: 'absent' };
const BLOCKED: EvictionOutcome = { status: 'blocked', message: 'the budget allows none' };
const AMBIGUOUS: EvictionOutcome = { status: 'ambiguous', message: 'two budgets' };
const LATER: EvictionOutcome = { status: 'later', retryAfterSeconds: 5 };

const STOPPING = aTerminatingPod('2026-01-15T12:00:20Z');
/** Has outlasted its grace period by the minute that `force` allows. */
const OVERDUE = aTerminatingPod('2026-01-15T11:59:00Z');
const NEARLY_OVERDUE = aTerminatingPod('2026-01-15T11:59:01Z');
const REFUSED = { pod: aBarePod(), refusal: 'unmanaged' } as const;
const RETURNED = aPod({ name: 'returned' });

/** A node whose pods answered their evictions so; `left` are those that were not evicted. */
const round = (answers: readonly EvictionOutcome[], left: Partial<SortedPods> = {}, volumes = 0) => {
  const evict = answers.map((_, index) => aPod({ uid: `uid-${index}`, name: `pod-${index}` }));
  return {
    nowAt: NOW_AT,
    pods: { evict, terminating: [], refused: [], returned: [], tolerating: [], presumedGone: [], ...left },
    answers: new Map(answers.map((answer, index) => [`uid-${index}`, answer])),
    attachedVolumes: Array.from({ length: volumes }, (_, index) => ({
      volume: `pv-${index}`,
      claim: `shop/data-${index}`,
      pod: `shop/db-${index}`,
    })),
  };
};

type Row = [
  title: string,
  round: ReturnType<typeof round>,
  deadlineAt: string,
  force: boolean,
  DrainDecision['status'],
  DrainDecision['rule'],
];

const ROWS: Row[] = [
  ['is drained when nothing is left', round([]), BEFORE, false, 'drained', 'empty'],
  [
    'is drained when only pods are left that tolerate the taint and come back',
    round([], { tolerating: [RETURNED] }),
    BEFORE,
    false,
    'drained',
    'empty',
  ],
  ['waits for volumes to be detached', round([], {}, 1), BEFORE, false, 'waitForVolumes', 'volumesAttached'],
  ['is drained at the deadline, attached volumes or not', round([], {}, 1), PAST, false, 'drained', 'empty'],
  ['waits for pods whose eviction was accepted', round([EVICTED]), BEFORE, false, 'waitForPods', 'stopping'],
  [
    'waits for pods that were stopping before',
    round([], { terminating: [STOPPING] }),
    BEFORE,
    false,
    'waitForPods',
    'stopping',
  ],
  [
    'lists again when the pods were gone before they were evicted',
    round([ABSENT, ABSENT]),
    BEFORE,
    false,
    'listAgain',
    'gone',
  ],
  [
    'waits for a pod that stops beside one that was gone',
    round([ABSENT, EVICTED]),
    BEFORE,
    false,
    'waitForPods',
    'stopping',
  ],
  [
    'is blocked at once by pods that come back after every eviction',
    round([], { returned: [RETURNED] }),
    BEFORE,
    false,
    'blocked',
    'cannotMove',
  ],
  [
    'lets stopping pods stop beside one that comes back',
    round([], { returned: [RETURNED], terminating: [STOPPING] }),
    BEFORE,
    false,
    'waitForPods',
    'stopping',
  ],
  [
    'evicts the other pods beside one that comes back',
    round([BLOCKED], { returned: [RETURNED] }),
    BEFORE,
    false,
    'waitForBudget',
    'budget',
  ],
  [
    'is drained, with force, when what is left comes back after every eviction',
    round([], { returned: [RETURNED] }),
    BEFORE,
    true,
    'drained',
    'comesBack',
  ],
  [
    'waits with force for a pod that stops beside one that comes back',
    round([], { returned: [RETURNED], terminating: [STOPPING] }),
    PAST,
    true,
    'deleteRest',
    'force',
  ],
  ['waits for a budget that allows nothing', round([BLOCKED]), BEFORE, false, 'waitForBudget', 'budget'],
  ['waits for a budget while other pods stop', round([EVICTED, BLOCKED]), BEFORE, false, 'waitForBudget', 'budget'],
  ['asks again when the API server says so', round([LATER]), BEFORE, false, 'waitForBudget', 'budget'],
  ['waits for a budget beside a pod with two', round([AMBIGUOUS, BLOCKED]), BEFORE, false, 'waitForBudget', 'budget'],
  ['is blocked at once by two budgets on every pod left', round([AMBIGUOUS]), BEFORE, false, 'blocked', 'cannotMove'],
  [
    'waits for the other pods first when one has two budgets',
    round([AMBIGUOUS, EVICTED]),
    BEFORE,
    false,
    'waitForBudget',
    'budget',
  ],
  ['is blocked at once by a refused pod', round([], { refused: [REFUSED] }), BEFORE, false, 'blocked', 'cannotMove'],
  [
    'lets stopping pods stop beside a refused pod',
    round([], { refused: [REFUSED], terminating: [STOPPING] }),
    BEFORE,
    false,
    'waitForPods',
    'stopping',
  ],
  ['is blocked at the deadline by a budget', round([BLOCKED]), PAST, false, 'blocked', 'timeIsOver'],
  [
    'is blocked at the deadline by a pod that stops',
    round([], { terminating: [STOPPING] }),
    PAST,
    false,
    'blocked',
    'timeIsOver',
  ],
  ['says "cannot move" rather than "time is over"', round([AMBIGUOUS]), PAST, false, 'blocked', 'cannotMove'],
  ['deletes nothing before the deadline, with force', round([BLOCKED]), BEFORE, true, 'waitForBudget', 'budget'],
  ['deletes at the deadline, with force', round([BLOCKED]), PAST, true, 'deleteRest', 'force'],
  [
    'gives even what cannot move until the deadline, with force',
    round([], { refused: [REFUSED] }),
    BEFORE,
    true,
    'waitForBudget',
    'budget',
  ],
  [
    'gives deleted pods their grace period',
    round([], { terminating: [NEARLY_OVERDUE] }),
    PAST,
    true,
    'deleteRest',
    'force',
  ],
  [
    'is drained when deleted pods outlast it by a minute',
    round([], { terminating: [OVERDUE] }),
    PAST,
    true,
    'drained',
    'graceOver',
  ],
  [
    'waits for overdue pods until the deadline, with force',
    round([], { terminating: [OVERDUE] }),
    BEFORE,
    true,
    'waitForPods',
    'stopping',
  ],
  ['waits for volumes with force too', round([], {}, 2), BEFORE, true, 'waitForVolumes', 'volumesAttached'],
];

describe('a round of a drain', () => {
  for (const [title, seen, deadlineAt, force, status, rule] of ROWS) {
    it(title, () => {
      const decision = decideDrainRound(seen, deadlineAt, { force });
      assert.deepEqual({ status: decision.status, rule: decision.rule }, { status, rule });
      assert.equal(decision.isComplete, status === 'drained' || status === 'blocked');
    });
  }

  it('names the pods to watch, to delete and to explain', () => {
    const seen = round([EVICTED, BLOCKED], { terminating: [STOPPING], tolerating: [RETURNED] });
    const [evicted, blocked] = seen.pods.evict;
    const decision = decideDrainRound(seen, PAST, { force: true });
    assert.deepEqual(decision.stopping, [STOPPING, evicted]);
    assert.deepEqual(decision.rest, [evicted, blocked]);
    assert.equal(decision.remaining, 3);
    assert.deepEqual(decision.obstacles, [
      { cause: 'eviction', pod: blocked, outcome: BLOCKED },
      { cause: 'terminating', pod: STOPPING },
    ]);
  });

  it('deletes refused pods as well, with force', () => {
    const decision = decideDrainRound(round([], { refused: [REFUSED] }), PAST, { force: true });
    assert.deepEqual(decision.rest, [REFUSED.pod]);
  });

  it('deletes nothing without force', () => {
    assert.deepEqual(decideDrainRound(round([BLOCKED]), PAST, { force: false }).rest, []);
  });
});

describe('an obstacle', () => {
  it('is also a pod whose eviction was never asked for', () => {
    const { pods } = round([BLOCKED]);
    assert.deepEqual(obstaclesOf(pods, new Map()), [{ cause: 'notAsked', pod: pods.evict[0] }]);
  });
});
