import assert from 'node:assert/strict';
import { type AdmissionFacts, admit } from '../../../domain/admission/admit.ts';
import { GATES } from '../../../domain/admission/gates.ts';
import { aRun } from '../builders.ts';
import { parkedNode, someFacts } from './facts-builder.ts';

/** What a gate says, in short. */
function told(name: string, facts: AdmissionFacts): string {
  const gate = GATES[name]?.(facts);
  return gate === undefined
    ? 'open'
    : [gate.reaction, gate.error, gate.reason, gate.untilAt].filter(Boolean).join(' | ');
}

const canary = { nodes: 2, bakeSeconds: 300 };
const memory = (overrides: object) => ({ memory: { ...someFacts().accounts.memory, ...overrides } });

const cases: [gate: string, title: string, facts: AdmissionFacts, expected: string][] = [
  ['lockLost', 'is open to the run that holds the record', someFacts(), 'open'],
  [
    'lockLost',
    'stops a run whose record another one holds',
    someFacts({ holder: 'arn:other' }),
    'stop | LockLost | arn:other holds the lock of workers now',
  ],
  [
    'lockLost',
    'stops a run whose record nobody holds any more',
    someFacts({ holder: undefined }),
    'stop | LockLost | nobody holds the lock of workers now',
  ],
  [
    'halted',
    'stops at once',
    someFacts({ orders: { halt: 'wrong AMI' } }),
    'stop | UpgradeCancelled | stopped at once by an operator: wrong AMI',
  ],
  [
    'fatal',
    'ends the run for what no second attempt mends',
    someFacts({}, memory({ fatal: { error: 'AccessDenied', cause: 'may not evict' } })),
    'finish | AccessDenied | may not evict',
  ],
  [
    'cancelled',
    'lets nodes in hand finish',
    someFacts({ orders: { cancel: 'not today' } }),
    'finish | UpgradeCancelled | cancelled by an operator: not today',
  ],
  [
    'blocked',
    'goes on after one blocked node',
    someFacts({}, { parked: [parkedNode('i-0')], ...memory({ blockedInRow: 1 }) }),
    'open',
  ],
  [
    'blocked',
    'halts after two in a row, one at a time',
    someFacts({}, { parked: [parkedNode('i-0')], ...memory({ blockedInRow: 2 }) }),
    'finish | PodEvictionFailure | 2 in a row, so the run stopped before it tried the others',
  ],
  [
    'blocked',
    'halts after as many in a row as are taken at a time',
    someFacts({ run: aRun({ parallelism: 5 }) }, memory({ blockedInRow: 4 })),
    'open',
  ],
  [
    'blocked',
    'stops at the first with failurePolicy halt',
    someFacts({ run: aRun({ failurePolicy: 'halt' }) }, { parked: [parkedNode('i-0')] }),
    'finish | PodEvictionFailure | the first one stops the run, as failurePolicy "halt" says',
  ],
  [
    'alarm',
    'ends the run, naming the alarms',
    someFacts({ alarms: ['latency', 'errors'] }),
    'finish | AlarmTriggered | in ALARM: latency, errors',
  ],
  [
    'refreshed',
    '#22 ends the run: nodes would go without a drain',
    someFacts({ isRefreshed: true }),
    'finish | NotConverging | an instance refresh of workers has begun, which replaces instances without draining their nodes: cancel it, or wait for it',
  ],
  [
    'paused',
    'waits for the operator',
    someFacts({ orders: { pause: 'lunch' } }),
    'wait | paused by an operator: lunch',
  ],
  [
    'baking',
    'waits until the canary has been observed',
    someFacts({ run: aRun({ canary }) }, memory({ canaryBakesUntil: '2026-01-15T12:05:00.000Z' })),
    'wait | the canary nodes are observed | 2026-01-15T12:05:00.000Z',
  ],
  [
    'baking',
    'is open at that instant',
    someFacts(
      { run: aRun({ canary }), nowAt: '2026-01-15T12:05:00.000Z' },
      memory({ canaryBakesUntil: '2026-01-15T12:05:00.000Z' }),
    ),
    'open',
  ],
  [
    'canaryBlocked',
    'ends a run whose canary cannot fill its number',
    someFacts(
      { run: aRun({ canary }) },
      { parked: [parkedNode('i-0'), parkedNode('i-1'), parkedNode('i-2')], ...memory({ upgraded: 1 }) },
    ),
    'finish | PodEvictionFailure | only 1 of 2 canary nodes could be upgraded',
  ],
  [
    'canaryBlocked',
    'is open while other nodes are left to try',
    someFacts({ run: aRun({ canary }) }, { parked: [parkedNode('i-0')] }),
    'open',
  ],
  [
    'canaryBlocked',
    'is open once the canary is full',
    someFacts(
      { run: aRun({ canary }) },
      { parked: [parkedNode('i-0'), parkedNode('i-1'), parkedNode('i-2')], ...memory({ upgraded: 2 }) },
    ),
    'open',
  ],
];

describe('gates', () => {
  for (const [gate, title, facts, expected] of cases) {
    it(`${gate} ${title}`, () => assert.equal(told(gate, facts), expected));
  }

  it('has a case for every gate', () => {
    assert.deepEqual(
      Object.keys(GATES).filter((name) => !cases.some(([gate]) => gate === name)),
      [],
    );
  });

  it('are all open at the beginning', () => {
    assert.deepEqual(
      Object.keys(GATES).filter((name) => told(name, someFacts()) !== 'open'),
      [],
    );
  });
});

describe('admit at a gate', () => {
  const inHand = { inHand: 1 };
  const decided = (facts: AdmissionFacts) => {
    const admission = admit(facts);
    return 'error' in admission
      ? `${admission.kind} ${admission.error}`
      : 'rule' in admission
        ? `${admission.kind} ${admission.rule}`
        : admission.kind;
  };
  const cases: [title: string, facts: AdmissionFacts, expected: string][] = [
    [
      'lets what is in hand finish before it ends a cancelled run',
      someFacts({ orders: { cancel: 'x' }, ...inHand }),
      'wait cancelled',
    ],
    ['ends a cancelled run when nothing is in hand', someFacts({ orders: { cancel: 'x' } }), 'stop UpgradeCancelled'],
    [
      'does not wait for anything under halt',
      someFacts({ orders: { halt: 'x', pause: 'y' }, ...inHand }),
      'stop UpgradeCancelled',
    ],
    [
      'obeys halt before cancel before pause',
      someFacts({ orders: { cancel: 'x', pause: 'y' } }),
      'stop UpgradeCancelled',
    ],
    [
      'says that an operator paused it rather than that an alarm rings later',
      someFacts({ orders: { pause: 'y' } }),
      'wait paused',
    ],
    [
      'is done although it is paused: nothing is left to take',
      someFacts({ orders: { pause: 'y' }, outdated: [] }, { surge: 0, wish: 6 }),
      'done',
    ],
    [
      'is done although it was cancelled too late',
      someFacts({ orders: { cancel: 'y' }, outdated: [] }, { surge: 0, wish: 6 }),
      'done',
    ],
    [
      'is not done for a run that has lost the record',
      someFacts({ holder: 'arn:other', outdated: [] }, { surge: 0, wish: 6 }),
      'stop LockLost',
    ],
    ['takes a node when every gate is open', someFacts(), 'take'],
  ];
  for (const [title, facts, expected] of cases) it(title, () => assert.equal(decided(facts), expected));
});
