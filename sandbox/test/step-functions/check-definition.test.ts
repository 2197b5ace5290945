import assert from 'node:assert/strict';
import { checkDefinition, checkSubset, findFaults } from '../../step-functions/definition/check-definition.ts';
import { task } from './run-machine.ts';

const done = { Done: { Type: 'Succeed' } };
const machine = (state: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  StartAt: 'S',
  States: { S: state, ...('Next' in state || 'Default' in state ? done : {}) },
  ...more,
});
const map = (fields: Record<string, unknown>, config: Record<string, unknown>) => ({
  Type: 'Map',
  End: true,
  ItemProcessor: { ProcessorConfig: config, StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
  ...fields,
});
const DISTRIBUTED = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };

describe('check-definition', () => {
  it('takes a definition that uses everything in the subset', () => {
    const definition = {
      Comment: 'all of it',
      QueryLanguage: 'JSONPath',
      Version: '1.0',
      TimeoutSeconds: 86_400,
      StartAt: 'Plan',
      States: {
        Plan: task('plan', {
          Comment: 'plan',
          QueryLanguage: 'JSONPath',
          InputPath: '$.a',
          Parameters: { 'x.$': '$.list[*].n', 'y.$': "States.Format('{}', $$.Execution.Name)", z: [1] },
          ResultSelector: { 'r.$': '$.r' },
          ResultPath: '$.plan',
          OutputPath: '$',
          TimeoutSeconds: 60,
          HeartbeatSeconds: 30,
          Retry: [
            {
              ErrorEquals: ['A'],
              IntervalSeconds: 1,
              MaxAttempts: 0,
              BackoffRate: 1.5,
              MaxDelaySeconds: 9,
              JitterStrategy: 'FULL',
            },
            { ErrorEquals: ['States.ALL'] },
          ],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed', ResultPath: '$.e' }],
          Next: 'Wait',
        }),
        Wait: { Type: 'Wait', SecondsPath: '$.n', Next: 'IsOk' },
        IsOk: {
          Type: 'Choice',
          Choices: [
            {
              And: [{ Variable: '$.a', IsPresent: false }, { Not: { Variable: '$.b', NumericLessThanPath: '$.c' } }],
              Next: 'All',
            },
          ],
          Default: 'Failed',
        },
        All: {
          ...map(
            {
              Label: 'nodes',
              MaxConcurrencyPath: '$.k',
              ToleratedFailurePercentage: 5,
              ItemSelector: { 'i.$': '$$.Map.Item.Value' },
            },
            DISTRIBUTED,
          ),
          Catch: [],
        },
        Failed: { Type: 'Fail', ErrorPath: '$.e.Error', CausePath: "States.Format('{}', $.e.Cause)" },
      },
    };
    (definition.States.All as Record<string, unknown>).End = true;
    assert.deepEqual(findFaults(definition), []);
    assert.equal(checkDefinition(definition), definition);
  });

  /** Refused by the validator of the States Language, which takes a tenth of a second for each. */
  const refused: [string, unknown, RegExp][] = [
    ['something that is no object', 'text', /an object is expected at \//],
    ['a machine without states', { StartAt: 'A' }, /must have required property 'States' at \//],
    ['a start that does not exist', { StartAt: 'X', States: done }, /Missing 'StartAt'\|'Next'\|'Default' target: X/],
    [
      'a target that does not exist',
      { StartAt: 'S', States: { S: { Type: 'Pass', Next: 'X' }, ...done } },
      /Missing 'StartAt'\|'Next'\|'Default' target: X/,
    ],
    [
      'a state that nothing leads to',
      { StartAt: 'Done', States: { ...done, S: { Type: 'Succeed' } } },
      /State S is not reachable/,
    ],
    [
      'a machine that never ends',
      { StartAt: 'S', States: { S: { Type: 'Pass', Next: 'S' } } },
      /is missing a terminal state/,
    ],
    ['a state without Next or End', machine({ Type: 'Pass' }), /State "S" MUST contain exactly one of "End", "Next"/],
    [
      'a state with Next and End',
      machine({ Type: 'Pass', Next: 'Done', End: true }),
      /State "S" MUST contain exactly one of "End", "Next"/,
    ],
    [
      'a ResultPath with *',
      machine(task('f', { ResultPath: '$.a[*]' })),
      /must match format "asl_result_path" at \/States\/S\/ResultPath/,
    ],
    [
      'a timeout that is no whole number',
      machine(task('f', { TimeoutSeconds: 1.5 })),
      /must match exactly one schema in oneOf at \/States\/S\/TimeoutSeconds/,
    ],
    [
      'two timeouts',
      machine(task('f', { TimeoutSeconds: 5, TimeoutSecondsPath: '$.t' })),
      /MUST contain at most one of "TimeoutSeconds", "TimeoutSecondsPath"/,
    ],
    [
      'a Wait without a time',
      machine({ Type: 'Wait', End: true }),
      /MUST contain exactly one of "Seconds", "SecondsPath"/,
    ],
    [
      'comparisons that do not exist',
      machine({ Type: 'Choice', Default: 'Done', Choices: [{ Variable: '$', StringIs: 'x', Next: 'Done' }] }),
      /must match exactly one schema in oneOf at \/States\/S\/Choices\/0/,
    ],
    [
      'two comparisons in one rule',
      machine({
        Type: 'Choice',
        Default: 'Done',
        Choices: [{ Variable: '$', IsNull: true, IsString: true, Next: 'Done' }],
      }),
      /must match exactly one schema in oneOf at \/States\/S\/Choices\/0/,
    ],
    [
      'a comparison with the wrong type',
      machine({ Type: 'Choice', Default: 'Done', Choices: [{ Variable: '$', NumericEquals: '5', Next: 'Done' }] }),
      /at \/States\/S\/Choices\/0\/NumericEquals/,
    ],
    [
      'a rule without Next',
      machine({ Type: 'Choice', Default: 'Done', Choices: [{ Variable: '$', IsNull: true }] }),
      /must match exactly one schema in oneOf at \/States\/S\/Choices\/0/,
    ],
    [
      'both forms of MaxConcurrency',
      machine(map({ MaxConcurrency: 1, MaxConcurrencyPath: '$.k' }, DISTRIBUTED)),
      /MUST contain at most one of "MaxConcurrency", "MaxConcurrencyPath"/,
    ],
    ['a state that is no object', { StartAt: 'S', States: { S: null } }, /states of Type undefined are not supported/],
    [
      'a name used on two levels',
      { StartAt: 'P', States: { P: map({}, DISTRIBUTED) } },
      /A state with this name already exists: P/,
    ],
  ];
  for (const [title, definition, reason] of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(() => checkDefinition(definition), { name: 'InvalidDefinition', message: reason });
    });
  }

  const outsideSubset: [string, unknown, RegExp][] = [
    [
      'Parallel states',
      machine({ Type: 'Parallel', End: true }),
      /states of Type "Parallel" are not supported at \/States\/S\/Type/,
    ],
    [
      'JSONata in a state',
      machine({ Type: 'Pass', QueryLanguage: 'JSONata', End: true }),
      /JSONPath is expected, not "JSONata"/,
    ],
    [
      'JSONata for the machine',
      machine({ Type: 'Pass', End: true }, { QueryLanguage: 'JSONata' }),
      /JSONPath is expected/,
    ],
    [
      'variables',
      machine({ Type: 'Pass', Assign: { a: 1 }, End: true }),
      /Field 'Assign' is not supported at \/States\/S/,
    ],
    ['fields that nobody knows', machine(task('f', { TimeoutSecond: 5 })), /Field 'TimeoutSecond' is not supported/],
    [
      'service integrations',
      machine(task('f', { Resource: 'arn:aws:states:::lambda:invoke' })),
      /a Lambda function is expected/,
    ],
    [
      'placeholders in a resource',
      machine(task('f', { Resource: '${PlanLambdaFunction.Arn}' })),
      /a Lambda function is expected/,
    ],
    [
      'filters in a path',
      machine({ Type: 'Pass', InputPath: '$.a[?(@.b)]', End: true }),
      /not a path of the supported subset.* at \/States\/S\/InputPath/,
    ],
    [
      'a ResultPath into the context object',
      machine(task('f', { ResultPath: '$$.a' })),
      /the context object cannot be written/,
    ],
    [
      'a template with a broken path',
      machine(task('f', { Parameters: { a: [{ 'b.$': 'c' }] } })),
      /at \/States\/S\/Parameters\/a\/0\/b\.\$/,
    ],
    [
      'intrinsic functions that do not exist',
      machine(task('f', { Parameters: { 'b.$': 'States.Nope()' } })),
      /States\.Nope is not an intrinsic function/,
    ],
    [
      'intrinsic functions with too few arguments',
      machine(task('f', { Parameters: { 'b.$': 'States.MathAdd(1)' } })),
      /States\.MathAdd does not take 1 argument /,
    ],
    [
      'unfinished intrinsic calls',
      machine(task('f', { Parameters: { 'b.$': "States.Format('a'" } })),
      /',' or '\)' expected at position 18/,
    ],
    [
      'States.ALL with others',
      machine(task('f', { Retry: [{ ErrorEquals: ['States.ALL', 'A'] }] })),
      /States\.ALL must stand alone/,
    ],
    [
      'States.ALL before others',
      machine(task('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] })),
      /States\.ALL must come last/,
    ],
    [
      'a maximum delay below the interval',
      machine(task('f', { Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 9, MaxDelaySeconds: 9 }] })),
      /MaxDelaySeconds must be greater/,
    ],
    [
      'a backoff below 1',
      machine(task('f', { Retry: [{ ErrorEquals: ['A'], BackoffRate: 0.5 }] })),
      /BackoffRate must be at least 1/,
    ],
    [
      'a Wait until no timestamp',
      machine({ Type: 'Wait', Timestamp: 'noon', End: true }),
      /an RFC 3339 timestamp is expected/,
    ],
    ['Retry on a Pass state', machine({ Type: 'Pass', Retry: [], End: true }), /Field 'Retry' is not supported/],
    [
      'a distributed Map without ExecutionType',
      machine(map({}, { Mode: 'DISTRIBUTED' })),
      /ExecutionType STANDARD is expected/,
    ],
    ['EXPRESS children', machine(map({}, { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' })), /STANDARD is expected/],
    [
      'tolerance on an inline Map',
      machine(map({ ToleratedFailureCount: 1 }, { Mode: 'INLINE' })),
      /ToleratedFailureCount needs Mode DISTRIBUTED/,
    ],
    [
      'labels over 40 characters',
      machine(map({ Label: 'x'.repeat(41) }, DISTRIBUTED)),
      /a label has 1 to 40 characters/,
    ],
    ['labels with spaces', machine(map({ Label: 'a b' }, DISTRIBUTED)), /a label has 1 to 40 characters/],
    ['versions but 1.0', machine({ Type: 'Pass', End: true }, { Version: '2.0' }), /1\.0 is expected at \/Version/],
    [
      'Next in an inner rule',
      machine({
        Type: 'Choice',
        Default: 'Done',
        Choices: [{ Not: { Variable: '$', IsNull: true, Next: 'Done' }, Next: 'Done' }],
      }),
      /Next belongs to the outermost rule/,
    ],
    [
      'a comparison with no timestamp',
      machine({ Type: 'Choice', Default: 'Done', Choices: [{ Variable: '$', TimestampEquals: 'noon', Next: 'Done' }] }),
      /an RFC 3339 timestamp is expected/,
    ],
    ['a retrier without error names', machine(task('f', { Retry: [{ ErrorEquals: [] }] })), /a list of error names/],
    [
      'fields that no retrier has',
      machine(task('f', { Retry: [{ ErrorEquals: ['A'], Interval: 5 }] })),
      /Field 'Interval' is not supported at \/States\/S\/Retry\/0/,
    ],
    [
      'unknown jitter',
      machine(task('f', { Retry: [{ ErrorEquals: ['A'], JitterStrategy: 'SOME' }] })),
      /JitterStrategy FULL or NONE is expected/,
    ],
    ['a Wait of more than three years', machine({ Type: 'Wait', Seconds: 1e8, End: true }), /from 0 to 99999999/],
    [
      'States.ALL before other catchers',
      machine(
        task('f', {
          Catch: [
            { ErrorEquals: ['States.ALL'], Next: 'Done' },
            { ErrorEquals: ['A'], Next: 'Done' },
          ],
          Next: 'Done',
        }),
      ),
      /States\.ALL must come last at \/States\/S\/Catch\/0/,
    ],
    [
      'a catcher that writes several values',
      machine(task('f', { Catch: [{ ErrorEquals: ['A'], Next: 'Done', ResultPath: '$.a[*]' }], Next: 'Done' })),
      /must name one value at \/States\/S\/Catch\/0\/ResultPath/,
    ],
    [
      'parameters that are no object',
      machine(task('f', { Parameters: '$.a' })),
      /an object is expected at \/States\/S\/Parameters/,
    ],
    [
      'a nested execution of no machine',
      machine({ Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', Parameters: {}, End: true }),
      /These fields are required: \[StateMachineArn\]/,
    ],
    ['an item reader', machine(map({ ItemReader: {} }, DISTRIBUTED)), /Field 'ItemReader' is not supported/],
  ];
  for (const [title, definition, reason] of outsideSubset) {
    it(`refuses ${title}, as outside the subset`, () => {
      assert.throws(() => checkSubset(definition), { name: 'InvalidDefinition', message: reason });
    });
  }

  it('refuses both at once, with a sentence for each fault', () => {
    const definition = machine(task('f', { Retry: [{ ErrorEquals: ['States.ALL', 'A'] }] }), { StartAt: 'X' });
    const message = /States\.ALL must stand alone .*; Missing 'StartAt'\|'Next'\|'Default' target: X/;
    assert.throws(() => checkDefinition(definition), { name: 'InvalidDefinition', message });
  });
});
