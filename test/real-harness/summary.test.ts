import assert from 'node:assert/strict';
import {
  closingTally,
  countDifferences,
  countOnBothSides,
  summaryTable,
  type TestResult,
} from '../real/harness/summary.ts';

const result = (hasPassed: boolean, ...titles: string[]): TestResult => ({ titles, hasPassed });

describe('the summary of the tests against real services', () => {
  const cases: [string, TestResult[], number][] = [
    [
      'counts a behaviour that passed on both sides',
      [result(true, 'the sandbox', 'eviction', 'is held'), result(true, 'Kubernetes', 'eviction', 'is held')],
      1,
    ],
    [
      'does not count one that failed on a side',
      [result(true, 'the sandbox', 'eviction', 'is held'), result(false, 'Kubernetes', 'eviction', 'is held')],
      0,
    ],
    ['does not count one that was checked on one side alone', [result(true, 'Kubernetes', 'eviction', 'is held')], 0],
    [
      'distinguishes behaviours of different chapters',
      [result(true, 'the sandbox', 'eviction', 'answers'), result(true, 'Kubernetes', 'patches', 'answers')],
      0,
    ],
    [
      'does not count two plain tests of the same name as a behaviour',
      [result(true, 'the control plane', 'answers'), result(true, 'moto', 'answers')],
      0,
    ],
  ];
  for (const [title, results, expected] of cases) {
    it(title, () => assert.equal(countOnBothSides(results), expected));
  }

  it('counts a difference for each heading of the third level', () => {
    assert.equal(countDifferences('# Fidelity\n\n## Kubernetes\n\n### One\n\ntext ### not\n\n### Two\n'), 2);
  });

  it('says what was checked and how long each part took', () => {
    const durations = [
      ['preparing', 240],
      ['tests', 90],
    ] as const;
    assert.equal(
      summaryTable({ onBothSides: 61, differences: 7, durations }),
      [
        '  behaviours checked on both sides             61',
        '  differences left (docs/sandbox-fidelity.md)  7',
        '  minutes used                                 5.5 (preparing 4.0, tests 1.5)',
      ].join('\n'),
    );
  });

  it('uses the last closing line', () => {
    assert.deepEqual(closingTally('3 passed, 0 failed\nmore\n12 passed, 1 failed\n'), { passed: 12, failed: 1 });
  });

  it('finds no closing line in a run that broke', () => {
    assert.equal(closingTally('  1 passed, 2 failed of many\n'), undefined);
  });
});
