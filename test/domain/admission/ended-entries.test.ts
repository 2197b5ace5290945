import assert from 'node:assert/strict';
import {
  closeEnded,
  type EntryEnd,
  type EntryFacts,
  endOfEntry,
  pendingDecrements,
} from '../../../domain/admission/ended-entries.ts';
import { IN_HAND_ANNOTATION, writeInHand } from '../../../domain/drain/in-hand.ts';
import { aNode, NOW_AT } from '../builders.ts';
import { accountsWith, aHeldEntry } from './entry-builders.ts';

const NOW = new Date(NOW_AT);
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000).toISOString();
const ended = (stoppedAgo: number, result?: object) => ({
  status: result === undefined ? 'ABORTED' : 'SUCCEEDED',
  stoppedAt: ago(stoppedAgo),
  ...(result !== undefined && { output: JSON.stringify({ instanceId: 'i-1', ...result }) }),
});
const node = aNode({ instanceId: 'i-1' });
const terminating = aNode({
  instanceId: 'i-1',
  annotations: { [IN_HAND_ANNOTATION]: writeInHand({ execution: 'x', phase: 'terminating', since: NOW_AT }) },
});

describe('an entry whose conductor is gone', () => {
  const cases: [title: string, facts: Omit<EntryFacts, 'now'>, state: 'inHand' | 'leaving', EntryEnd['kind']][] = [
    [
      'is kept while its execution runs, which finishes the node',
      { execution: { status: 'RUNNING' }, lifecycleState: 'InService', node },
      'inHand',
      'kept',
    ],
    [
      'is given up when its execution was stopped in mid-drain: the node is reopened',
      { execution: ended(1), lifecycleState: 'InService', node },
      'inHand',
      'reopened',
    ],
    [
      'is given up when its node was blocked',
      { execution: ended(1, { outcome: 'blocked' }), lifecycleState: 'InService', node },
      'inHand',
      'reopened',
    ],
    [
      'is kept while its instance shuts down',
      { execution: ended(400, { outcome: 'upgraded' }), lifecycleState: 'Terminating:Wait', node },
      'leaving',
      'kept',
    ],
    [
      'is kept for a while when a termination was asked for and does not show yet',
      { execution: ended(60, { outcome: 'upgraded' }), lifecycleState: 'InService', node },
      'inHand',
      'kept',
    ],
    [
      'is kept for a while when its execution was stopped after it had said that it terminates',
      { execution: ended(60), lifecycleState: 'InService', node: terminating },
      'inHand',
      'kept',
    ],
    [
      'is given up when a termination that was asked for has not shown after ten minutes',
      { execution: ended(601), lifecycleState: 'InService', node },
      'leaving',
      'reopened',
    ],
    [
      'ends when instance and Node have left',
      { execution: ended(91), lifecycleState: undefined, node: undefined },
      'leaving',
      'left',
    ],
    [
      'is kept while the answer that its instance has left may be an old one',
      { execution: ended(30), lifecycleState: undefined, node: undefined },
      'leaving',
      'kept',
    ],
    ['is kept while its Node is there', { execution: ended(600), lifecycleState: undefined, node }, 'leaving', 'kept'],
  ];
  for (const [title, facts, state, kind] of cases) {
    it(title, () => {
      const entry = aHeldEntry({ instanceId: 'i-1', state, since: ago(650), admittedAt: ago(700) });
      assert.equal(endOfEntry(entry, { ...facts, now: NOW }).kind, kind);
    });
  }

  for (const [title, seconds, kind] of [
    ['is kept for ten minutes: a late conductor may still start it', 599, 'kept'],
    ['is void after ten minutes', 601, 'reopened'],
  ] as const) {
    it(`that was never started ${title}`, () => {
      const entry = aHeldEntry({ instanceId: 'i-1', admittedAt: ago(seconds) });
      const facts = { execution: undefined, lifecycleState: 'InService', node, now: NOW };
      assert.equal(endOfEntry(entry, facts).kind, kind);
    });
  }

  it('is not misled by an output that cannot be read', () => {
    const execution = { status: 'SUCCEEDED', output: '{', stoppedAt: ago(1) };
    const facts = { execution, lifecycleState: 'InService', node, now: NOW };
    assert.equal(endOfEntry(aHeldEntry({ instanceId: 'i-1' }), facts).kind, 'reopened');
  });
});

describe('closing an entry', () => {
  const accounts = { ...accountsWith([aHeldEntry({ instanceId: 'i-1', decrement: true })]), surge: 2 };

  for (const [title, decrement, surge] of [
    ['gives the surge back when the decrement did not happen', 'no', 3],
    ['gives the surge back when the minimum forbade it', 'atMinimum', 3],
    ['leaves the surge when it happened', 'yes', 2],
    ['leaves the surge when nobody knows', 'unknown', 2],
  ] as const) {
    it(title, () => {
      const after = closeEnded(accounts, 'i-1', decrement);
      assert.deepEqual([after.entries, after.surge], [[], surge]);
    });
  }

  it('says how many decrements are still under way', () => {
    assert.equal(pendingDecrements(accounts), 1);
    assert.equal(pendingDecrements(closeEnded(accounts, 'i-1', 'yes')), 0);
  });
});
