import assert from 'node:assert/strict';
import { type LicenceClaim, refusalOfLateBegin, refusalOfLicence } from '../../../domain/admission/licence.ts';
import type { GroupRecord } from '../../../domain/admission/record.ts';
import { NOW_AT } from '../builders.ts';
import { aHeldEntry, anEntry, aRecord, executionOf } from './entry-builders.ts';

const later = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();

const claim = (overrides: Partial<LicenceClaim> = {}): LicenceClaim => ({
  autoScalingGroupName: 'workers',
  execution: executionOf(),
  node: anEntry(),
  states: ['inHand'],
  ...overrides,
});

describe('the licence of a node execution', () => {
  const rows: [title: string, record: GroupRecord | undefined, claim: LicenceClaim, refusal: RegExp | undefined][] = [
    ['is its entry in hand', aRecord([aHeldEntry()]), claim(), undefined],
    ['is missing without a record', undefined, claim(), /^There is no record of an upgrade of group workers\.$/],
    [
      'is missing when it was started by hand, with no entry',
      aRecord([]),
      claim(),
      /^The record has no entry for execution workers-\S+ and instance i-0000000000000001a: only the conductor/,
    ],
    ['is that of its attempt', aRecord([aHeldEntry({ attempt: 2 })]), claim(), /has no entry/],
    ['is that of its run', aRecord([aHeldEntry({ runId: 'feedbeef' })]), claim(), /has no entry/],
    ['is that of its instance', aRecord([aHeldEntry({ instanceId: 'i-0b' })]), claim(), /has no entry/],
    [
      'is bound to its name',
      aRecord([aHeldEntry()]),
      claim({ execution: 'by-hand' }),
      /has no entry for execution by-hand/,
    ],
    [
      'ends when it is leaving, for a drain',
      aRecord([aHeldEntry({ state: 'leaving' })]),
      claim(),
      /is being terminated already/,
    ],
    [
      'holds while it is leaving, for its termination',
      aRecord([aHeldEntry({ state: 'leaving' })]),
      claim({ states: ['inHand', 'leaving'] }),
      undefined,
    ],
    [
      'is void under halt, whose words are quoted',
      aRecord([aHeldEntry()], { orders: { halt: 'budget is gone' } }),
      claim({ states: ['inHand', 'leaving'] }),
      /^The upgrade was stopped at once by an operator: budget is gone$/,
    ],
    [
      'is not void under cancel and pause',
      aRecord([aHeldEntry()], { orders: { cancel: 'x', pause: 'y' } }),
      claim(),
      undefined,
    ],
    [
      'is missing when the accounts cannot be read',
      aRecord([], { accounts: 'unreadable' }),
      claim(),
      /no accounts that can be read/,
    ],
  ];
  for (const [title, record, asked, refusal] of rows) {
    it(title, () => {
      const said = refusalOfLicence(record, asked);
      if (refusal === undefined) assert.equal(said, undefined);
      else assert.match(said ?? '', refusal);
    });
  }

  it('holds whoever holds the record: what was in hand is adopted by a later run', () =>
    assert.equal(refusalOfLicence({ ...aRecord([aHeldEntry()]), holder: 'another run' }, claim()), undefined));

  it('is missing before the first accounts are written', () =>
    assert.match(refusalOfLicence(aRecord([], { accounts: undefined }), claim()) ?? '', /no accounts/));

  it('is refused in one sentence of bounded length, whatever an operator has written', () => {
    const halt = `\u202e${'x'.repeat(5000)}\n\u0007`;
    const said = refusalOfLicence(aRecord([], { orders: { halt } }), claim()) ?? '';
    assert.ok(said.length < 600);
    assert.doesNotMatch(said, /\p{Cc}|\u202e/u);
  });
});

describe('a drain that was never begun', () => {
  const cases: [title: string, facts: { hasBegun: boolean; nowAt: string }, isRefused: boolean][] = [
    ['may begin within ten minutes', { hasBegun: false, nowAt: later(600) }, false],
    ['is void after ten minutes', { hasBegun: false, nowAt: later(601) }, true],
    ['goes on after ten minutes when its Node says that it has begun', { hasBegun: true, nowAt: later(5000) }, false],
  ];
  for (const [title, facts, isRefused] of cases) {
    it(title, () => assert.equal(refusalOfLateBegin(anEntry(), facts) !== undefined, isRefused));
  }
});
