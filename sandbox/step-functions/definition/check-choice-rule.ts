import { operandOf, operatorsOf } from '../expressions/choice-rule.ts';
import { isObject } from '../expressions/json.ts';
import type { ChoiceRule } from './definition.ts';
import { bool, type Check, number, path, type Report, text, timestamp } from './field-checks.ts';

const operandChecks: Readonly<Record<string, Check>> = {
  path,
  string: text,
  boolean: bool,
  timestamp,
  number: number(-Number.MAX_VALUE, Number.MAX_VALUE),
};

function checkRule(value: unknown, location: string, isOutermost: boolean, report: Report): void {
  if (!isObject(value)) {
    report('a rule is expected', location);
    return;
  }
  const rule = value as ChoiceRule;
  if (isOutermost && typeof rule.Next !== 'string') report('Next is required', location);
  if (!isOutermost && rule.Next !== undefined) report('Next belongs to the outermost rule', location);
  const operators = operatorsOf(rule);
  const combined = (['And', 'Or', 'Not'] as const).filter((name) => rule[name] !== undefined);
  if (operators.length + combined.length !== 1) {
    report(
      `a rule needs exactly one comparison, And, Or or Not; this one has ${[...operators, ...combined].join(', ') || 'none'}`,
      location,
    );
    return;
  }
  for (const name of combined) {
    const inner: unknown = rule[name];
    if (name === 'Not') checkRule(inner, `${location}/Not`, false, report);
    else if (!Array.isArray(inner) || inner.length === 0) report('a list of rules is expected', `${location}/${name}`);
    else {
      inner.forEach((each, index) => {
        checkRule(each, `${location}/${name}/${index}`, false, report);
      });
    }
  }
  for (const operator of operators) {
    const operand = operandOf(operator);
    if (operand === undefined) {
      report(`${operator} is not a comparison`, location);
      continue;
    }
    path(rule.Variable, `${location}/Variable`, report);
    operandChecks[operand]?.(rule[operator], `${location}/${operator}`, report);
  }
}

/** Check the Choices of a Choice state. */
export const choiceRules: Check = (value, location, report) => {
  if (!Array.isArray(value) || value.length === 0) return report('a list of rules is expected', location);
  value.forEach((rule, index) => {
    checkRule(rule, `${location}/${index}`, true, report);
  });
};
