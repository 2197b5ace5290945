import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nearest } from '../../../domain/input/nearest.ts';

const KEYS = ['clusterName', 'nodegroupName', 'autoScalingGroupName', 'engine', 'force', 'alarms'];

describe('nearest', () => {
  const cases: [title: string, word: string, candidates: readonly string[], expected: string | undefined][] = [
    ['finds a word with a letter missing', 'clusterNme', KEYS, 'clusterName'],
    ['finds a word with a letter too many', 'nodegrouppName', KEYS, 'nodegroupName'],
    ['finds a word with a wrong letter', 'engime', KEYS, 'engine'],
    ['finds a word with two letters swapped', 'froce', KEYS, 'force'],
    ['does not care for case', 'CLUSTERNAME', KEYS, 'clusterName'],
    ['finds a word that was cut short by a third', 'autoScalingGroup', KEYS, 'autoScalingGroupName'],
    ['finds the closer of two candidates', 'nodegroupNames', ['nodegroup1Name2', 'nodegroupName'], 'nodegroupName'],
    ['takes the first of two that are equally close', 'cat', ['bat', 'hat'], 'bat'],
    ['finds the word itself', 'force', KEYS, 'force'],
    ['suggests nothing when nothing is close', 'subnets', KEYS, undefined],
    ['suggests nothing when more than a third is missing', 'autoScaling', ['autoScalingGroupName'], undefined],
    ['suggests nothing when there is nothing to suggest', 'force', [], undefined],
  ];
  for (const [title, word, candidates, expected] of cases) {
    it(title, () => assert.equal(nearest(word, candidates), expected));
  }

  it('finds every known key again after any one edit', () => {
    const edit = fc.record({
      key: fc.constantFrom(...KEYS),
      at: fc.nat(19),
      letter: fc.constantFrom('', 'x', 'Q', '7'),
    });
    fc.assert(
      fc.property(edit, ({ key, at, letter }) => {
        const position = at % key.length;
        assert.equal(nearest(key.slice(0, position) + letter + key.slice(position + 1), KEYS), key);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
