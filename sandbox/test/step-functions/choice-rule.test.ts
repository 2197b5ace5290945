import assert from 'node:assert/strict';
import type { ChoiceRule } from '../../step-functions/definition/definition.ts';
import { holdsChoiceRule } from '../../step-functions/expressions/choice-rule.ts';
import { createRandom } from '../../world/random.ts';

const input = {
  text: 'b',
  other: 'c',
  path: 'log-2026.txt',
  star: 'a*b',
  n: 5,
  m: 7,
  yes: true,
  no: false,
  nothing: null,
  at: '2026-01-01T12:00:00Z',
  later: '2026-01-01T13:30:00+01:00',
};
const holds = (rule: ChoiceRule) =>
  holdsChoiceRule(rule, { input, context: () => ({ State: { Name: 'Here' } }), random: createRandom(1) });
const on = (name: string, operator: string, operand: unknown): ChoiceRule => ({
  Variable: `$.${name}`,
  [operator]: operand,
});

describe('choice-rule', () => {
  const table: [string, string, unknown, boolean][] = [
    ['text', 'StringEquals', 'b', true],
    ['text', 'StringEquals', 'B', false],
    ['text', 'StringLessThan', 'c', true],
    ['text', 'StringLessThan', 'b', false],
    ['text', 'StringGreaterThan', 'a', true],
    ['text', 'StringLessThanEquals', 'b', true],
    ['text', 'StringGreaterThanEquals', 'c', false],
    ['text', 'StringEqualsPath', '$.text', true],
    ['text', 'StringLessThanPath', '$.other', true],
    ['text', 'StringGreaterThanPath', '$.other', false],
    ['text', 'StringLessThanEqualsPath', '$.other', true],
    ['text', 'StringGreaterThanEqualsPath', '$.other', false],
    ['n', 'StringEquals', '5', false],
    ['path', 'StringMatches', 'log-*.txt', true],
    ['path', 'StringMatches', 'log-*.tx', false],
    ['path', 'StringMatches', 'log-2026?txt', false],
    ['star', 'StringMatches', 'a\\*b', true],
    ['path', 'StringMatches', 'log\\*', false],
    ['n', 'NumericEquals', 5, true],
    ['n', 'NumericEquals', 5.5, false],
    ['n', 'NumericLessThan', 6, true],
    ['n', 'NumericGreaterThan', 5, false],
    ['n', 'NumericLessThanEquals', 5, true],
    ['n', 'NumericGreaterThanEquals', 5, true],
    ['n', 'NumericEqualsPath', '$.m', false],
    ['n', 'NumericLessThanPath', '$.m', true],
    ['n', 'NumericGreaterThanPath', '$.m', false],
    ['n', 'NumericLessThanEqualsPath', '$.m', true],
    ['n', 'NumericGreaterThanEqualsPath', '$.text', false],
    ['text', 'NumericEquals', 5, false],
    ['yes', 'BooleanEquals', true, true],
    ['no', 'BooleanEquals', false, true],
    ['yes', 'BooleanEqualsPath', '$.no', false],
    ['text', 'BooleanEquals', true, false],
    ['at', 'TimestampEquals', '2026-01-01T13:00:00+01:00', true],
    ['at', 'TimestampLessThan', '2026-01-01T12:00:01Z', true],
    ['at', 'TimestampGreaterThan', '2026-01-01T12:00:00Z', false],
    ['at', 'TimestampLessThanEquals', '2026-01-01T12:00:00Z', true],
    ['at', 'TimestampGreaterThanEquals', '2026-01-01T12:00:00Z', true],
    ['at', 'TimestampEqualsPath', '$.later', false],
    ['at', 'TimestampLessThanPath', '$.later', true],
    ['at', 'TimestampGreaterThanPath', '$.later', false],
    ['at', 'TimestampLessThanEqualsPath', '$.later', true],
    ['at', 'TimestampGreaterThanEqualsPath', '$.later', false],
    ['text', 'TimestampEquals', '2026-01-01T12:00:00Z', false],
    ['text', 'IsPresent', true, true],
    ['nothing', 'IsPresent', true, true],
    ['missing', 'IsPresent', true, false],
    ['missing', 'IsPresent', false, true],
    ['text', 'IsPresent', false, false],
    ['nothing', 'IsNull', true, true],
    ['text', 'IsNull', false, true],
    ['text', 'IsString', true, true],
    ['n', 'IsString', false, true],
    ['n', 'IsNumeric', true, true],
    ['text', 'IsNumeric', false, true],
    ['no', 'IsBoolean', true, true],
    ['n', 'IsBoolean', false, true],
    ['at', 'IsTimestamp', true, true],
    ['text', 'IsTimestamp', false, true],
  ];
  for (const [name, operator, operand, expected] of table) {
    it(`${operator} ${JSON.stringify(operand)} ${expected ? 'holds' : 'does not hold'} for $.${name}`, () => {
      assert.equal(holds(on(name, operator, operand)), expected);
    });
  }

  const yes = on('yes', 'BooleanEquals', true);
  const no = on('yes', 'BooleanEquals', false);
  const combinations: [string, ChoiceRule, boolean][] = [
    ['And holds when all rules hold', { And: [yes, yes] }, true],
    ['And does not hold when one rule does not', { And: [yes, no] }, false],
    ['Or holds when one rule holds', { Or: [no, yes] }, true],
    ['Or does not hold when no rule does', { Or: [no, no] }, false],
    ['Not turns a rule round', { Not: no }, true],
    ['combinations nest', { And: [{ Or: [no, { Not: no }] }, yes] }, true],
    [
      'And looks no further than the first rule that fails',
      { And: [on('missing', 'IsPresent', true), on('missing', 'NumericEquals', 1)] },
      false,
    ],
    ['rules may read the context object', { Variable: '$$.State.Name', StringEquals: 'Here' }, true],
  ];
  for (const [title, rule, expected] of combinations) {
    it(title, () => {
      assert.equal(holds(rule), expected);
    });
  }

  for (const rule of [
    on('missing', 'StringEquals', 'x'),
    on('missing', 'IsNull', true),
    on('n', 'NumericEqualsPath', '$.missing'),
  ]) {
    it(`${JSON.stringify(rule)} fails, because the value is not there`, () => {
      assert.throws(() => holds(rule), {
        name: 'States.Runtime',
        message: "Invalid path '$.missing': The choice state's condition path references an invalid value.",
      });
    });
  }
});
