import assert from 'node:assert/strict';
import { estimate, estimateUpdate } from '../../../domain/plan/estimate.ts';

type Facts = Parameters<typeof estimate>[0];

/** 30 nodes, 3 at a time: 10 rounds. */
const demo: Facts = {
  outdated: 30,
  parallelism: 3,
  surge: 6,
  updateStrategy: 'DEFAULT',
  cordonWaitSeconds: 60,
  drainTimeoutSeconds: 900,
  longestGraceSeconds: 30,
};

describe('estimate', () => {
  const durations: [string, Partial<Facts>, number][] = [
    ['is one boot, then a round for each set of nodes', {}, 120 + 10 * (30 + 60)],
    ['rounds a last, incomplete set up to a whole round', { outdated: 31 }, 120 + 11 * (30 + 60)],
    ['is shorter without a wait after the cordon', { cordonWaitSeconds: 0 }, 120 + 10 * 30],
    ['takes half of a long grace period', { longestGraceSeconds: 600 }, 120 + 10 * (300 + 60)],
    ['never takes longer over pods than a drain may last', { longestGraceSeconds: 36_000 }, 120 + 10 * (900 + 60)],
    ['keeps to a drain timeout below the typical time', { drainTimeoutSeconds: 10 }, 120 + 10 * (10 + 60)],
    [
      'adds a boot to every round under MINIMAL, where replacements come afterwards',
      { updateStrategy: 'MINIMAL', surge: 0 },
      120 + 10 * (30 + 60 + 120),
    ],
    [
      'adds a wait after the cordon for each set of surge nodes that replace none',
      { outdated: 1, parallelism: 1, surge: 11 },
      120 + (30 + 60) + 10 * 60,
    ],
    ['is nothing when nothing is outdated', { outdated: 0, parallelism: 1, surge: 0 }, 0],
    ['is a boot and no rounds when no node may be taken', { parallelism: 0 }, 120],
  ];
  for (const [title, facts, seconds] of durations) {
    it(`duration: ${title}`, () => assert.equal(estimate({ ...demo, ...facts }).durationSeconds, seconds));
  }

  const costs: [
    string,
    Partial<Facts>,
    Pick<ReturnType<typeof estimate>, 'extraInstanceHours' | 'stateTransitions' | 'stepFunctionsUsd'>,
  ][] = [
    [
      'counts surge nodes for the whole run, and what Step Functions charges',
      {},
      { extraInstanceHours: 1.7, stateTransitions: 285, stepFunctionsUsd: 0.0071 },
    ],
    [
      'counts three more states for every 40 s that a drain takes',
      { longestGraceSeconds: 160 },
      { extraInstanceHours: 2.5, stateTransitions: 471, stepFunctionsUsd: 0.0118 },
    ],
    [
      'costs no instance-hours without a surge',
      { updateStrategy: 'MINIMAL', surge: 0 },
      { extraInstanceHours: 0, stateTransitions: 300, stepFunctionsUsd: 0.0075 },
    ],
    [
      'costs next to nothing when there is nothing to do',
      { outdated: 0, surge: 0 },
      { extraInstanceHours: 0, stateTransitions: 3, stepFunctionsUsd: 0.0001 },
    ],
  ];
  for (const [title, facts, cost] of costs) {
    it(`cost: ${title}`, () => {
      const { extraInstanceHours, stateTransitions, stepFunctionsUsd } = estimate({ ...demo, ...facts });
      assert.deepEqual({ extraInstanceHours, stateTransitions, stepFunctionsUsd }, cost);
    });
  }

  it('says what it rests on', () =>
    assert.equal(
      estimate(demo).assumptions,
      '10 rounds of 30 s until the pods have left and 60 s after the cordon, 120 s for a boot, no pod blocked by a budget',
    ));
});

describe('the estimate of an update by EKS', () => {
  const facts = { outdated: 6, parallelism: 1, surge: 6, updateStrategy: 'DEFAULT' as const, longestGraceSeconds: 30 };
  const cases: [title: string, changes: Partial<Parameters<typeof estimateUpdate>[0]>, seconds: number][] = [
    ['adds a boot, a round for each node, and the way back node by node', {}, 120 + 6 * 90 + 6 * 45],
    ['takes fewer rounds with more at a time', { parallelism: 3 }, 120 + 2 * 90 + 6 * 45],
    [
      'waits for each replacement with MINIMAL, and has nothing to take back',
      { updateStrategy: 'MINIMAL', surge: 0 },
      6 * 210,
    ],
    ['counts half of a long grace period, up to what EKS waits', { longestGraceSeconds: 7200 }, 120 + 6 * 960 + 6 * 45],
    ['is over at once when nothing is outdated', { outdated: 0, surge: 0 }, 0],
  ];
  for (const [title, changes, seconds] of cases) {
    it(title, () => assert.equal(estimateUpdate({ ...facts, ...changes }).durationSeconds, seconds));
  }

  it('costs what its looks cost, and surge nodes for as long as they stay', () => {
    const { stateTransitions, extraInstanceHours } = estimateUpdate(facts);
    assert.deepEqual([stateTransitions, extraInstanceHours], [8 + 3 * 23, 1.4]);
  });
});
