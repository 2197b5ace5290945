import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { parseScenario } from '../../world/load-scenario.ts';
import { executionFaults } from '../../world/scenario/execution-faults.ts';
import { functionFaults } from '../../world/scenario/function-faults.ts';

const parse = (more: object) =>
  parseScenario(JSON.stringify({ clusters: [{ name: 'shop', groups: [] }], ...more }), 'mine.yaml');

describe('a scenario of functions and executions', () => {
  const refused: [string, object, RegExp][] = [
    ['a function whose key is none', { kind: 'functionCrashes', function: 'drain-node' }, /e\.g\. drainNode/],
    ['a call before the first', { kind: 'functionCrashes', function: 'drainNode', fromCall: 0 }, />=1/],
    ['no calls', { kind: 'functionTimesOut', function: 'drainNode', times: 0 }, />=1/],
    ['a timeout of no length', { kind: 'functionTimesOut', function: 'drainNode', afterSeconds: 0 }, />0/],
    ['a freeze of no length', { kind: 'functionFreezes', function: 'drainNode', forSeconds: 0 }, />0/],
    ['another error of sleep', { kind: 'functionAsleep', error: 'Lambda.Unknown' }, /ResourceNotReadyException/],
    ['a stop before the start', { kind: 'stopExecution', atSeconds: -1, stateMachine: 'a' }, />=0/],
    ['a redrive of nobody', { kind: 'redriveExecution', atSeconds: 1, stateMachine: 'a' }, /name/],
    ['answers of no age', { kind: 'staleExecutions', secondsAgo: 0 }, />0/],
    [
      'a spell that ends before it begins',
      { kind: 'loseEvents', fromSeconds: 9, untilSeconds: 9 },
      /later than fromSeconds/,
    ],
    ['an action of no service', { kind: 'iamDenies', action: 'StartExecution' }, /e\.g\. states:StartExecution/],
  ];
  for (const [title, fault, message] of refused)
    it(`is refused for ${title}`, () => {
      assert.throws(() => parse({ faults: [fault] }), message);
    });

  const rules: [string, object, RegExp][] = [
    ['no rate', { rate: 'rate(0 minutes)' }, /expected a rate/],
    ['a rate in the wrong number', { rate: 'rate(1 minutes)' }, /expected a rate/],
    [
      'a pattern with content filters',
      { pattern: { source: [{ prefix: 'aws.' }] } },
      /content filters are not simulated/,
    ],
    [
      'both a pattern and a rate',
      { rate: 'rate(1 hour)', pattern: { source: ['aws.states'] } },
      /either a pattern or a rate/,
    ],
    ['neither', {}, /either a pattern or a rate/],
  ];
  for (const [title, rule, message] of rules)
    it(`is refused for a rule with ${title}`, () => {
      assert.throws(() => parse({ rules: [{ name: 'janitor', function: 'janitor', ...rule }] }), message);
    });
});

describe('an option of functions and executions', () => {
  /** Which file tests it. */
  const testedIn = {
    functionTimesOut: 'lambda/function-faults',
    functionCrashes: 'lambda/function-faults',
    functionFreezes: 'lambda/function-faults',
    functionAsleep: 'lambda/function-faults',
    stopExecution: 'aws/step-functions/executions-from-outside',
    redriveExecution: 'aws/step-functions/executions-from-outside',
    staleExecutions: 'aws/step-functions/executions-from-outside',
    loseEvents: 'event-bridge/event-bridge',
    iamDenies: 'aws/step-functions/executions-from-outside',
  } as const;

  it('is in this table', () => {
    const kinds = [...functionFaults, ...executionFaults].map(({ shape }) => shape.kind.value);
    assert.deepEqual(kinds.sort(), Object.keys(testedIn).sort());
  });

  for (const [kind, file] of Object.entries(testedIn))
    it(`${kind} has tests in ${file}.test.ts`, () => {
      const tests = readFileSync(join(import.meta.dirname, `../${file}.test.ts`), 'utf8');
      assert.ok(tests.includes(`kind: '${kind}'`));
    });
});
